"""How Python values become docker's words (promise P1)."""

from __future__ import annotations

import enum
import os
import re
import signal
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockcli import Secret, argv, spec
from dockcli.errors import InvalidArgument, UnknownFlag
from dockcli.objects import Container, Image, Volume
from tests.unit.verbs import BUILDER, build


def flags(command: str = "container run", **options: Any) -> list[str]:
    return list(argv.flags(command, options).words)


def named(value: object) -> str:
    """An id that is the same in every process: without the places of objects in memory."""
    return re.sub(r" at 0x\w+", "", repr(value))


class Colour(str, enum.Enum):
    RED = "red"


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rm": True}, ["--rm"]),
        ({"rm": False}, ["--rm=false"]),
        ({"rm": None, "name": None, "env": None}, []),
        ({"name": "web"}, ["--name=web"]),
        ({"volumes_from": "a"}, ["--volumes-from=a"]),
        ({"env": "A=1"}, ["--env=A=1"]),
        ({"env": ["A=1", "B"]}, ["--env=A=1", "--env=B"]),
        ({"env": ("A=1",)}, ["--env=A=1"]),
        ({"env": (word for word in ["A=1", "B=2"])}, ["--env=A=1", "--env=B=2"]),
        ({"env": {"A=1"}}, ["--env=A=1"]),
        ({"env": []}, []),
        ({"env": {}}, []),
        ({"env": {"A": "1", "B": None, "C": ""}}, ["--env=A=1", "--env=B", "--env=C="]),
        ({"env": OrderedDict(A=1, B=1.5)}, ["--env=A=1", "--env=B=1.5"]),
        ({"label": {"on": True, "off": False}}, ["--label=on=true", "--label=off=false"]),
        ({"label": {"a": ["1", "2"]}}, ["--label=a=1", "--label=a=2"]),
        ({"cpus": 1.5, "memory": 1024}, ["--cpus=1.5", "--memory=1024"]),
        ({"memory": "512m"}, ["--memory=512m"]),
        ({"cidfile": Path("/a b/c")}, ["--cidfile=/a b/c"]),
        ({"name": b"\xff"}, ["--name=\udcff"]),
        ({"volume": [PurePosixPath("/a"), "b:/c"]}, ["--volume=/a", "--volume=b:/c"]),
        ({"pull": Colour.RED}, ["--pull=red"]),
        ({"name": Loud("web")}, ["--name=web"]),
        ({"memory_swap": -1}, ["--memory-swap=-1"]),
        ({"pids_limit": Level.HIGH}, ["--pids-limit=3"]),
        ({"env": {"N": Level.HIGH}}, ["--env=N=3"]),
        ({"volume": Volume("data", BUILDER)}, ["--volume=data"]),
        ({"b": None}, UnknownFlag),
        ({"name": "a", "rm": True, "env": "b"}, ["--name=a", "--rm", "--env=b"]),
        ({"rm": "yes"}, InvalidArgument),
        ({"rm": 1}, InvalidArgument),
        ({"detach": "true"}, InvalidArgument),
        ({"name": True}, InvalidArgument),
        ({"name": False}, InvalidArgument),
        ({"env": [True]}, InvalidArgument),
        ({"env": [None]}, InvalidArgument),
        ({"env": [["A=1"]]}, InvalidArgument),
        ({"env": [{"A": "1"}]}, InvalidArgument),
        ({"env": {1: "a"}}, InvalidArgument),
        ({"env": {b"A": "a"}}, InvalidArgument),
        ({"env": {"A": object()}}, InvalidArgument),
        ({"env": {"A": {"B": "C"}}}, InvalidArgument),
        ({"name": object()}, InvalidArgument),
        ({"name": 1j}, InvalidArgument),
        ({"name": "a\0b"}, InvalidArgument),
        ({"name": b"a\0b"}, InvalidArgument),
        ({"env": {"A": "a\0b"}}, InvalidArgument),
        ({"env": {"A\0": "b"}}, InvalidArgument),
    ],
    ids=named,
)
def test_one_rule_for_every_value(options: dict[str, Any], words: Any) -> None:
    if isinstance(words, list):
        assert flags(**options) == words
        assert all(type(word) is str for word in flags(**options) or [""])
    else:
        with pytest.raises(words):
            flags(**options)


