"""What the run time asks: flags and names of commands, over all releases."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dockcli import spec
from dockcli.spec import tables

DOCKER = ("20.10.24", "28.2.2", "29.7.2")
PODMAN = "podman-4.3.1"
ALL = (*DOCKER, PODMAN)
BUILDX = ("buildx-0.36.1",)
COMPOSE = ("compose-5.5.0",)


@pytest.mark.parametrize(
    ("flag", "name"),
    [("import", "import_"), ("volumes-from", "volumes_from"), ("env", "env"), ("is", "is_")],
)
def test_keyword_name(flag: str, name: str) -> None:
    assert spec.keyword_name(flag) == name


@pytest.mark.parametrize("own", ["check", "deadline", "stdin", "missing-ok"])
def test_a_flag_with_the_name_of_a_keyword_of_ours_gives_way(own: str) -> None:
    assert spec.keyword_name(own) == own.replace("-", "_") + "_"


def test_versions() -> None:
    assert spec.versions() == DOCKER


def test_a_flag_knows_itself() -> None:
    flag = spec.flags("container run")["volumes_from"]
    assert flag == spec.Flag("volumes-from", "list", None, ALL)
    assert spec.flags("container run")["detach"].short == "d"


@pytest.mark.parametrize(
    ("command", "keyword", "versions"),
    [
        ("container run", "annotation", ("28.2.2", "29.7.2", PODMAN)),
        ("container run", "kernel_memory", ALL),
        ("container run", "rm", ALL),
        ("container run", "isolation", DOCKER),
        ("container run", "replace", (PODMAN,)),
        ("container stop", "time", ALL),
        ("container restart", "timeout", ("28.2.2", "29.7.2")),
        ("container commit", "no_pause", ("29.7.2",)),
        ("image build", "secret", ("20.10.24", PODMAN)),
        ("volume update", "availability", ("28.2.2", "29.7.2")),
        ("buildx build", "check_", BUILDX),
        ("buildx", "builder", BUILDX),
        ("compose up", "yes", COMPOSE),
        ("compose", "project_directory", COMPOSE),
        ("", "host", ALL),
    ],
)
def test_releases_that_accept_a_flag(command: str, keyword: str, versions: tuple[str, ...]) -> None:
    assert spec.flags(command)[keyword].versions == versions


@pytest.mark.parametrize(
    ("command", "keyword"),
    [
        ("container run", "net"),
        ("container create", "net_alias"),
        ("container run", "dns_opt"),
        ("container run", "kernel_memory"),
        ("container run", "disable_content_trust"),
        ("container stop", "time"),
        ("container restart", "time"),
        ("volume create", "name"),
        ("stack deploy", "orchestrator"),
        ("buildx build", "print"),
        ("compose run", "tty"),
    ],
)
def test_names_that_no_help_shows_any_more(command: str, keyword: str) -> None:
    assert spec.flags(command)[keyword].hidden


def test_names_that_help_shows_are_not_hidden() -> None:
    for keyword in ("network", "network_alias", "dns_option", "memory", "replace"):
        assert not spec.flags("container run")[keyword].hidden
    assert spec.is_hidden("system dial-stdio")
    assert not spec.is_hidden("system df")
    assert not spec.is_hidden("ps")


@pytest.mark.parametrize(
    ("command", "keyword", "api"),
    [
        ("container run", "health_start_interval", "1.44"),
        ("container run", "gpus", "1.40"),
        ("container run", "cgroupns", "1.41"),
        ("container run", "platform", "1.32"),
        ("container exec", "env", "1.25"),
        ("service create", "max_concurrent", "1.41"),
        ("volume prune", "all", "1.42"),
        ("image ls", "tree", "1.47"),
        ("container run", "rm", ""),
        ("compose up", "wait", ""),
    ],
)
def test_the_least_api_of_a_flag(command: str, keyword: str, api: str) -> None:
    assert spec.flags(command)[keyword].api == api


@pytest.mark.parametrize(
    ("command", "api"),
    [
        ("volume update", "1.42"),
        ("volume ls", "1.21"),
        ("service logs", "1.29"),
        ("node ls", "1.24"),
        ("stack up", "1.25"),
        ("builder prune", "1.39"),
        ("run", ""),
        ("compose up", ""),
    ],
)
def test_the_least_api_of_a_command(command: str, api: str) -> None:
    assert spec.api(command) == api


@pytest.mark.parametrize(
    ("command", "operands"),
    [
        ("rm", (1, None, True, "CONTAINER [CONTAINER...]")),
        ("cp", (2, 2, True, "CONTAINER:SRC_PATH DEST_PATH|-")),
        ("images", (0, 1, True, "[REPOSITORY[:TAG]]")),
        ("build", (1, 1, True, "PATH | URL | -")),
        ("run", (1, None, False, "IMAGE [COMMAND] [ARG...]")),
        ("top", (1, None, False, "CONTAINER [ps OPTIONS]")),
        ("volume ls", (0, 0, True, "")),
        ("volume update", (1, 1, True, "[VOLUME]")),
        ("manifest inspect", (1, 2, True, "[MANIFEST_LIST] MANIFEST")),
        ("context inspect", (0, None, True, "[CONTEXT] [CONTEXT...]")),
        ("trust signer add", (2, None, True, "NAME REPOSITORY [REPOSITORY...]")),
        ("buildx history inspect attachment", (0, 2, True, "[REF [DIGEST]]")),
        ("buildx dial-stdio", (0, 0, True, "")),
        ("compose exec", (2, None, False, "SERVICE COMMAND [ARGS...]")),
        ("compose wait", (1, None, True, "SERVICE [SERVICE...]")),
        ("compose down", (0, None, True, "[SERVICES]")),
    ],
)
def test_operands(command: str, operands: tuple[int, int | None, bool, str]) -> None:
    assert spec.operands(command) == spec.Operands(*operands)


def test_where_flags_end_at_the_first_operand() -> None:
    ending = {name for name in spec.commands() if not spec.operands(name).interspersed}
    container = {f"container {verb}" for verb in ("commit", "create", "exec", "run", "top")}
    others = {"image tag", "service create", "compose exec", "compose run"}
    assert ending == container | others


def test_kinds_of_value() -> None:
    flags = spec.flags("container run")
    assert flags["rm"].is_bool
    assert not flags["rm"].is_int
    assert flags["stop_timeout"].is_int
    assert not flags["stop_timeout"].is_bool
    assert not flags["health_interval"].is_int


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("run", "container run"),
        ("ps", "container ls"),
        ("images", "image ls"),
        ("rmi", "image rm"),
        ("container list", "container ls"),
        ("builder build", "image build"),
        ("stack up", "stack deploy"),
        ("bake", "buildx bake"),
        ("buildx b", "buildx build"),
        ("compose bridge transformations ls", "compose bridge transformations list"),
        ("compose ls", "compose ls"),
        ("compose", "compose"),
        ("container run", "container run"),
        ("inspect", "inspect"),
        ("", ""),
    ],
)
def test_canonical(command: str, name: str) -> None:
    assert spec.canonical(command) == name
    assert spec.flags(command) == spec.flags(name)


@pytest.mark.parametrize("command", ["container", "contain", "un", "ls", "run = container run"])
def test_no_command(command: str) -> None:
    with pytest.raises(KeyError, match="no docker command"):
        spec.canonical(command)
    for question in (spec.flags, spec.operands, spec.api, spec.is_hidden):
        with pytest.raises(KeyError, match="no docker command"):
            question(command)


def test_commands_with_their_releases() -> None:
    commands = spec.commands()
    assert commands["container run"] == ALL
    assert commands["volume update"] == ("28.2.2", "29.7.2")
    assert commands["swarm init"] == DOCKER
    assert commands["compose up"] == COMPOSE
    assert commands["buildx history ls"] == BUILDX
    assert not commands.keys() & {
        "run",
        "container",
        "",
        "compose",
        "buildx",
        "bake",
        "compose alpha",
    }


def test_the_index_says_what_the_tables_say() -> None:
    merged = tables.merged(tables.load())
    assert set(spec.commands()) == merged.keys() - tables.GLOBALS
    for name, command in merged.items():
        assert spec.flags(name) == command.flags, name
        assert spec.operands(name) == command.operands, name
        assert spec.api(name) == command.api, name
        assert spec.is_hidden(name) == command.hidden, name
    for name, versions in spec.commands().items():
        assert versions == merged[name].versions, name


def test_answers_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        spec.flags("container run")["new"] = spec.Flag("new", "bool", None, ())  # type: ignore[index]


def test_importing_reads_nothing_and_a_question_needs_no_json() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, arguments: opened.append(arguments[0])"
        " if event == 'open' else None)\n"
        "from dockcli import spec\n"
        "assert spec.INDEX not in opened, 'read at import'\n"
        "spec.flags('container run')\n"
        "spec.flags('volume ls')\n"
        "assert opened.count(spec.INDEX) == 1, 'not read exactly once'\n"
        "loaded = {'json', 'dataclasses', 'dockcli.spec.options', 'dockcli.spec.tables'}\n"
        "assert not loaded & set(sys.modules), loaded & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
