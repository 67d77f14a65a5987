"""The files generated from the tables, and the generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_type_hints

import pytest

from dockcli.spec import Flag, options, tables, values, write_options
from dockcli.spec.tables import Command
from dockcli.spec.write_signatures import told_apart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    """The generated files, to be written into an empty directory."""
    files = {tmp_path / path.name: text for path, text in write_options.generated().items()}
    monkeypatch.setattr(write_options, "generated", lambda: files)
    return files


def _main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["write_options", *arguments])
    write_options.main()


def test_committed_files_are_what_the_tables_give() -> None:
    for path, text in write_options.generated().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_generated_files_say_so_in_their_first_line() -> None:
    for text in write_options.generated().values():
        first, _, _ = text.partition("\n")
        assert first.startswith("#")
        assert "generated" in first


def test_check_fails_until_the_files_are_written(
    elsewhere: dict[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"not what the tables give: options\.py"):
        _main(monkeypatch, "--check")
    assert not any(path.exists() for path in elsewhere)
    _main(monkeypatch)
    _main(monkeypatch, "--check")


def test_check_fails_for_a_file_that_was_edited(
    elsewhere: dict[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _main(monkeypatch)
    edited, *_ = elsewhere
    edited.write_text(elsewhere[edited] + "\n")
    with pytest.raises(SystemExit) as stopped:
        _main(monkeypatch, "--check")
    assert edited.name in str(stopped.value)


def test_every_command_has_its_options_and_every_flag_is_in_them() -> None:
    for name, command in tables.merged(tables.load()).items():
        if name:
            keys = getattr(options, write_options.class_name(name)).__annotations__.keys()
            declared = write_options.OF_ANOTHER_ANSWER.get(name, frozenset())
            declared |= told_apart(name, command) | write_options.UNTYPED.get(name, frozenset())
            expected = command.flags.keys() - declared
            own = values.Own.__annotations__.keys() | {"check", "on_progress"}
            assert keys - own == expected, name
            assert ("check" in keys) is (name in write_options.ANSWERED_AS_WRITTEN), name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("container run", "ContainerRunOptions"),
        ("trust key load", "TrustKeyLoadOptions"),
        ("swarm join-token", "SwarmJoinTokenOptions"),
        ("version", "VersionOptions"),
    ],
)
def test_class_name(command: str, name: str) -> None:
    assert write_options.class_name(command) == name


def test_run_takes_what_create_takes() -> None:
    create = options.ContainerCreateOptions.__annotations__
    run = options.ContainerRunOptions.__annotations__
    assert create.items() <= run.items()
    of_podman = {"passwd", "preserve_fds", "rmi"}
    assert run.keys() - create.keys() == {"detach_keys", "sig_proxy", *of_podman}
    text = (tables.HERE / "options.py").read_text(encoding="utf-8")
    assert "class ContainerRunOptions(ContainerCreateOptions, total=False):" in text


def test_a_base_that_promises_too_much_is_refused() -> None:
    create = Command((), {"new": Flag("new", "bool", None, ())})
    commands = {"container create": create, "container run": Command((), {})}
    with pytest.raises(ValueError, match="container run does not take every flag"):
        write_options.options(commands)


@pytest.mark.parametrize(
    ("name", "type_", "alias"),
    [
        ("rm", "bool", "Switch"),
        ("memory", "bytes", "Integer"),
        ("env", "list", "Many"),
        ("health-interval", "duration", "Duration"),
        ("stop-timeout", "int", "Seconds"),
        ("since", "string", "Moment"),
    ],
)
def test_value_of(name: str, type_: str, alias: str) -> None:
    assert write_options.value_of(Flag(name, type_, None, ())) == alias


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match=r"--new has the type 'colour'"):
        write_options.value_of(Flag("new", "colour", None, ()))


def test_every_type_of_the_tables_has_a_value_and_no_other() -> None:
    commands = tables.merged(tables.load())
    types = {flag.type for command in commands.values() for flag in command.flags.values()}
    assert types == write_options.VALUES.keys()


def test_the_options_are_types_that_can_be_resolved() -> None:
    from dockcli.secret import Secret

    names = {"Secret": Secret, **vars(values)}
    assert get_type_hints(options.VolumeRmOptions, names)["force"] == values.Switch