def test_a_signal_is_its_number_on_every_python() -> None:
    assert flags("container stop", signal=signal.SIGTERM) == ["--signal=15"]


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(seconds=30), "30s"),
        (timedelta(minutes=90), "5400s"),
        (timedelta(days=1), "86400s"),
        (timedelta(microseconds=1), "1us"),
        (timedelta(seconds=1, microseconds=1), "1000001us"),
        (timedelta(seconds=1, milliseconds=1), "1001ms"),
        (timedelta(), "0s"),
        (timedelta(seconds=-1), "-1s"),
        (timedelta(milliseconds=-1500), "-1500ms"),
    ],
)
def test_a_span_keeps_every_microsecond(span: timedelta, text: str) -> None:
    assert flags(health_interval=span) == [f"--health-interval={text}"]


@pytest.mark.parametrize(
    ("command", "keyword"),
    [("container run", "stop_timeout"), ("container stop", "timeout"), ("container stop", "time")],
)
def test_where_docker_counts_in_seconds_a_span_has_no_unit(command: str, keyword: str) -> None:
    flag = keyword.replace("_", "-")
    assert flags(command, **{keyword: timedelta(minutes=2)}) == [f"--{flag}=120"]
    with pytest.raises(InvalidArgument, match="whole seconds"):
        flags(command, **{keyword: timedelta(milliseconds=1500)})


@given(st.timedeltas())
def test_a_span_is_read_back_as_it_was(span: timedelta) -> None:
    text = flags(health_interval=span)[0].removeprefix("--health-interval=")
    number = int(text.rstrip("muns"))
    unit = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}[text.lstrip("-0123456789")]
    assert timedelta(**{unit: number}) == span


def test_a_moment_is_never_without_its_zone() -> None:
    aware = datetime(2024, 2, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=9)))
    assert flags("container logs", since=aware) == ["--since=2024-02-03T04:05:06.000007+09:00"]
    naive = datetime(2024, 2, 3, 4, 5, 6)
    text = flags("container logs", since=naive)[0].removeprefix("--since=")
    assert datetime.fromisoformat(text) == naive.astimezone()


def test_a_handle_is_its_id() -> None:
    web, shop = Container("abc", BUILDER), Image("sha256:def", BUILDER)
    assert build("container rm", web).argv[-1] == "abc"
    assert build("container run", shop, "id").argv[-2:] == ("sha256:def", "id")
    assert build("container cp", f"{web}:/x", "y").argv[-2:] == ("abc:/x", "y")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("a:b", "a:b"),
        (Path("a:b"), "./a:b"),
        (Path("./a:b"), "./a:b"),
        (Path("/a:b"), "/a:b"),
        (Path("../a:b"), "../a:b"),
        (Path(".a:b"), ".a:b"),
        (Path("a"), "a"),
        (Path("-"), "./-"),
        (Path("-a"), "-a"),
        ("-", "-"),
        (b"a\xff", "a\udcff"),
        (os.fsdecode(b"web:/a\xff"), "web:/a\udcff"),
    ],
    ids=named,
)
def test_a_path_is_always_of_this_machine(source: object, word: str) -> None:
    assert build("container cp", source, "web:/x").argv[-2] == word
    assert build("container cp", "web:/x", source).argv[-1] == word


@pytest.mark.parametrize(
    "name",
    ["alpine", "alpine:3.20", "ghcr.io:443/a/b_c:v1-x", "a@sha256:0f", "sha256:0f", "[::1]:5000/a"],
)
def test_an_image_reference_passes(name: str) -> None:
    assert argv.image(name) == name


