"""What stands in front of docker's own words: ``sudo``, its environment, and the program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dockcli import spec
from dockcli.errors import InvalidArgument

_SETTING = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=((?s:.*))")
_PROGRAM = re.compile(r"(?:docker|podman)(?![a-z])")


class Program(NamedTuple):
    """What a line runs: *client* is what a `Docker` for it is made with, none for plain docker."""

    client: dict[str, Any]
    is_podman: bool = False

    def flags(self, command: str) -> Mapping[str, spec.Flag]:
        """The flags that *command* may have: those that only podman has for podman alone."""
        known = spec.flags(command)
        if self.is_podman:
            return known
        return {keyword: flag for keyword, flag in known.items() if not flag.is_podmans}


def read(words: Iterable[str]) -> tuple[Program, list[str]]:
    """The program that *words* begin with, ``docker`` where they name none; and the words behind.

    Raises InvalidArgument where ``sudo`` or a setting stands before something else.
    """
    words = list(words)
    env = _settings(words)
    sudo = words[:1] == ["sudo"]
    if sudo:
        del words[: 2 if words[1:2] == ["-n"] else 1]
        env |= _settings(words)
    binary = words[0] if words and _is_program(words[0]) else None
    if binary is not None:
        del words[0]
    elif sudo or env:
        before = "sudo" if sudo else f"{next(iter(env))}=…"
        found = repr(words[0]) if words else "nothing"
        raise InvalidArgument(f"{before} stands before docker or podman here, not before {found}")
    client: dict[str, Any] = {} if binary in ("docker", None) else {"binary": binary}
    client |= {name: value for name, value in (("sudo", sudo), ("env", env)) if value}
    return Program(client, os.path.basename(binary or "").startswith("podman")), words


def _settings(words: list[str]) -> dict[str, str]:
    """Take what sets the environment from the front of *words*: ``DOCKER_BUILDKIT=1``."""
    env: dict[str, str] = {}
    while words and (match := _SETTING.fullmatch(words[0])):
        env[match[1]] = match[2]
        del words[0]
    return env


def _is_program(word: str) -> bool:
    if os.path.isabs(word):
        return bool(_PROGRAM.match(os.path.basename(word)))
    return word in ("docker", "podman")
