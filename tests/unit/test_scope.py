"""Scopes on a docker that stands in for the real one: what is asked, in which order; the guard."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Call, Docker
from dockcli.completed import Completed
from dockcli.errors import (
    CleanupFailed,
    DeadlineExceeded,
    DockcliError,
    DockerFailed,
    EngineUnreachable,
    InUse,
    InvalidArgument,
)
from dockcli.execution import Errand
from dockcli.owner import current, remove_folder
from dockcli.runner import Job
from dockcli.scope import OWNER, SCOPE, Scope, labelled, remove, watch
from dockcli.scope.aftermath import client_of, place_of
from dockcli.scope.images import _spelled
from dockcli.scope.labels import of_image
from tests.unit.fake import FakeDocker, is_gone

pytestmark = pytest.mark.usefixtures("temporary")

LISTS = ["container ls", "network ls", "volume ls", "image ls"]
ID = "0123456789abcdef" * 4


def says(answer: object) -> tuple[object, ...]:
    return ("write", 1, json.dumps(answer).encode())


def since_begun(fake: FakeDocker) -> list[str]:
    assert fake.commands[:4] == LISTS  # what others have left
    return fake.commands[4:]


def test_a_scope_that_makes_nothing_asks_for_nothing_more(
    fake_docker: FakeDocker, client: Docker
) -> None:
    with client.scope():
        pass
    assert since_begun(fake_docker) == []


def test_only_what_was_made_is_looked_for_and_in_the_right_order(
    fake_docker: FakeDocker, client: Docker
) -> None:
    with client.scope() as s:
        s.call.image.build(".").replace(check=False).run()
        s.call.volume.create("v").replace(check=False).run()
        s.call.create("alpine").replace(check=False).run()
        s.call.network.create("n").replace(check=False).run()
    made = ["image build", "volume create", "container create", "network create"]
    assert since_begun(fake_docker) == [*made, *LISTS]
    assert all(f"--filter=label={SCOPE}={s.id}" in call.words for call in fake_docker.calls[-4:-1])


def one_of_each(fake: FakeDocker, s: Scope) -> None:
    """What the engine lists as that scope's, which is there from now on."""
    labels = {
        "container": {"Config": {"Labels": s.labels}, "Name": "/c"},
        "network": {"Labels": s.labels, "Name": "n"},
        "volume": {"Labels": s.labels, "Name": "v"},
        "image": {"Config": {"Labels": of_image(s.labels)}, "Created": "2025-01-01T00:00:00Z"},
    }
    for kind, about in labels.items():
        fake.will(("write", 1, (b"v" if kind == "volume" else ID.encode())), when=f"{kind} ls")
        fake.will(says([{"Id": ID, **about}]), when=f"{kind} inspect")