@pytest.mark.parametrize("check", [argv.container, argv.image, argv.volume])
@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a\n", "\na", "-a", ".", "a;b", "a$b", "ä", "a=b"]
)
def test_a_name_that_docker_would_refuse_is_refused(
    check: Callable[[object], str], name: str
) -> None:
    with pytest.raises(InvalidArgument, match="not the name of any"):
        check(name)


@pytest.mark.parametrize("name", ["/etc", "a/b", "a:b", "a,b", "../x"])
def test_a_volume_cannot_be_a_folder_or_carry_a_mode(name: str) -> None:
    with pytest.raises(InvalidArgument):
        argv.volume(name)


def test_an_unknown_flag_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownFlag, match=r"--volume-from; did you mean volumes_from="):
        flags(volume_from="x")
    with pytest.raises(TypeError):
        flags(nonsense=1)


def test_verbs_that_take_several_want_one() -> None:
    for call in (BUILDER.call.container.rm, BUILDER.call.image.rm, BUILDER.call.volume.inspect):
        with pytest.raises(InvalidArgument, match="at least one"):
            call()
    with pytest.raises(InvalidArgument, match="at least one word"):
        BUILDER.call.container.exec("web")


@pytest.mark.parametrize("deadline", [0, -1, 0.0, float("nan"), True, "5", timedelta()])
def test_a_deadline_is_more_than_no_time(deadline: object) -> None:
    with pytest.raises(InvalidArgument, match="deadline="):
        build("container rm", deadline=deadline)


def test_our_own_keywords_are_checked_and_are_no_words() -> None:
    call = build("container rm", deadline=timedelta(minutes=1), stdin="x", check=False)
    assert (call.deadline, call.stdin, call.check) == (60.0, "x", False)
    assert call.argv == ("docker", "container", "rm", "web")
    for wrong in ({"check": 1}, {"stdin": 5}, {"stdin": {"a": "b"}}):
        with pytest.raises(InvalidArgument):
            build("container rm", **wrong)


def test_stdin_for_a_command_opens_its_stdin() -> None:
    assert "--interactive" in build("container run", stdin=b"").argv
    assert build("container run", stdin=b"", interactive=True).argv.count("--interactive") == 1
    assert "--interactive" not in build("container run").argv
    with pytest.raises(InvalidArgument, match="interactive"):
        build("container exec", stdin=b"", interactive=False)


def test_host_and_context_exclude_each_other() -> None:
    with pytest.raises(InvalidArgument):
        BUILDER.but(host="unix:///x", context="y")


@pytest.mark.parametrize("keyword", ["label", "name", "volume", "env_file", "mount"])
def test_a_secret_is_refused_where_everybody_would_read_it(keyword: str) -> None:
    for given_secret in (Secret("A=b"), [Secret("A=b")], {"A": Secret("b")}):
        reason = "Secret|takes no mapping" if isinstance(given_secret, dict) else "Secret"
        with pytest.raises(InvalidArgument, match=reason):
            flags(**{keyword: given_secret})


@pytest.mark.parametrize("command", ["container cp", "container rm", "image build", "volume rm"])
def test_a_secret_is_no_positional(command: str) -> None:
    with pytest.raises(InvalidArgument, match="Secret"):
        build(command, Secret("web:/x"), *(["y"] if command == "container cp" else []))
    with pytest.raises(InvalidArgument, match="Secret"):
        build("container exec", "web", Secret("word"))


