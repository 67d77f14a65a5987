"""Typed mounts and ports on a real engine: what is said is mounted, whatever it is called."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockcli import Bind, Docker, ImageMount, Port, Tmpfs, VolumeMount, errors

ODD = (
    *("a:b", "a,b", 'a"b', "a=b", "a b", " a", "a ", "a\nb", "a\rb", "a\tb", "a\\b", "a'b"),
    *(
        ":",
        ",",
        '"',
        '""',
        'a","b',
        'readonly,"',
        "--x",
        "$HOME",
        "*",
        "é漢",
        "😀",
        "\u2028",
        "\x01",
    ),
)

_NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), max_size=60),
    st.text(":,\"= \n\r\t\\'é漢", max_size=6),
).filter(lambda name: name not in {"", ".", ".."} and "\r\n" not in name)

# Each container that it is started for takes some folders: a start is what takes the time.
_FOLDERS = st.lists(_NAMES, min_size=1, max_size=12, unique=True)

_WRITE = 'for one; do printf %s "$one" >"$one/f" || exit; done'


def is_podman(client: Docker) -> bool:
    return client.binary == "podman"


def write_and_read(
    client: Docker, image: str, folder: Path, names: list[str], keyword: str
) -> None:
    """Each name is a folder here and, at the same name, in the container, which writes into it."""
    binds = [Bind(folder / name, f"/m/{at}/{name}") for at, name in enumerate(names)]
    for bind in binds:
        os.makedirs(bind.source, exist_ok=True)
    targets = [bind.target for bind in binds]
    options: dict[str, Any] = {keyword: binds}
    client.run(image, "sh", "-c", _WRITE, "sh", *targets, rm=True, **options)
    for bind in binds:
        assert Path(bind.source, "f").read_bytes() == os.fsencode(bind.target)
        os.unlink(os.path.join(bind.source, "f"))


@pytest.mark.parametrize("keyword", ["mount", "volume"])
def test_a_folder_with_an_odd_name(
    cli: Docker, cli_base: str, tmp_path: Path, keyword: str
) -> None:
    write_and_read(cli, cli_base, tmp_path, list(ODD), keyword)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=_FOLDERS, keyword=st.sampled_from(["mount", "volume"]))
def test_a_folder_with_any_name(
    cli: Docker, cli_base: str, tmp_path: Path, names: list[str], keyword: str
) -> None:
    write_and_read(cli, cli_base, tmp_path, names, keyword)


@pytest.mark.parametrize("keyword", ["mount", "volume"])
def test_a_relative_folder_is_no_volume(
    cli: Docker, cli_base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyword: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    options: dict[str, Any] = {keyword: [Bind("data", "/x")]}
    cli.run(cli_base, "touch", "/x/f", rm=True, **options)
    assert Path("data", "f").exists()


@pytest.mark.parametrize("keyword", ["mount", "volume"])
@pytest.mark.parametrize("name", ["plain", "a:b"])
def test_read_only(cli: Docker, cli_base: str, tmp_path: Path, keyword: str, name: str) -> None:
    (tmp_path / name).mkdir()
    options: dict[str, Any] = {keyword: [Bind(tmp_path / name, "/x", read_only=True)]}
    with pytest.raises(errors.ContainerFailed, match="Read-only"):
        cli.run(cli_base, "touch", "/x/f", rm=True, **options)


@pytest.mark.parametrize(
    ("keyword", "create"), [("mount", None), ("mount", False), ("volume", False)]
)
def test_a_missing_folder_is_refused(
    cli: Docker, cli_base: str, tmp_path: Path, keyword: str, create: bool | None
) -> None:
    options: dict[str, Any] = {keyword: [Bind(tmp_path / "no", "/x", create_source=create)]}
    with pytest.raises(errors.DockerFailed):
        cli.run(cli_base, "true", rm=True, **options)
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("create", [None, True])
def test_a_missing_folder_is_made(
    docker_cli: str, base: str, tmp_path: Path, create: bool | None
) -> None:
    cli = Docker(docker_cli)
    bind = Bind(tmp_path / "new", "/x", create_source=create)
    cli.run(base, "touch", "/x/f", rm=True, volume=[bind])
    assert (tmp_path / "new" / "f").exists()


@pytest.mark.parametrize("keyword", ["mount", "volume"])
def test_propagation(cli: Docker, cli_base: str, tmp_path: Path, keyword: str) -> None:
    options: dict[str, Any] = {keyword: [Bind(tmp_path, "/x", propagation="private")]}
    assert cli.run(cli_base, "ls", "/x", rm=True, **options).text == ""


@pytest.fixture
def volume(cli: Docker, unique: Callable[[str], str]) -> Iterator[str]:
    """The name of a volume that a test may make."""
    yield unique("volume")
    with contextlib.suppress(errors.NoSuchVolume):
        cli.volume.rm(unique("volume"))


@pytest.fixture
def volume_of_docker(docker: Docker, unique: Callable[[str], str]) -> Iterator[str]:
    """The name of a volume that a test may make on docker's engine."""
    yield unique("volume")
    with contextlib.suppress(errors.NoSuchVolume):
        docker.volume.rm(unique("volume"))