@pytest.mark.parametrize("at_once", [False, True], ids=["a scope", "reclaim"])
def test_containers_go_first_then_networks_volumes_images_and_folders(
    at_once: bool, fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds what comes after it."""
    removed: list[str] = []

    def removals() -> list[str]:
        return [one for one in fake_docker.commands if one.endswith(" rm")]

    def remove_it(folder: str) -> None:
        removed.extend(removals())
        remove_folder(folder)

    monkeypatch.setattr("dockcli.scope.bond.remove_folder", remove_it)
    s = client.scope().__enter__()
    s.temporary_folder()
    for call in (s.call.build("."), s.call.volume.create("v"), s.call.network.create("n")):
        call.replace(check=False).run()
    s.call.create("alpine").replace(check=False).run()
    one_of_each(fake_docker, s)
    if at_once:
        assert remove(client, list(reversed(labelled(client)))) == []
        removed = removals()
    s.__exit__(None, None, None)
    assert removed[:4] == ["container rm", "network rm", "volume rm", "image rm"]


def test_a_call_that_was_given_up_is_looked_after(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("sleep", 60), when="volume create")
    with client.scope() as s, pytest.raises(DeadlineExceeded):
        s.volume.create("v", deadline=0.2)
    assert since_begun(fake_docker) == ["volume create", *["volume ls"] * 4]


@pytest.mark.parametrize("live", [False, True])
def test_a_call_that_still_runs_is_ended_and_fails_where_it_was_made(
    live: bool, fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(("mark", "slow"), ("sleep", 60), when="volume create")
    failed: list[BaseException] = []

    def create(call: Call[Any]) -> None:
        try:
            list(call.stream()) if live else call.run()
        except BaseException as error:
            failed.append(error)

    with client.scope() as s:
        thread = threading.Thread(target=create, args=(s.call.volume.create("v"),))
        thread.start()
        slow = fake_docker.marked("slow")
    assert is_gone(slow)
    thread.join()
    assert [type(one) for one in failed] == [DockerFailed]
    assert "the scope has ended in the middle of it" in str(failed[0])
    assert since_begun(fake_docker) == ["volume create", *["volume ls"] * 4]


def test_a_stream_that_nobody_takes_from_is_ended(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("mark", "slow"), ("sleep", 60), when="image build")
    with client.scope() as s:
        told = s.build(".", stream=True)
        slow = fake_docker.marked("slow")
    assert is_gone(slow)
    told.close()


def test_what_was_built_before_the_end_does_not_begin_after_it(
    fake_docker: FakeDocker, client: Docker
) -> None:
    with client.scope() as s:
        errand = Errand(s.call.volume.create("v"))
    with pytest.raises(InvalidArgument, match="has ended"):
        errand.run()
    assert "volume create" not in fake_docker.commands


def test_a_docker_that_hangs_does_not_hold_the_end(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockcli.scope.removal._LOOK_DEADLINE", 0.3)
    fake_docker.will(("write", 1, b"v\n"), when="volume create")
    with pytest.raises(CleanupFailed) as info, client.scope() as s:  # noqa: PT012
        s.volume.create("v")
        fake_docker.will(("ignore", signal.SIGTERM), ("sleep", 60), when="volume ls")
    assert [type(cause) for cause in info.value.causes] == [DeadlineExceeded]


@pytest.mark.parametrize("name", [OWNER, SCOPE, "dockcli.keep", "dockcli.container"])
def test_a_label_of_the_scope_s_own_cannot_be_given(
    fake_docker: FakeDocker, client: Docker, name: str
) -> None:
    """The last of two is docker's, and what is not labelled stays."""
    with client.scope() as s:
        for call in (
            s.call.container.create("busybox", label={name: "x"}),
            s.call.volume.create("v", label=[f"{name}=x"]),
            s.call.image.build(".", label=[name]),
        ):
            with pytest.raises(InvalidArgument, match="the scope says by it"):
                call.run()
    assert since_begun(fake_docker) == []


def test_a_folder_that_was_removed_is_no_hindrance(
    client: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert place_of(client, "/usr/bin/docker")["cwd"] == "/"


class Elsewhere:
    """A runner that takes its time."""

    def __init__(self, client: Docker) -> None:
        self._runner = client.runner
        self.begun, self.made = threading.Event(), False

    def run(self, job: Job) -> Completed:
        if "create" in job.argv:
            self.begun.set()
            time.sleep(2.5)
            self.made = True
        return self._runner.run(job)


def test_what_a_runner_of_the_caller_s_own_does_is_waited_for(
    fake_docker: FakeDocker, client: Docker
) -> None:
    runner = Elsewhere(client)
    with client.but(runner=runner).scope() as s:
        call = s.call.volume.create("v").replace(check=False)
        thread = threading.Thread(target=call.run)
        thread.start()
        runner.begun.wait()
    assert runner.made
    thread.join()
    assert fake_docker.commands[-1] == "volume ls"


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("create", "alpine"), f"--label={SCOPE}={{}}"),
        (("run", "alpine"), f"--label={SCOPE}={{}}"),
        (("volume", "create"), f"--label={SCOPE}={{}}"),
        (("network", "create", "n"), f"--label={SCOPE}={{}}"),
        (("build", "."), f"--label={SCOPE}={{}}/image"),
        (("buildx", "build", "."), f"--label={SCOPE}={{}}/image"),
        (("commit", "web"), f'--change=LABEL "{SCOPE}"="{{}}/image"'),
        (("import_", "-"), f'--change=LABEL "{SCOPE}"="{{}}/image"'),
    ],
    ids=str,
)
def test_every_verb_that_makes_something_labels_it(
    words: tuple[str, ...], flag: str, client: Docker
) -> None:
    s = client.scope()
    verb: Any = s.call
    names = [word for word in words if hasattr(verb, word) and (verb := getattr(verb, word))]
    assert flag.format(s.id) in verb(*words[len(names) :]).argv


@pytest.mark.parametrize(
    ("value", "written"),
    [('a "b"', r'"a \"b\""'), (r"\n $HOME", r'"\\n \$HOME"'), ("", '""')],
    ids=["quotes", "a backslash and a dollar", "nothing"],
)
def test_a_label_of_a_line_of_a_dockerfile_means_itself(value: str, written: str) -> None:
    call = Docker(labels={"x.y": value}).call.commit("web")
    assert call.argv[-2] == f'--change=LABEL "x.y"={written}'


def test_a_label_of_several_lines_is_refused_there() -> None:
    with pytest.raises(DockcliError, match="several lines"):
        Docker(labels={"a": "b\nc"}).call.commit("web")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("shop", "docker.io/library/shop:latest", True),
        ("shop:1", "localhost/shop:1", True),
        ("reg:5000/shop", "reg:5000/shop:latest", True),
        ("shop:1", "shop:10", False),
        ("me/shop", "shop", False),
    ],
)
def test_a_tag_is_known_in_every_spelling(one: str, other: str, same: bool) -> None:
    assert (_spelled(one) == _spelled(other)) is same


