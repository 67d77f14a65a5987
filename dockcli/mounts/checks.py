"""What mounts and ports have in common: how they show themselves, how their parts are checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dockcli import argv
from dockcli.errors import InvalidArgument
from dockcli.value import Value

if TYPE_CHECKING:
    from typing import TypeAlias

    Path: TypeAlias = "str | bytes | os.PathLike[str]"
    Pairs: TypeAlias = "Mapping[str, str | int | os.PathLike[str]] | tuple[tuple[str, str], ...]"


class Spelled(Value):
    """A value that shows what it was made with."""

    __slots__ = ()

    def __repr__(self) -> str:
        defaults = type(self).__init__.__defaults__ or ()
        required = len(self.__slots__) - len(defaults)
        shown = [
            f"{self.__slots__[at]}={part!r}"
            for at, part in enumerate(self._parts())
            if at < required or part != defaults[at - required]
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def text(where: str, value: object) -> str:
    """A text that is not empty, as docker reads it."""
    word = argv.text(value, where)
    if not word:
        raise InvalidArgument(f"{where}= is empty")
    return utf8(where, word)


def utf8(where: str, word: str) -> str:
    """*word*, which JSON can hold."""
    try:
        word.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(
            f"{where}={word!r} is not UTF-8: docker tells its engine of mounts in JSON, "
            "which would put other characters there"
        ) from None
    return word


def pairs(where: str, pairs: Pairs) -> tuple[tuple[str, str], ...]:
    """docker reads ``KEY=VALUE``, and drops one without a key."""
    checked = []
    for key, value in dict(pairs).items():
        if "=" in text(where, key):
            raise InvalidArgument(f"{where}= has the key {key!r}: a key has no '='")
        checked.append((key, utf8(where, argv.text(value, where))))
    return tuple(checked)


def one_of(where: str, word: object, words: tuple[str, ...]) -> None:
    """Refuse a *word* that is none of *words*; None is nothing."""
    if word is not None and word not in words:
        raise InvalidArgument(f"{where}= is one of {', '.join(words)}, not {word!r}")


def switch(where: str, value: object) -> bool:
    """True or False, and nothing that is only taken for it."""
    if not isinstance(value, bool):
        raise InvalidArgument(f"{where}= is True or False, not {value!r}")
    return value