@pytest.mark.parametrize("target", ["/etc", "/a:b"])
def test_a_volume(cli: Docker, cli_base: str, volume: str, target: str) -> None:
    mount = VolumeMount(volume, target)
    cli.run(cli_base, "sh", "-c", 'echo hi >"$1/f"', "sh", target, rm=True, volume=[mount])
    read_only = VolumeMount(volume, "/x", read_only=True)
    assert cli.run(cli_base, "cat", "/x/f", rm=True, mount=[read_only]).text == "hi\n"
    with pytest.raises(errors.ContainerFailed, match="Read-only"):
        cli.run(cli_base, "touch", "/x/g", rm=True, volume=[read_only])


@pytest.mark.parametrize("keyword", ["mount", "volume"])
@pytest.mark.parametrize("nocopy", [True, False])
def test_what_the_image_holds_is_copied_into_a_new_volume(
    cli: Docker, cli_base: str, volume: str, keyword: str, nocopy: bool
) -> None:
    if is_podman(cli) and keyword == "mount":
        with pytest.raises(errors.DockerFailed, match="volume-nocopy"):
            cli.create(cli_base, mount=VolumeMount(volume, "/etc", nocopy=True))
        return
    options: dict[str, Any] = {keyword: [VolumeMount(volume, "/etc", nocopy=nocopy)]}
    there = cli.run(
        cli_base, "sh", "-c", "test -e /etc/passwd && echo yes", rm=True, check=False, **options
    )
    assert there.text == ("" if nocopy else "yes\n")


def test_an_anonymous_volume_goes_with_its_container(cli: Docker, cli_base: str) -> None:
    for mount in (VolumeMount(None, "/x"), VolumeMount(None, "/x", nocopy=True)):
        if is_podman(cli) and mount.nocopy:
            continue  # podman 4 has no volume-nocopy
        one = cli.create(cli_base, volume=[mount])
        (told,) = one.inspect().mounts
        cli.rm(one, volumes=True)
        assert (told.type, told.destination) == ("volume", "/x")


def test_the_options_of_a_network_share_reach_the_driver(
    docker_cli: str, base: str, volume: str
) -> None:
    cli = Docker(docker_cli)
    options = {"type": "nfs", "o": "addr=10.0.0.1,rw,nfsvers=4", "device": ':/export "a",b=c'}
    labels = {"a,b": 'c"d=e'}
    mount = VolumeMount(volume, "/x", driver="local", options=options, labels=labels)
    one = cli.create(base, mount=[mount])  # it is mounted no sooner than at the start
    told = cli.volume.inspect(volume)
    cli.rm(one)
    assert (told.options, told.labels) == (options, labels)


def filesystem(client: Docker, image: str, **options: Any) -> tuple[int, int, str]:
    """Kilobytes, the owner and the mode of what is mounted at /x."""
    script = "df -k -P /x | tail -n 1; stat -c '%u %a' /x"
    sizes, owner = client.run(image, "sh", "-c", script, rm=True, **options).lines()
    return int(sizes.split()[1]), int(owner.split()[0]), owner.split()[1]


IN_MEMORY = {"type": "tmpfs", "device": "tmpfs", "o": "size=8m,uid=1000,mode=1750"}


def test_a_volume_in_memory(docker_cli: str, base: str, volume: str) -> None:
    cli = Docker(docker_cli)
    cli.volume.create(volume, driver="local", opt=IN_MEMORY)
    assert cli.volume.inspect(volume).options == IN_MEMORY
    mount = VolumeMount(volume, "/x", nocopy=True)
    assert filesystem(cli, base, volume=[mount])[:2] == (8192, 1000)


def test_a_volume_that_a_mount_makes_in_memory(docker_cli: str, base: str, volume: str) -> None:
    cli = Docker(docker_cli)
    mount = VolumeMount(volume, "/x", options=IN_MEMORY)
    assert filesystem(cli, base, volume=[mount])[:2] == (8192, 1000)
    assert cli.volume.inspect(volume).options == IN_MEMORY


@pytest.mark.parametrize("keyword", ["mount", "tmpfs", "volume"])
@pytest.mark.parametrize("size", ["8m", 8 << 20])
def test_a_tmpfs(cli: Docker, cli_base: str, keyword: str, size: int | str) -> None:
    options: dict[str, Any] = {keyword: [Tmpfs("/x", size, 0o1750)]}
    assert filesystem(cli, cli_base, **options) == (8192, 0, "1750")


def test_a_tmpfs_with_a_colon(cli: Docker, cli_base: str) -> None:
    done = cli.run(cli_base, "df", "-k", "-P", "/a:b", rm=True, tmpfs=[Tmpfs("/a:b", "8m")])
    assert done.lines()[-1].split()[1::4] == ["8192", "/a:b"]


