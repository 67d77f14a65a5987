"""Any values, as any flags and words, by every way of running a call: docker gets just them (P1).

What has to come is worked out here, by docker's rules and not by dockcli's code, and what came is
told by a shell that knows nothing of either.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockcli import Docker
from tests.unit.ways import WAYS

_DOCKER = '#!/bin/sh\nprintf \'%s\\0\' "$@" >"${0%/*}/came"\n'
_SUDO = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
    st.binary(max_size=30).map(lambda data: os.fsdecode(data.replace(b"\0", b"."))),
    st.sampled_from(["", " ", "--", "-", "--rm", "-v/:/host", "$(id)", "`id`", "~", "*", "a\nb"]),
    st.sampled_from(["a" * 100_000, "\n" * 5000, "'" * 3000]),
)
VALUES = st.one_of(
    TEXTS,
    TEXTS.map(os.fsencode),
    TEXTS.filter(bool).map(PurePosixPath),
    st.integers(),
    st.floats(allow_nan=False),
)
KEYS = TEXTS.filter(lambda key: key and "=" not in key and len(key) < 1000)
FLAGS = st.fixed_dictionaries(
    {},
    optional={
        "env": st.one_of(VALUES, st.lists(VALUES, max_size=3), st.dictionaries(KEYS, VALUES)),
        "label": st.one_of(st.lists(VALUES, max_size=3), st.dictionaries(KEYS, VALUES)),
        "workdir": VALUES,
        "hostname": VALUES,
        "user": VALUES,
        "group_add": st.lists(VALUES, max_size=3),
        "privileged": st.booleans(),
        "init": st.none(),
    },
)


def spelled(value: Any) -> bytes:
    """The bytes that docker is to have for one value."""
    if isinstance(value, (str, bytes, PurePosixPath)):
        return os.fsencode(value)
    return repr(value).encode()


def expected(flags: dict[str, Any], words: list[Any]) -> list[bytes]:
    """The words of ``docker container run``, as docker's documentation has them."""
    line = [b"container", b"run"]
    for name, value in flags.items():
        flag = b"--" + name.replace("_", "-").encode()
        if value is None:
            continue
        if isinstance(value, bool):
            line.append(flag if value else flag + b"=false")
        elif isinstance(value, dict):
            line += [flag + b"=" + spelled(k) + b"=" + spelled(v) for k, v in value.items()]
        else:
            many = value if isinstance(value, list) else [value]
            line += [flag + b"=" + spelled(one) for one in many]
    return [*line, b"alpine", *map(spelled, words)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a docker and a sudo of this test are, and what the docker was given."""
    found = tmp_path_factory.mktemp("telling")
    for name, text in (("docker", _DOCKER), ("sudo", _SUDO)):
        (found / name).write_text(text, encoding="utf-8")
        (found / name).chmod(0o755)
    return found


def client(folder: Path, sudo: bool) -> Docker:
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return Docker(sudo=sudo, env={"PATH": path})


def came(folder: Path) -> list[bytes]:
    """What docker was given, without the flags by which dockcli finds a container again."""
    words = (folder / "came").read_bytes().split(b"\0")[:-1]
    return [word for word in words if not word.startswith((b"--cidfile=", b"--env=DOCKCLI_EXEC="))]


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.timeout(900)  # a thousand processes, on a machine that may be busy
@settings(max_examples=1000, **QUIET)
@given(flags=FLAGS, words=st.lists(VALUES, max_size=4))
def test_a_run_gets_just_what_it_was_given(
    folder: Path, flags: dict[str, Any], words: list[Any]
) -> None:
    docker = client(folder, False)
    docker.container.run("alpine", *words, name=None, check=False, **flags)
    assert came(folder) == expected(flags, words)


@pytest.mark.parametrize("sudo", [False, True], ids=["plain", "sudo"])
@pytest.mark.parametrize("way", WAYS)
def test_by_every_way_docker_gets_just_what_was_given(folder: Path, way: str, sudo: bool) -> None:
    slow = way == "terminal"

    @settings(max_examples=15 if slow else 60, **QUIET)
    @given(flags=FLAGS, words=st.lists(VALUES, max_size=4))
    def holds(flags: dict[str, Any], words: list[Any]) -> None:
        call = client(folder, sudo).call.container.run("alpine", *words, check=False, **flags)
        WAYS[way](call)
        assert came(folder) == expected(flags, words)

    holds()
