"""Every verb for real, by every CLI, and what its answer is read as."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dockcli import Container, Docker, Image, Volume, errors
from dockcli.models.container import Change, ChangeKind, State

ID = re.compile("[0-9a-f]{64}")
IMAGE_ID = re.compile("sha256:[0-9a-f]{64}")


def recent(moment: datetime | None) -> bool:
    """Whether it has just been, and has its zone."""
    return moment is not None and abs(datetime.now(timezone.utc) - moment) < timedelta(minutes=5)


@pytest.fixture
def box(cli: Docker, cli_base: str, unique: Callable[[str], str]) -> Iterator[Container]:
    """A container that has not been started yet and that writes, waits and ends with 7."""
    script = "echo out; echo err >&2; echo new >/home/new; rm /etc/group; exit 7"
    one = cli.container.create(
        cli_base,
        "sh",
        "-c",
        script,
        name=unique("box"),
        label={"k": "v", "empty": ""},
        volume=["/anonymous"],
    )
    yield one
    cli.container.rm(one, force=True, volumes=True)


# --- containers


def test_create_and_inspect(cli: Docker, cli_base: str, box: Container, unique: Any) -> None:
    assert ID.fullmatch(box.id)
    one = cli.container.inspect(box)
    assert (one.id, one.name, one.state) == (box.id, unique("box"), State.CREATED)
    assert one.image.removeprefix("localhost/") == cli_base
    assert one.image_id.removeprefix("sha256:") in cli.image.inspect(cli_base).id
    assert recent(one.created)
    assert one.started_at is None
    assert one.labels["k"] == "v"
    assert one.labels["empty"] == ""
    assert [(mount.type, mount.destination, mount.read_only) for mount in one.mounts] == [
        ("volume", "/anonymous", False)
    ]
    assert one.raw["Id"] == box.id


def test_start_wait_logs_and_the_end(cli: Docker, box: Container) -> None:
    assert cli.container.start(box) == [box.id]
    assert cli.container.wait(box) == 7
    one = box.inspect()
    assert (one.state, one.exit_code, one.running) == (State.EXITED, 7, False)
    assert recent(one.started_at)
    assert recent(one.finished_at)
    told = box.logs()
    assert (told.stdout, told.stderr) == (b"out\n", b"err\n")


def test_start_attached_gives_what_it_wrote(cli: Docker, cli_base: str) -> None:
    one = cli.container.create(cli_base, "echo", "attached")
    assert one.start(attach=True) == ["attached"]
    one.rm()


def test_diff_tells_added_changed_and_deleted(cli: Docker, box: Container) -> None:
    box.start()
    box.wait()
    found = box.diff()
    assert Change(ChangeKind.ADDED, "/home/new") in found
    assert Change(ChangeKind.CHANGED, "/home") in found
    assert Change(ChangeKind.DELETED, "/etc/group") in found


def test_wait_for_several(cli: Docker, cli_base: str) -> None:
    made = [cli.container.create(cli_base, "sh", "-c", f"sleep 1; exit {code}") for code in (3, 4)]
    cli.container.start(*made)
    assert cli.container.wait(*made) == [3, 4]
    assert cli.container.rm(*made) == [one.id for one in made]


def test_stop_and_rm_of_a_running_one(cli: Docker, cli_base: str) -> None:
    script = "trap 'exit 5' TERM; sleep 60 & wait"
    one = cli.run(cli_base, "sh", "-c", script, detach=True)
    with pytest.raises(errors.InUse):
        one.rm()
    assert cli.container.stop(one) == [one.id]
    assert one.inspect().state is State.EXITED
    assert one.rm() == [one.id]
    with pytest.raises(errors.NoSuchContainer):
        one.inspect()


def test_cp_there_and_back(cli: Docker, box: Container, tmp_path: Path) -> None:
    content = bytes(range(256))
    (tmp_path / "a:b").write_bytes(content)
    cli.container.cp(tmp_path / "a:b", f"{box}:/home/copy")
    cli.container.cp(f"{box}:/home/copy", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content


def test_cp_of_what_is_not_there(cli: Docker, box: Container, tmp_path: Path) -> None:
    with pytest.raises(errors.NoSuchObject) as caught:
        cli.container.cp(f"{box}:/no/such/file", tmp_path / "back")
    assert not isinstance(caught.value, errors.NoSuchImage)
    with pytest.raises(errors.NoSuchObject):
        cli.container.cp("no-such-container:/x", tmp_path / "back")
    assert list(tmp_path.iterdir()) == []


def test_exec_needs_one_that_runs(cli: Docker, box: Container) -> None:
    with pytest.raises(errors.DockerFailed) as caught:
        box.exec("true")
    assert not isinstance(caught.value, errors.NoSuchObject)
    with pytest.raises(errors.NoSuchContainer):
        cli.container.exec("no-such-container", "true")


def test_export_is_the_file_system(cli: Docker, box: Container, tmp_path: Path) -> None:
    exported = cli.container.export(box)
    with tarfile.open(fileobj=io.BytesIO(exported.stdout)) as tar:
        assert {"bin/busybox", "etc/passwd"} & set(tar.getnames())
    cli.container.export(box, output=tmp_path / "file.tar")
    assert (tmp_path / "file.tar").read_bytes() == exported.stdout


def test_commit_makes_an_image(cli: Docker, box: Container, unique: Any) -> None:
    box.start()
    box.wait()
    image = cli.container.commit(box, unique("committed"), change=["LABEL from=commit"])
    assert isinstance(image, Image)
    assert image.inspect().labels["from"] == "commit"
    assert cli.run(image, "cat", "/home/new", rm=True).text == "new\n"
    image.rm()


def test_ls_lists_in_full_and_filters_exactly(cli: Docker, cli_base: str, unique: Any) -> None:
    stem = unique("n")
    labels = {stem: "v", f"{stem}-1": "v2", f"x{stem}": "v", f"{stem}x": "vv"}
    made = {
        name: cli.container.create(cli_base, "true", name=name, label={stem: value})
        for name, value in labels.items()
    }
    found = cli.container.ls(all=True, filter={"label": f"{stem}=v"})
    assert sorted(one.name for one in found) == sorted([stem, f"x{stem}"])
    assert {one.id for one in found} == {made[one.name].id for one in found}
    everything = cli.ps(all=True, filter={"label": stem})
    assert sorted(one.name for one in everything) == sorted(labels)
    exact = cli.container.ls(all=True, filter={"name": f"^{stem}$"})
    assert [one.name for one in exact] == [stem]
    assert cli.container.ls(filter={"label": stem}) == []  # none of them runs
    assert cli.container.ls(all=True, filter={"label": f"{stem}=nobody"}) == []
    cli.container.rm(*made.values())


def test_ls_in_docker_s_own_words(cli: Docker, box: Container, unique: Any) -> None:
    mine = {"label": "k=v", "name": unique("box")}
    assert cli.container.ls(all=True, filter=mine, format="{{.Names}}").text == f"{unique('box')}\n"
    assert cli.container.ls(all=True, filter=mine, quiet=True, no_trunc=True).text == f"{box}\n"


def test_inspect_of_several_of_which_one_is_missing(
    cli: Docker, box: Container, unique: Any
) -> None:
    with pytest.raises(errors.NoSuchContainer) as caught:
        cli.container.inspect(box, "no-such-container")
    assert [one.name for one in caught.value.found] == [unique("box")]  # type: ignore[attr-defined]
    assert "no-such-container" in str(caught.value)


@pytest.mark.parametrize(
    "verb", ["start", "stop", "rm", "diff", "logs", "wait", "export", "commit"]
)
def test_no_such_container(verb: str, cli: Docker) -> None:
    with pytest.raises(errors.NoSuchContainer):
        getattr(cli.container, verb)("no-such-container")


def test_a_name_that_is_taken(cli: Docker, cli_base: str, box: Container, unique: Any) -> None:
    with pytest.raises(errors.NameConflict):
        cli.container.create(cli_base, "true", name=unique("box"))


# --- images


@pytest.fixture
def image(cli: Docker, cli_base: str, unique: Callable[[str], str]) -> Iterator[Image]:
    name = unique("image")
    one = cli.image.build("-", tag=name, label={"k": "v"}, stdin=f"FROM {cli_base}\nUSER 1000\n")
    yield one
    cli.raw("image", "rm", name, check=False)


def test_build_and_inspect(cli: Docker, image: Image, unique: Any) -> None:
    assert IMAGE_ID.fullmatch(image.id)
    one = image.inspect()
    assert one.id == image.id
    assert [tag.removeprefix("localhost/") for tag in one.tags] == [f"{unique('image')}:latest"]
    assert one.labels["k"] == "v"
    assert (one.os, one.architecture) == ("linux", cli.version().architecture)
    assert recent(one.created)
    assert one.size > 1000
    assert one.layers
    assert all(IMAGE_ID.fullmatch(layer) for layer in one.layers)
    assert one.raw["Architecture"] == one.architecture


def test_build_of_a_folder_and_quiet(cli: Docker, cli_base: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content\n")
    (tmp_path / "My file").write_text(f"FROM {cli_base}\nCOPY file /file\n")
    one = cli.image.build(tmp_path, file=tmp_path / "My file", quiet=True)
    assert cli.run(one, "cat", "/file", rm=True).text == "content\n"
    one.rm()


def test_a_build_that_fails_says_where(cli: Docker, cli_base: str) -> None:
    with pytest.raises(errors.DockerFailed) as caught:
        cli.image.build("-", stdin=f"FROM {cli_base}\nRUN exit 9\n", rm=True, force_rm=True)
    assert re.search(r"\b9\b", str(caught.value))
    for dangling in cli.image.ls(filter={"dangling": "true"}):
        cli.raw("image", "rm", dangling.id, check=False)


def test_tag_and_rm(cli: Docker, image: Image, unique: Any) -> None:
    other = unique("other")
    assert image.tag(f"{other}:1.0") is None
    assert f"{other}:1.0" in {tag.removeprefix("localhost/") for tag in image.inspect().tags}
    removal = cli.image.rm(f"{other}:1.0")
    assert [name.removeprefix("localhost/") for name in removal.untagged] == [f"{other}:1.0"]
    assert removal.deleted == ()
    removal = cli.image.rm(unique("image"))
    assert any(deleted.removeprefix("sha256:") in image.id for deleted in removal.deleted)
    with pytest.raises(errors.NoSuchImage):
        cli.image.inspect(image)


def test_an_image_in_use(cli: Docker, image: Image) -> None:
    one = cli.container.create(image, "true")
    with pytest.raises(errors.InUse):
        cli.image.rm(image)
    one.rm()


def test_images_are_listed_once_with_all_their_tags(cli: Docker, image: Image, unique: Any) -> None:
    image.tag(unique("second"))
    found = cli.images(filter={"label": "k=v"})
    mine = [one for one in found if one.id == image.id]
    assert len(mine) == 1
    assert {tag.removeprefix("localhost/") for tag in mine[0].tags} == {
        f"{unique('image')}:latest",
        f"{unique('second')}:latest",
    }
    assert [one.id for one in cli.image.ls(unique("image"))] == [image.id]
    assert cli.image.ls(unique("nobody")) == []
    cli.image.rm(unique("second"))


def test_import_makes_an_image_of_a_tar(cli: Docker, unique: Any, tmp_path: Path) -> None:
    archive = tmp_path / "tree.tar"
    (tmp_path / "file").write_text("content\n")
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / "file", "file")
    one = cli.image.import_(archive, unique("a"), change=["LABEL from=import"])
    other = cli.image.import_("-", unique("b"), stdin=archive.read_bytes())
    assert one.inspect().labels["from"] == "import"
    assert other.inspect().layers == one.inspect().layers
    cli.image.rm(unique("a"), unique("b"))


def test_a_pull_that_fails(cli: Docker) -> None:
    with pytest.raises(errors.DockerFailed) as caught:
        cli.image.pull("localhost:9/no/such:image", deadline=30)
    assert not isinstance(caught.value, errors.EngineUnreachable)


def test_inspect_of_several_images_of_which_one_is_missing(cli: Docker, image: Image) -> None:
    with pytest.raises(errors.NoSuchImage) as caught:
        cli.image.inspect("no-such-image", image)
    assert [one.id for one in caught.value.found] == [image.id]  # type: ignore[attr-defined]


def test_no_such_image(cli: Docker) -> None:
    for verb in (cli.image.inspect, cli.image.rm):
        with pytest.raises(errors.NoSuchImage):
            verb("no-such-image")
    with pytest.raises(errors.NoSuchImage):
        cli.image.tag("no-such-image", "x")


# --- volumes


@pytest.fixture
def volume(cli: Docker, unique: Callable[[str], str]) -> Iterator[Volume]:
    one = cli.volume.create(unique("volume"), label={"k": "v"})
    yield one
    cli.raw("volume", "rm", one.name, check=False)


def test_volume_create_and_inspect(cli: Docker, volume: Volume, unique: Any) -> None:
    one = volume.inspect()
    assert (one.name, one.driver, one.labels["k"]) == (unique("volume"), "local", "v")
    assert one.mountpoint.endswith("/_data")
    assert recent(one.created)


def test_a_volume_without_a_name_gets_one(cli: Docker) -> None:
    one = cli.volume.create()
    assert ID.fullmatch(one.name)
    assert one.rm() == [one.name]


def test_volumes_are_listed_in_full_and_filtered_exactly(cli: Docker, unique: Any) -> None:
    stem = unique("n")
    labels = {stem: "v", f"{stem}-1": "v2", f"x{stem}": "v"}
    for name, value in labels.items():
        cli.volume.create(name, label={stem: value})
    found = cli.volume.ls(filter={"label": f"{stem}=v"})
    assert sorted(one.name for one in found) == sorted([stem, f"x{stem}"])
    assert sorted(one.name for one in cli.volume.ls(filter={"label": stem})) == sorted(labels)
    assert sorted(cli.volume.rm(*labels)) == sorted(labels)
    with pytest.raises(errors.NoSuchVolume):
        cli.volume.inspect(stem)


def test_a_volume_in_use(cli: Docker, cli_base: str, volume: Volume) -> None:
    one = cli.container.create(cli_base, "true", volume=[f"{volume}:/v"])
    with pytest.raises(errors.InUse):
        volume.rm()
    one.rm()
    assert volume.rm() == [volume.name]


def test_inspect_of_several_volumes_of_which_one_is_missing(cli: Docker, volume: Volume) -> None:
    with pytest.raises(errors.NoSuchVolume) as caught:
        cli.volume.inspect(volume, "no-such-volume")
    assert [one.name for one in caught.value.found] == [volume.name]  # type: ignore[attr-defined]


def test_no_such_volume(cli: Docker) -> None:
    with pytest.raises(errors.NoSuchVolume):
        cli.volume.inspect("no-such-volume")
    with pytest.raises(errors.NoSuchVolume):
        cli.volume.rm("no-such-volume")


# --- version and info


def test_version(cli: Docker) -> None:
    one = cli.version()
    assert re.match(r"\d+\.\d+", one.client)
    assert re.match(r"\d+\.\d+", one.server)
    assert re.match(r"\d+\.\d+", one.server_api)
    assert (one.os, one.architecture != "") == ("linux", True)
    assert json.loads(cli.version(format="{{json .}}").text)  # type: ignore[attr-defined]


def test_info(cli: Docker) -> None:
    one = cli.info()
    assert one.server_version == cli.version().server
    assert one.driver
    assert one.root.startswith("/")
    assert one.cpus > 0
    assert one.memory > 2**20
    assert one.images >= 0
    assert not one.rootless
    if cli.binary != "podman":  # which has no clock but this machine's
        assert recent(one.time)


# --- the user's own settings

HOSTILE = {
    "psFormat": "table {{.Names}}",
    "imagesFormat": "{{.Repository}}",
    "volumesFormat": "x",
    "networksFormat": "x",
    "statsFormat": "x",
    "serviceInspectFormat": "x",
    **dict.fromkeys(("pluginsFormat", "nodesFormat", "servicesFormat", "tasksFormat"), "x"),
    **dict.fromkeys(("secretFormat", "configFormat"), "x"),
    "aliases": {"builder": "nothing"},
    "detachKeys": "ctrl-a",
}


def answers(client: Docker, base: str, mine: dict[str, str]) -> list[object]:
    """Everything that is read from docker's text, of what nobody else changes meanwhile."""
    return [
        client.container.ls(all=True, filter=mine),
        client.image.ls(base),
        client.volume.ls(filter=mine),
        client.version(),
        client.info().server_version,
        client.container.inspect(*[one.id for one in client.container.ls(all=True, filter=mine)]),
    ]


def test_the_user_s_settings_change_no_answer(
    docker: Docker, base: str, docker_cli: str, unique: Any, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(HOSTILE))
    (tmp_path / "empty").mkdir()
    mine = {"label": unique("mine")}
    docker.container.create(base, "true", name=unique("c"), label=[unique("mine")])
    docker.volume.create(unique("v"), label=[unique("mine")])
    said = [
        answers(Docker(docker_cli, config=folder, env=env), base, mine)
        for folder in (tmp_path, tmp_path / "empty")
        for env in ({}, {"LC_ALL": "C", "COLUMNS": "20", "NO_COLOR": "1", "DOCKER_CLI_HINTS": "1"})
    ]
    for one in said[1:]:
        assert one == said[0]
    assert [one.name for one in said[0][0]] == [unique("c")]  # type: ignore[attr-defined]
    docker.container.rm(unique("c"))
    docker.volume.rm(unique("v"))
