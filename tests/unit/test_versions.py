"""What this docker or its engine lacks is refused before it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from dockcli import Bind, Completed, Docker, ImageMount, VolumeMount, spec
from dockcli.errors import (
    DeadlineExceeded,
    EngineUnreachable,
    PluginMissing,
    TooOld,
    UnreadableOutput,
    Unsupported,
)
from dockcli.runner import Job
from tests.unit.fake import FakeDocker
from tests.unit.verbs import POSITIONALS, found


class Installed:
    """A docker of some version, with an engine of some API (None: none answers)."""

    def __init__(
        self, version: str, api: str | None = "1.49", plugins: tuple[str, ...] = ()
    ) -> None:
        self.version, self.api, self.plugins = version, api, plugins
        self.asked: list[tuple[str, ...]] = []

    def run(self, job: Job) -> Completed:
        words = job.argv[1:]
        self.asked.append(words)
        code, said, error = 0, "done\n", ""
        if words == ("--version",):
            said = f"{self.version}\n"
        elif words[0] == "version" and self.api is not None:
            said = f"{self.api}\n"
        elif words[:2] in (("compose", "version"), ("buildx", "version")) and not self.plugins:
            code, error = 1, f"docker: unknown command: docker {words[0]}"
        elif self.api is None:
            code, error = 1, "Cannot connect to the Docker daemon at unix:///x. Is it running?"
        return Completed(job.argv, code, said.encode(), error.encode(), 0.0)


NEW = "Docker version 28.2.2, build 28.2.2-0ubuntu1"
OLD = "Docker version 20.10.24+dfsg1, build 297e128"
BETWEEN = "Docker version 24.0.7, build afdd53b"
NEWEST = "Docker version 31.0.0, build 1234567"
PODMAN = "podman version 4.3.1"


def calls(installed: Installed) -> Docker:
    return Docker(runner=installed)


def test_a_flag_that_every_docker_has_is_not_asked_about() -> None:
    installed = Installed(OLD, "1.41")
    calls(installed).container.rm("web", force=True)
    calls(installed).container.run("alpine", env={"A": "b"}, detach=True, check=False)
    assert [words[:2] for words in installed.asked] == [("container", "rm"), ("container", "run")]


Act = Callable[[Docker], Any]
LACKED_BY_THE_CLI: list[tuple[str, Act]] = [
    ("--quiet", lambda docker: docker.container.run("alpine", quiet=True)),
    ("--quiet", lambda docker: docker.container.cp("web:/x", "y", quiet=True)),
    ("docker volume update", lambda docker: docker.volume.update("data", availability="drain")),
]


@pytest.mark.parametrize(("what", "act"), LACKED_BY_THE_CLI, ids=lambda one: str(one)[:24])
def test_what_the_installed_docker_is_too_old_for(what: str, act: Act) -> None:
    installed = Installed(OLD)
    with pytest.raises(TooOld, match=r"20\.10\.24.*28\.2\.2 has it") as caught:
        act(calls(installed))
    assert what in str(caught.value)
    assert isinstance(caught.value, Unsupported)
    assert installed.asked == [("--version",)]  # and nothing else


def test_what_the_installed_docker_is_too_new_for() -> None:
    installed = Installed(NEWEST)
    with pytest.raises(TooOld, match=r"31\.0\.0.*20\.10\.24 had it, newer ones have not"):
        calls(installed).stack.deploy("shop", compose_file="x", kubeconfig="y")
    assert installed.asked == [("--version",)]


@pytest.mark.parametrize("version", [NEW, BETWEEN, NEWEST, PODMAN, "no version at all"])
def test_what_may_be_there_is_left_to_docker(version: str) -> None:
    installed = Installed(version)
    calls(installed).container.cp("web:/x", "y", quiet=True)
    assert installed.asked[-1][:2] == ("container", "cp")


def test_a_flag_of_podman_s_alone_is_refused_by_docker() -> None:
    with pytest.raises(TooOld, match=r"podman-4\.3\.1 has it"):
        calls(Installed(NEW)).container.run("alpine", env_host=True)
    installed = Installed(PODMAN)
    calls(installed).container.run("alpine", env_host=True)
    assert installed.asked[-1] == ("container", "run", "--env-host", "alpine")


def test_what_the_engine_is_too_old_for() -> None:
    installed = Installed(NEW, "1.41")
    docker = calls(installed)
    for _ in range(2):
        with pytest.raises(TooOld, match=r"--all needs an engine with API 1\.42 \(docker 23\.0\)"):
            docker.volume.prune(all=True)
    with pytest.raises(TooOld, match=r"volume update needs an engine with API 1\.42"):
        docker.volume.update("data", availability="drain")
    # Each is asked once, and kept.
    assert installed.asked == [("--version",), ("version", "--format={{.Client.APIVersion}}")]


NEEDY = [
    (command, keyword, flag)
    for command in POSITIONALS
    for keyword, flag in spec.flags(command).items()
    if spec.release(flag.api) > max((1, 25), spec.release(spec.api(command)))
]


def test_every_flag_that_an_engine_may_be_too_old_for() -> None:
    assert len({command for command, _, _ in NEEDY}) > 10
    for command, keyword, flag in NEEDY:
        older = f"1.{spec.release(flag.api)[1] - 1}"
        value = True if flag.is_bool else "1"
        for version in flag.versions:
            if "-" in version:
                continue
            installed = Installed(f"Docker version {version}, build 1", older)
            call = calling(installed, command, {keyword: value})
            with pytest.raises(TooOld) as caught:
                call()
            assert f"--{flag.name} needs an engine with API {flag.api}" in str(caught.value)
            assert {words[0] for words in installed.asked} <= {"--version", "version"}
            installed = Installed(f"Docker version {version}, build 1", flag.api)
            with suppress(UnreadableOutput):
                calling(installed, command, {keyword: value})()
            assert installed.asked[-1][0] not in ("--version", "version")


def calling(installed: Installed, command: str, options: dict[str, Any]) -> Callable[[], Any]:
    shape = POSITIONALS[command]
    words = [*shape.valid, *(["true"] if shape.rest else [])]
    options = {**dict(shape.options), "check": False, **options}
    return lambda: found(calls(installed))[command](*words, **options).run()


def test_an_engine_that_has_it() -> None:
    installed = Installed(NEW, "1.42")
    calls(installed).volume.prune(all=True, check=False)
    assert installed.asked[-1][:2] == ("volume", "prune")


def test_no_engine_is_told_by_the_call_itself() -> None:
    with pytest.raises(EngineUnreachable):
        calls(Installed(NEW, None)).volume.prune(all=True)


def test_a_client_made_of_another_does_not_ask_again() -> None:
    installed = Installed(NEW)
    docker = calls(installed)
    docker.container.cp("web:/x", "y", quiet=True)
    docker.but(labels={"a": "b"}).container.cp("web:/x", "y", quiet=True)
    assert installed.asked.count(("--version",)) == 1


@pytest.mark.parametrize("plugin", ["compose", "buildx"])
def test_a_plugin_that_is_missing(plugin: str) -> None:
    installed = Installed(NEW)
    act: dict[str, Act] = {
        "compose": lambda docker: docker.compose(file="a.yml").up(detach=True),
        "buildx": lambda docker: docker.buildx.use("other"),
    }
    with pytest.raises(PluginMissing, match=f"apt-get install docker-{plugin}-plugin"):
        act[plugin](calls(installed))
    assert installed.asked == [(plugin, "version"), ("--version",)]
    there = Installed(NEW, plugins=(plugin,))
    act[plugin](calls(there))
    assert len(there.asked) == 2


def test_podman_tells_itself_which_plugins_it_has() -> None:
    installed = Installed(PODMAN)
    calls(installed).buildx.use("other", deadline=5)
    assert installed.asked[-1] == ("buildx", "use", "other")


def test_building_a_call_asks_nothing() -> None:
    installed = Installed(OLD)
    docker = calls(installed)
    docker.call.volume.prune(all=True)
    docker.call.compose.up()
    assert not installed.asked
    with pytest.raises(TooOld):
        docker.call.volume.prune(all=True).plumbum()


def test_a_docker_that_hangs_when_asked_keeps_to_the_deadline(fake_docker: FakeDocker) -> None:
    fake_docker.will(("sleep", 60))
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        Docker().container.exec("web", "true", workdir="/", deadline=0.5)
    assert time.monotonic() - begun < 0.5 + 0.6 + 0.6  # two processes, each ended in time


@pytest.mark.parametrize("verb", ["container", "volume", "network"])
def test_the_second_process_of_a_list_has_what_is_left_of_the_deadline(verb: str) -> None:
    jobs: list[Job] = []

    class Slow:
        def run(self, job: Job) -> Completed:
            jobs.append(job)
            return Completed(job.argv, 0, b"abc\n" if len(jobs) == 1 else b"[]", b"", 3.0)

    with suppress(UnreadableOutput):
        getattr(Docker(runner=Slow()), verb).ls(deadline=5)
    assert [job.deadline for job in jobs] == [5, 2]


MOUNTS: list[tuple[str, str, str, Any]] = [
    ("volume-subpath", "1.45", "26.0", VolumeMount("data", "/x", subpath="a")),
    ("volume-subpath", "1.45", "26.0", "type=volume,src=data,dst=/x,volume-subpath=a"),
    ("volume-subpath", "1.45", "26.0", 'TYPE=volume,src=data,"dst=/x,y",Volume-Subpath=a'),
    ("type=image", "1.48", "28.0", ImageMount("alpine", "/x")),
    ("type=image", "1.48", "28.0", "type=IMAGE,src=alpine,dst=/x"),
    ("image-subpath", "1.48", "28.0", "src=alpine,dst=/x,image-subpath=a"),
    ("bind-recursive=writable", "1.44", "25.0", Bind("/a", "/x", True, recursive="writable")),
    ("bind-recursive=readonly", "1.44", "25.0", Bind("/a", "/x", True, recursive="readonly")),
    ("bind-recursive=disabled", "1.40", "19.03", Bind("/a", "/x", recursive="disabled")),
    ("bind-create-src", "1.42", "23.0", "type=bind,src=/a,dst=/x,bind-create-src"),
]


@pytest.mark.parametrize(("what", "api", "engine", "mount"), MOUNTS, ids=str)
@pytest.mark.parametrize("verb", ["run", "create"])
def test_a_mount_that_the_engine_is_too_old_for(
    verb: str, what: str, api: str, engine: str, mount: Any
) -> None:
    older = f"1.{int(api[2:]) - 1}"
    installed = Installed("Docker version 29.7.2, build 1", older)
    with pytest.raises(TooOld) as caught:
        getattr(calls(installed), verb)("alpine", mount=mount)
    assert str(caught.value) == (
        f"--mount {what} needs an engine with API {api} (docker {engine}); with this one docker "
        f"speaks {older}"
    )
    assert {words[0] for words in installed.asked} == {"--version", "version"}
    new = Installed("Docker version 29.7.2, build 1", api)
    getattr(calls(new), verb)("alpine", mount=mount, check=False)
    assert new.asked[-1][0] == "container"


def test_a_mount_in_volume_that_goes_as_mount_is_checked_too() -> None:
    with pytest.raises(TooOld, match=r"--mount volume-subpath needs an engine with API 1\.45"):
        calls(Installed(NEW, "1.41")).run("alpine", volume=VolumeMount("d2", "/x", subpath="a"))
    with pytest.raises(TooOld, match=r"--mount volume-subpath needs an engine with API 1\.45"):
        calls(Installed(NEW, "1.41")).service.update(
            "web", mount_add=VolumeMount("d2", "/x", subpath="a")
        )


@pytest.mark.parametrize(("what", "mount"), [(one[0], one[3]) for one in MOUNTS], ids=str)
def test_a_mount_that_the_installed_docker_is_too_old_for(what: str, mount: Any) -> None:
    with pytest.raises(TooOld, match=rf"--mount {what} is not in docker 20\.10\.24"):
        calls(Installed(OLD)).run("alpine", mount=mount)


@pytest.mark.parametrize(
    "mount",
    [
        VolumeMount("data", "/x", nocopy=True),
        Bind("/volume-subpath=a", "/x", propagation="rslave"),
        "type=bind,src=/a,dst=/x,bind-recursive=enabled",
        "type=volume,src=data,dst=/x,volume-label=volume-subpath=a",
        'type="',
        "",
    ],
    ids=str,
)
def test_a_mount_of_every_docker_is_not_asked_about(mount: Any) -> None:
    installed = Installed(NEW)
    calls(installed).run("alpine", mount=mount, check=False)
    assert [words[:2] for words in installed.asked] == [("container", "run")]
