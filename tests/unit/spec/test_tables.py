"""The committed tables: what they hold, and that the installed CLI still says the same."""

from __future__ import annotations

import pytest

from dockcli.spec import Flag, tables

ALL = {table["version"]: table for table in tables.load()}
TABLES = {table["version"]: table for table in tables.of_docker(tables.load())}


def test_docker_s_oldest_release_comes_first() -> None:
    assert list(TABLES) == ["20.10.24", "28.2.2", "29.7.2"]
    assert list(ALL) == [*TABLES, "podman-4.3.1", "buildx-0.36.1", "compose-5.5.0"]


@pytest.mark.parametrize(
    ("version", "commands", "flags"),
    [
        ("20.10.24", 166, 1052),
        ("28.2.2", 168, 1107),
        ("29.7.2", 168, 1093),
        ("buildx-0.36.1", 29, 266),
        ("compose-5.5.0", 37, 226),
    ],
)
def test_counts(version: str, commands: int, flags: int) -> None:
    """Commands that help shows, shorthands among them; flags without --help and global ones."""
    assert tables.count(ALL[version]) == (commands, flags)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_global_flags_are_apart(table: tables.Table) -> None:
    assert len(table["commands"][""]["flags"]) == 11
    assert "" not in tables.expanded(table)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_command_is_stored_twice(table: tables.Table) -> None:
    commands = table["commands"]
    originals = {name: entry["same_as"] for name, entry in commands.items() if "same_as" in entry}
    assert len(originals) == 36
    assert originals["run"] == "container run"
    assert originals["ps"] == "container ls"
    assert originals["images"] == "image ls"
    assert originals["rmi"] == "image rm"
    assert originals["info"] == "system info"
    assert originals["builder build"] == "image build"
    assert not originals.keys() & {"inspect", "version", "login", "logout", "search"}
    assert all("flags" in commands[original] for original in originals.values())


def test_shorthands_are_expanded() -> None:
    commands = tables.expanded(TABLES["28.2.2"])
    assert commands["run"] == commands["container run"]
    assert commands["run"]["flags"]["detach"]["short"] == "d"


def test_both_builders_flags_of_docker_20() -> None:
    flags = TABLES["20.10.24"]["commands"]["image build"]["flags"]
    assert {"memory", "squash", "secret", "ssh", "output"} <= flags.keys()


@pytest.mark.parametrize("version", ALL)
def test_committed_text_is_what_is_rendered(version: str) -> None:
    text = tables.path_of(version).read_text(encoding="utf-8")
    assert text == tables.render(ALL[version])
    assert "generated" in text.partition("\n")[0]


@pytest.mark.parametrize("version", ["29.7.2", "buildx-0.36.1", "compose-5.5.0"])
def test_what_was_not_installed_says_where_it_is_from(version: str) -> None:
    assert (
        "by dockcli/spec/read_reference.py from the reference pages of" in ALL[version]["generated"]
    )


@pytest.mark.parametrize("table", ALL.values(), ids=ALL)
def test_what_is_from_the_source_alone_is_hidden(table: tables.Table) -> None:
    for name, entry in table["commands"].items():
        if entry.get("from"):
            assert entry["hidden"], name
        for flag, found in entry.get("flags", {}).items():
            if found.get("from"):
                assert found["hidden"], (name, flag)


def test_nothing_of_the_machine_that_made_the_tables() -> None:
    for path in tables.HERE.iterdir():
        if path.suffix in {".json", ".txt"}:
            text = path.read_text(encoding="utf-8")
            assert not any(place in text for place in ("/root/", "/home/")), path.name


def _table(
    version: str, entry: tables.CommandEntry | None = None, **flags: tables.FlagEntry
) -> tables.Table:
    shown: tables.CommandEntry = {"usage": "docker x", "help": "", "flags": flags}
    return {"generated": "", "version": version, "commands": {"x": {**shown, **(entry or {})}}}


def test_newest_release_wins_and_each_flag_knows_its_releases() -> None:
    old = _table("1.0.0", a={"type": "int", "help": ""}, gone={"type": "bool", "help": ""})
    new = _table("2.0.0", a={"type": "list", "help": "", "short": "A"})
    command = tables.merged([old, new])["x"]
    assert command.versions == ("1.0.0", "2.0.0")
    assert command.flags["a"] == Flag("a", "list", "A", ("1.0.0", "2.0.0"))
    assert command.flags["gone"].versions == ("1.0.0",)


def test_a_flag_is_hidden_as_in_the_newest_release_but_its_api_is_never_forgotten() -> None:
    old = _table("1.0.0", {"api": "1.30"}, a={"type": "int", "help": "", "api": "1.40"})
    new = _table("2.0.0", a={"type": "int", "help": "", "hidden": True})
    command = tables.merged([old, new])["x"]
    assert (command.flags["a"].hidden, command.flags["a"].api) == (True, "1.40")
    assert command.api == "1.30"