# Any text that a process can be given: no NUL, and of the surrogates those that stand for bytes.
_WORDS = st.one_of(
    st.text(st.characters(exclude_characters="\0")),
    st.binary().map(lambda raw: os.fsdecode(raw.replace(b"\0", b""))),
    st.sampled_from(
        ["", " ", "\n", "'", '"', "*", "~", "$(id)", "`id`", "--", "-x", "a=b,c", "\\"]
    ),
    st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=4).map(
        lambda word: word * (100_000 // len(word))
    ),
)
_KEYS = _WORDS.filter(lambda word: word and "=" not in word and len(word) < 1000)
_RUN = [keyword for keyword, flag in spec.flags("container run").items() if not flag.is_bool]
_SWITCHES = [keyword for keyword, flag in spec.flags("container run").items() if flag.is_bool]
_VALUES = st.one_of(
    _WORDS,
    st.lists(_WORDS, max_size=3),
    st.dictionaries(_KEYS, st.one_of(st.none(), st.booleans(), _WORDS), max_size=3),
)
_OPTIONS = st.dictionaries(st.sampled_from(_RUN), _VALUES, max_size=4).filter(
    lambda options: (
        not any(
            isinstance(value, dict) and value and keyword in argv.NO_MAPPINGS
            for keyword, value in options.items()
        )
    )
)


def _expected(options: dict[str, Any]) -> list[str]:
    words = []
    for keyword, value in options.items():
        flag = "--" + keyword.replace("_", "-")
        if value is None:
            continue
        if isinstance(value, bool):
            words.append(flag if value else flag + "=false")
        elif isinstance(value, list):
            words += [flag + "=" + one for one in value]
        elif isinstance(value, dict):
            spelled = {None: "", True: "=true", False: "=false"}
            for key, one in value.items():
                words.append(
                    flag + "=" + key + ("=" + one if isinstance(one, str) else spelled[one])
                )
        else:
            words.append(flag + "=" + value)
    return words


@settings(max_examples=1000, deadline=None)
@given(
    _OPTIONS,
    st.dictionaries(st.sampled_from(_SWITCHES), st.sampled_from([True, False, None]), max_size=3),
    st.lists(_WORDS, max_size=4),
)
def test_what_is_given_is_what_docker_gets(
    options: dict[str, Any], switches: dict[str, Any], command: list[str]
) -> None:
    given_options = {**options, **switches}
    call = BUILDER.call.container.run("alpine", *command, **given_options)
    assert list(call.argv) == [
        *("docker", "container", "run"),
        *_expected(given_options),
        "alpine",
        *command,
    ]


@pytest.mark.parametrize("value", ["true", 1, 0, b"false", Level.HIGH])
def test_a_switch_is_true_or_false(value: object) -> None:
    with pytest.raises(InvalidArgument, match=r"^detach= is True or False, not "):
        flags(detach=value)


@pytest.mark.parametrize(
    ("command", "keyword", "meant"),
    [
        ("container run", "volume", r'\["/a:/b"\] or \[Bind\("/a", "/b"\)\]'),
        ("compose run", "volume", "/a:/b"),
        ("container create", "mount", "Bind"),
        ("service create", "mount", "Bind"),
        ("service update", "mount_add", "Bind"),
        ("container run", "publish", "Port"),
        ("compose run", "publish", "Port"),
        ("service update", "publish_add", "Port"),
        ("container run", "tmpfs", "Tmpfs"),
        ("container run", "expose", "80"),
        ("container run", "device", "/dev/a:/dev/b"),
        ("container run", "volumes_from", "web:ro"),
    ],
)
def test_a_mapping_that_docker_would_read_otherwise_is_refused(
    command: str, keyword: str, meant: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"^{keyword}= takes no mapping: .*{meant}"):
        flags(command, **{keyword: {"/a": "/b"}})


@pytest.mark.parametrize("path", [b"a:b", b"-", PurePosixPath("a:b")])
def test_bytes_are_a_path_of_this_machine_as_a_path_is(path: Any) -> None:
    assert argv.operand(path) == f"./{os.fsdecode(path)}"


@pytest.mark.parametrize("path", [b"a/b", b"/a:b", b"./a:b"])
def test_a_plain_path_stays_as_it_is(path: bytes) -> None:
    assert argv.operand(path) == os.fsdecode(path)
