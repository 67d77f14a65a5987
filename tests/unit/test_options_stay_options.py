"""No value becomes an option, and no option a value (promise P2)."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import PurePosixPath
from typing import Any

import pytest

from dockcli import Docker, Secret, spec
from dockcli.argv import NO_MAPPINGS
from dockcli.errors import InvalidArgument
from tests.unit.fake import FakeDocker
from tests.unit.verbs import POSITIONALS, build, found

HOSTILE = (
    "-v/:/host",
    "--privileged",
    "--",
    "-",
    "",
    "-h",
    "--config=/x",
    "-H=tcp://evil",
    "--rm",
    "a\0b",
    " x",
    "\n--rm",
)

FLAGS = [
    (command, keyword)
    for command in POSITIONALS
    for keyword, flag in spec.flags(command).items()
    if not flag.is_bool and (command, keyword) != ("login", "password")  # goes to docker's stdin
]

VALUES = ("--", "-x", "--privileged", "", "a=b,c")


class Named:
    """A value that says its own name, as handles and models do."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __docker__(self) -> str:
        return self.name


def test_the_table_of_positionals_covers_every_verb() -> None:
    assert found().keys() == POSITIONALS.keys()


@pytest.mark.parametrize("command", POSITIONALS)
def test_valid_positionals_stand_last_and_in_order(command: str) -> None:
    shape = POSITIONALS[command]
    words = (*shape.valid, *(("true",) if shape.rest else ()))
    assert build(command).argv[len(build(command).argv) - len(words) :] == words


def operands(command: str, place: int, value: object) -> list[object]:
    shape = POSITIONALS[command]
    words: list[object] = [*shape.valid, *shape.valid[-1:]][: max(place + 1, len(shape.valid))]
    words[place] = value
    return [*words, "true"] if shape.rest else words


# Loops, where a case for each would be ten thousand cases.


@pytest.mark.parametrize("command", [c for c, shape in POSITIONALS.items() if shape.valid])
def test_a_positional_never_becomes_an_option(command: str) -> None:
    shape = POSITIONALS[command]
    kinds: list[Any] = [str, Named, str.encode, PurePosixPath]
    for place, hostile, kind in product(range(len(shape.valid) + shape.more), HOSTILE, kinds):
        try:
            argv = build(command, *operands(command, place, kind(hostile))).argv
        except InvalidArgument:
            continue
        word = str(kind(hostile)) if kind is PurePosixPath else hostile
        shown = {word, f"./{word}"} if kind in (PurePosixPath, str.encode) else {word}
        (at,) = [at for at in range(len(argv) - 2, len(argv)) if argv[at] in shown][-1:]
        assert not argv[at].startswith("-") or "--" in argv[:at]
        assert argv.count("--") <= 1 + (word == "--")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_that_is_none_is_refused_before_anything_runs(
    fake_docker: FakeDocker, client: Docker, hostile: str
) -> None:
    for command, shape in POSITIONALS.items():
        if shape.rest or shape.more:  # those that take names, not paths
            with pytest.raises(InvalidArgument):
                found(client)[command](*operands(command, 0, hostile)).run()
    assert not fake_docker.calls


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("container cp", ("-", "web:/x")),
        ("container cp", ("web:/x", "-")),
        ("container cp", ("--help", "web:/x")),
        ("image build", ("-",)),
        ("image build", ("--privileged",)),
        ("image import", ("-", "shop:1")),
    ],
)
def test_a_positional_with_a_dash_stands_behind_the_terminator(
    command: str, words: tuple[str, ...]
) -> None:
    argv = build(command, *words, **({} if command == "container cp" else {"platform": "x"})).argv
    assert argv[-len(words) - 1 :] == ("--", *words)


def test_there_is_no_terminator_where_none_is_needed() -> None:
    for command in POSITIONALS:
        assert "--" not in build(command).argv


@pytest.mark.parametrize("hostile", [word for word in HOSTILE if "\0" not in word])
@pytest.mark.parametrize("command", [c for c, shape in POSITIONALS.items() if shape.rest])
def test_the_words_of_a_containers_command_pass_unchanged(command: str, hostile: str) -> None:
    (name,) = POSITIONALS[command].valid
    argv = build(command, name, hostile, "--", hostile, env="A=1").argv
    assert argv[-5:] == ("--env=A=1", name, hostile, "--", hostile)


def test_there_are_as_many_flags_as_docker_has() -> None:
    assert len(FLAGS) > 150
    assert {"container run", "image build", "volume create"} <= {command for command, _ in FLAGS}