def test_when_the_engine_is_not_there_nothing_begins(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(
        ("write", 2, b"Cannot connect to the Docker daemon at unix:///x. Is it running?"),
        ("exit", 1),
        when="container ls",
    )
    with pytest.raises(EngineUnreachable), client.scope():
        raise AssertionError("it has begun")


# --- the error


def test_a_failed_cleanup_can_be_pickled_and_tells_all_causes() -> None:
    causes = (InUse(Completed(("docker", "rm", "a"), 1, b"", b"held", 0.1)), OSError("a folder"))
    error = pickle.loads(pickle.dumps(CleanupFailed(causes)))
    assert [type(cause) for cause in error.causes] == [InUse, OSError]
    assert "held" in str(error)
    assert "a folder" in str(error)
    assert "dockcli clean" in str(error)


def test_what_cannot_be_listed_keeps_nothing_else(fake_docker: FakeDocker, client: Docker) -> None:
    def end_with_a_list_that_is_odd() -> None:
        with client.scope() as s:
            for make in (s.call.create("alpine"), s.call.volume.create("v")):
                make.replace(check=False).run()
            fake_docker.will(("write", 1, ID.encode()), when="container ls")

    fake_docker.will(("write", 1, b"[half"), when="container inspect")
    with pytest.raises(CleanupFailed) as info:
        end_with_a_list_that_is_odd()
    assert len(info.value.causes) == 1
    assert fake_docker.commands[-1] == "volume ls"


# --- the guard


@pytest.fixture
def guard() -> Iterator[watch.Guard]:
    one = watch.Guard(owner=str(current()), scope="x")
    yield one
    one.dismiss()


def test_a_guard_that_is_dismissed_is_gone(guard: watch.Guard) -> None:
    guard.dismiss()
    assert is_gone(guard._process.pid)
    guard.dismiss()


def test_a_guard_that_was_killed_is_told_nothing_and_harms_nobody(guard: watch.Guard) -> None:
    guard._process.kill()
    guard._process.wait()
    guard.tell(folder="/nowhere")
    guard.dismiss()


def test_a_number_that_is_another_file_by_now_is_not_written_to(
    guard: watch.Guard, tmp_path: Path
) -> None:
    """A program may close all its files, and open others."""
    number = guard._pipe
    os.close(number)
    with open(tmp_path / "mine", "w+b") as file:
        os.dup2(file.fileno(), number)
        guard.tell(folder="/nowhere")
        guard.dismiss()
        assert os.fstat(number).st_size == 0
        os.close(number)


def test_a_living_owner_s_silence_removes_nothing(fake_docker: FakeDocker, client: Docker) -> None:
    s = client.scope()
    with s:
        guard = s._bond._guard
        assert guard is not None
        os.close(guard._pipe)
        time.sleep(0.5)
        assert guard._process.poll() is None
        assert since_begun(fake_docker) == []


def test_no_guard_without_a_python(client: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(DockcliError, match="guard=False"), client.scope():
        raise AssertionError("it has begun")
    with client.scope(guard=False), client.scope(keep=True):
        pass


def test_a_second_ctrl_c_leaves_the_removal_to_the_guard(
    fake_docker: FakeDocker, client: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which does it at once, though its owner lives."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    s = client.scope().__enter__()
    s.call.volume.create("v").replace(check=False).run()
    monkeypatch.setattr("dockcli.scope.bond.clear", interrupted)
    with pytest.raises(KeyboardInterrupt):
        s.__exit__(None, None, None)
    assert s._bond._guard is not None
    s._bond._guard._process.wait(60)
    assert fake_docker.commands[-4:] == LISTS
    assert f"--filter=label={SCOPE}={s.id}" in fake_docker.calls[-2].words


def test_the_guard_s_client_is_the_owner_s(tmp_path: Path) -> None:
    client = Docker(
        "podman", context="c", config=tmp_path, sudo=True, env={"A": "\udcff"}, cwd=tmp_path
    )
    place = json.loads(json.dumps(place_of(client, "/usr/bin/podman")))
    other = client_of(place)
    assert other.head == ("/usr/bin/podman", "--context=c", f"--config={tmp_path}")
    assert (other.sudo, other.env, other.cwd) == (True, client.env, str(tmp_path))
    assert client_of({**place, "cwd": str(tmp_path / "gone")}).cwd is None


def test_a_guard_loads_next_to_nothing_until_its_owner_is_gone() -> None:
    code = (
        "import sys, os; sys.argv = ['guard', '0', str(os.getppid())]\n"
        f"source = open({watch.guard.__file__!r}).read(); before = set(sys.modules)\n"
        "exec(compile(source, 'guard.py', 'exec'), {'__name__': '__main__'})\n"
        "print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code],
        input=b"",
        capture_output=True,
        check=True,
    )
    loaded = done.stdout.decode().split()
    assert "select" in loaded
    assert len(loaded) < 20
    assert not {"dockcli", "json", "re", "subprocess", "typing"} & set(loaded)