def _podman(lacks: list[str], entry: tables.CommandEntry) -> tables.Table:
    commands = {"x": entry}
    return {"generated": "", "version": "podman-1.0.0", "lacks": lacks, "commands": commands}


def test_what_podman_has_too_and_what_it_has_more() -> None:
    docker = _table(
        "2.0.0", a={"type": "int", "help": "", "short": "s"}, b={"type": "int", "help": ""}
    )
    own: dict[str, tables.FlagEntry] = {
        "c": {"type": "bool", "help": "", "short": "c"},
        "d": {"type": "bool", "help": "", "short": "s"},
    }
    command = tables.merged([docker, _podman([], {"lacks": ["b"], "flags": own})])["x"]
    assert command.versions == ("2.0.0", "podman-1.0.0")
    assert {name: flag.versions for name, flag in command.flags.items()} == {
        "a": ("2.0.0", "podman-1.0.0"),
        "b": ("2.0.0",),
        "c": ("podman-1.0.0",),
        "d": ("podman-1.0.0",),
    }
    assert command.flags["c"].short == "c"
    assert command.flags["d"].short is None, "the letter is docker's"


def test_what_podman_lacks_or_is_a_plugin_s_is_not_podman_s() -> None:
    docker = _table("2.0.0", a={"type": "int", "help": ""})
    plugin = _table("compose-1.0.0")
    plugin["commands"] = {"compose x": plugin["commands"]["x"]}
    merged = tables.merged([docker, plugin, _podman(["x"], {"lacks": [], "flags": {}})])
    assert merged["x"].versions == merged["x"].flags["a"].versions == ("2.0.0",)
    assert merged["compose x"].versions == ("compose-1.0.0",)


@pytest.mark.parametrize(
    ("usage", "words", "arity"),
    [
        ("docker rm [OPTIONS] CONTAINER [CONTAINER...]", "CONTAINER [CONTAINER...]", (1, None)),
        ("docker images [OPTIONS] [REPOSITORY[:TAG]]", "[REPOSITORY[:TAG]]", (0, 1)),
        ("docker image build [OPTIONS] PATH | URL | -", "PATH | URL | -", (1, 1)),
        ("docker cp [OPTIONS] A:SRC DEST|-\ndocker cp SRC|- A:DEST", "A:SRC DEST|-", (2, 2)),
        ("docker trust signer add OPTIONS NAME X [X...] ", "NAME X [X...]", (2, None)),
        (
            "docker port CONTAINER [PRIVATE_PORT[/PROTO]]",
            "CONTAINER [PRIVATE_PORT[/PROTO]]",
            (1, 2),
        ),
        ("docker buildx x [OPTIONS] [REF [DIGEST]]", "[REF [DIGEST]]", (0, 2)),
        ("docker buildx dial-stdio [OPTIONS] < in.fifo > out.fifo &", "", (0, 0)),
        ("docker compose wait SERVICE [SERVICE...] [OPTIONS]", "SERVICE [SERVICE...]", (1, None)),
        ("docker compose x -- [COMMAND...]", "[COMMAND...]", (0, None)),
        ("docker swarm join-token [OPTIONS] (worker|manager)", "(worker|manager)", (1, 1)),
        ("docker config create [OPTIONS] CONFIG file|-", "CONFIG file|-", (2, 2)),
        ("docker", "", (0, 0)),
    ],
)
def test_operands_of_a_usage_line(usage: str, words: str, arity: tuple[int, int | None]) -> None:
    assert tables.operand_words(usage) == words
    assert tables.usage_arity(words) == arity


# Where docker checks otherwise than its usage line says.
CHECKED_OTHERWISE = {
    "buildx dap build": (0, 1),
    "buildx debug": (0, None),
    "buildx history import": (0, 0),
    "buildx use": (0, 1),
    "compose alpha viz": (0, None),
    "compose attach": (1, None),
    "compose down": (0, None),
    "compose export": (1, None),
    "compose port": (2, None),
    "compose scale": (1, None),
    "container top": (1, None),
    "image import": (1, None),
    "plugin create": (2, None),
    "volume update": (1, 1),
}


def test_the_source_says_what_the_usage_lines_say_or_is_known_not_to() -> None:
    commands = tables.merged(tables.load())
    otherwise = {
        name: (takes.least, takes.most)
        for name, (_, _, takes, _, _) in commands.items()
        if name not in tables.GLOBALS
        if tables.usage_arity(takes.words) != (takes.least, takes.most)
    }
    assert otherwise == CHECKED_OTHERWISE


def test_another_name_of_a_command_is_no_command_and_leads_to_one() -> None:
    loaded = tables.load()
    commands, names = tables.merged(loaded), tables.other_names(loaded)
    assert not names.keys() & commands.keys()
    assert set(names.values()) <= commands.keys()