@pytest.mark.parametrize("command", sorted({command for command, _ in FLAGS}))
def test_a_value_stays_in_the_token_of_its_flag(command: str) -> None:
    for keyword in [keyword for of, keyword in FLAGS if of == command]:
        _stays_in_its_token(command, keyword)


@pytest.mark.parametrize("program", ["", *spec.PLUGINS])
def test_a_value_stays_in_the_token_of_a_flag_before_the_command(program: str) -> None:
    """docker's own global flags, and those of its plugins."""
    given = ("host", "context", "config")  # those that a client takes
    for keyword, flag in spec.flags(program).items():
        if flag.is_bool or (not program and keyword not in given):
            continue
        for value in dict.fromkeys((*VALUES, *HOSTILE)):
            if "\0" in value:
                with pytest.raises(InvalidArgument, match="NUL"):
                    before(program, {keyword: value})
                continue
            plain = Counter(before(program, {}))
            argv = before(program, {keyword: value})
            assert list((Counter(argv) - plain).elements()) == [f"--{flag.name}={value}"]
            assert argv.index(f"--{flag.name}={value}") == (2 if program else 1)


def before(program: str, options: dict[str, Any]) -> tuple[str, ...]:
    """A command line with *options* of that program's own."""
    if not program:
        return Docker(**options).call.version().argv
    return getattr(Docker().call, program)(**options).version().argv


def _stays_in_its_token(command: str, keyword: str) -> None:
    name = spec.flags(command)[keyword].name
    plain = Counter(build(command).argv)
    forms: list[tuple[object, list[str]]] = []
    for value in dict.fromkeys((*VALUES, *HOSTILE)):
        if "\0" in value:
            with pytest.raises(InvalidArgument, match="NUL"):
                build(command, **{keyword: value})
            continue
        token = f"--{name}={value}"
        forms += [
            (value, [token]),
            (value.encode(), [token]),
            (Named(value), [token]),
            ([value, "z"], [token, f"--{name}=z"]),
        ]
        if keyword not in NO_MAPPINGS:
            forms += [
                ({"k": value}, [f"--{name}=k={value}"]),
                ({"k": [value, "z"]}, [f"--{name}=k={value}", f"--{name}=k=z"]),
            ]
    if keyword not in NO_MAPPINGS:
        keys = ("--", "-x", "--privileged", "a,c")
        forms += [({key: "v"}, [f"--{name}={key}=v"]) for key in keys]
    for value, tokens in forms:
        argv = build(command, **{keyword: value}).argv
        assert list((Counter(argv) - plain).elements()) == tokens
        words = POSITIONALS[command].valid
        assert argv.index(tokens[0]) < len(argv) - len(words)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("command", "keyword"), [("container run", "env"), ("image build", "build_arg")]
)
def test_a_secret_leaves_its_name_alone_in_the_token(
    command: str, keyword: str, value: str
) -> None:
    flag = keyword.replace("_", "-")
    for given in ({"TOKEN": Secret(value)}, [Secret(f"TOKEN={value}")], Secret(f"TOKEN={value}")):
        call = build(command, **{keyword: given})
        extra = Counter(call.argv) - Counter(build(command).argv)
        assert list(extra.elements()) == [f"--{flag}=TOKEN"]
        assert call.secrets == {"TOKEN": Secret(value)}


@pytest.mark.parametrize("key", ["", "a=b"])
def test_a_key_that_would_split_elsewhere_is_refused(key: str) -> None:
    with pytest.raises(InvalidArgument):
        build("container run", env={key: "x"})


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("keyword", ["host", "context", "config"])
def test_the_global_options_are_one_token_each(keyword: str, value: str) -> None:
    client = Docker(**{keyword: value})  # type: ignore[arg-type]
    assert build("container rm", "web", client=client).argv == (
        "docker",
        f"--{keyword}={value}",
        "container",
        "rm",
        "web",
    )


@pytest.mark.parametrize("command", POSITIONALS)
def test_what_is_no_flag_of_the_command_is_refused(command: str) -> None:
    for keyword in ("privilege", "Rm", "rm ", "rm=x", "--rm", "volumes-from", ""):
        with pytest.raises(InvalidArgument, match="has no flag"):
            build(command, **{keyword: True})


@pytest.mark.parametrize("label", ["--privileged", "-x", "a,b", "a=b"])
def test_the_labels_of_a_client_stay_in_their_tokens(label: str) -> None:
    client = Docker(labels={"owner": label})
    for command in ("container run", "container create", "image build", "volume create"):
        argv = build(command, client=client).argv
        assert f"--label=owner={label}" in argv
        assert len(argv) == len(build(command).argv) + 1