def test_ports_and_mounts_are_told_and_can_be_given_on(
    docker_cli: str, docker: Docker, base: str, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    cli = Docker(docker_cli)
    folder = tmp_path / "a:b"
    folder.mkdir()
    first = cli.run(
        base,
        "sleep",
        "60",
        detach=True,
        name=unique("first"),
        publish=[Port(80, host_ip="127.0.0.1")],
        expose=[Port(90, protocol="udp")],
        mount=[Bind(folder, "/x", read_only=True)],
    )
    told = first.inspect()
    first.rm(force=True)
    published = [port for port in told.ports if port.host_port]
    assert [(p.container_port, p.protocol, p.host_ip) for p in published] == [
        (80, "tcp", "127.0.0.1")
    ]
    assert [p.container_port for p in told.ports if not p.host_port] == [90]
    second = cli.run(
        base,
        "sleep",
        "60",
        detach=True,
        name=unique("second"),
        publish=published,
        mount=told.mounts,
    )
    again = second.inspect()
    second.rm(force=True)
    assert [port for port in again.ports if port.host_port] == published
    (mount,) = again.mounts
    assert (mount.source, mount.destination, mount.read_only) == (str(folder), "/x", True)


OF_NEWER = (
    (25, Bind("/a", "/x", recursive="enabled")),
    (25, Bind("/a", "/x", recursive="disabled")),
    (25, Bind("/a", "/x", read_only=True, recursive="writable")),
    (25, Bind("/a", "/x", read_only=True, recursive="readonly")),
    (26, VolumeMount("data", "/x", subpath='a,"b":=c')),
    (28, ImageMount("alpine", "/x", subpath="/etc")),
    (29, Bind("/a", "/x", create_source=True)),
)


@pytest.mark.parametrize(("since", "mount"), OF_NEWER, ids=repr)
def test_a_docker_that_is_new_enough_takes_it(docker_cli: str, since: int, mount: Any) -> None:
    cli = Docker(docker_cli, host="unix:///nowhere")  # the words are read before it is reached
    call = cli.call.create("alpine", mount=[mount])
    major = int(Docker(docker_cli).raw("--version").text.split()[2].partition(".")[0])
    expected = errors.EngineUnreachable if major >= since else errors.DockerFailed
    with pytest.raises(expected) as caught:
        cli.raw(*call.argv[call.flags_at - 2 :])
    assert isinstance(caught.value, errors.EngineUnreachable) == (major >= since)


# --- a strict client


@pytest.fixture
def strict(cli: Docker) -> Docker:
    return cli.but(strict=True)


def test_a_volume_typed_wrong_is_not_made(
    cli: Docker, cli_base: str, strict: Docker, volume: str
) -> None:
    for options in ({"volume": [f"{volume}:/x"]}, {"mount": [VolumeMount(volume, "/x")]}):
        with pytest.raises(errors.InvalidArgument, match=f"no volume '{volume}'"):
            strict.run(cli_base, "true", rm=True, **options)
    with pytest.raises(errors.NoSuchVolume):
        cli.volume.inspect(volume)
    cli.volume.create(volume)
    strict.run(cli_base, "touch", "/x/f", rm=True, volume=[f"{volume}:/x"])


def test_a_folder_typed_wrong_is_not_made(
    cli_base: str, strict: Docker, cli: Docker, tmp_path: Path
) -> None:
    with pytest.raises(errors.DockerFailed):
        strict.run(cli_base, "true", rm=True, volume=[f"{tmp_path}/typo:/x:ro"])
    assert not list(tmp_path.iterdir())
    strict.run(cli_base, "touch", "/x/f", rm=True, volume=[f"{tmp_path}:/x"])
    assert (tmp_path / "f").exists()


def test_a_subpath_is_never_left_out(
    docker_cli: str, docker: Docker, base: str, volume_of_docker: str
) -> None:
    whole = VolumeMount(volume_of_docker, "/x")
    docker.run(base, "sh", "-c", "mkdir /x/sub; touch /x/sub/f", rm=True, volume=whole)
    mount = VolumeMount(volume_of_docker, "/x", subpath="sub")
    with contextlib.suppress(errors.TooOld):  # which tells it before anything runs
        assert Docker(docker_cli).run(base, "ls", "/x", rm=True, mount=mount).text == "f\n"


def test_a_bind_given_on_keeps_its_propagation(cli: Docker, cli_base: str, tmp_path: Path) -> None:
    with cli.create(cli_base, volume=Bind(tmp_path, "/x", propagation="rslave")) as first:
        mounts = first.inspect().mounts
        with cli.create(cli_base, mount=mounts) as second:
            assert [one.raw["Propagation"] for one in second.inspect().mounts] == ["rslave"]


def test_a_volume_of_one_letter_is_no_anonymous_one(docker_cli: str, base: str) -> None:
    cli = Docker(docker_cli)
    with pytest.raises(errors.DockerFailed, match="too short"):
        cli.create(base, volume=VolumeMount("d", "/x"))


def test_the_image_of_a_container_has_the_id_of_the_image(cli: Docker, cli_base: str) -> None:
    with cli.create(cli_base) as one:
        assert one.inspect().image_id == cli.image.inspect(cli_base).id
