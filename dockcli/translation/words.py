"""The words of one command line, read as docker's own parser (Go's pflag) reads them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dockcli import spec
from dockcli.errors import InvalidArgument, UnknownFlag

# How Go's strconv.ParseBool spells them.
_SPELLED = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}

Given = dict[str, "bool | list[str]"]
"""What was given for each flag, by Python keyword and in the order typed: the last word on a
switch, every value of the others."""


class Line(NamedTuple):
    """What one command was given, and the words that are none of its flags."""

    given: Given
    operands: tuple[str, ...]


def read(
    command: str, flags: Mapping[str, spec.Flag], words: Iterable[str], *, interspersed: bool
) -> Line:
    """Read *words* by the *flags* of *command*, to which docker adds ``--help`` everywhere.

    Where options are not *interspersed*, the first operand ends them. Raises UnknownFlag, and
    InvalidArgument for a flag without its value.
    """
    return _Reader(command, _with_help(flags), words, interspersed).line()


class _Reader:
    def __init__(
        self,
        command: str,
        flags: Mapping[str, spec.Flag],
        words: Iterable[str],
        interspersed: bool,
    ) -> None:
        self._command = f"docker {command}".rstrip()
        self._words = list(words)
        self._interspersed = interspersed
        self._flags = {flag.name: (key, flag) for key, flag in flags.items()}
        self._shorts = {flag.short: name for name, (_, flag) in self._flags.items() if flag.short}
        self._given: Given = {}

    def line(self) -> Line:
        operands: list[str] = []
        words = self._words
        while words:
            word = words.pop(0)
            if word == "--":
                return Line(self._given, (*operands, *words))
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._joined(word)
            elif self._interspersed:
                operands.append(word)
            else:
                return Line(self._given, (word, *words))
        return Line(self._given, tuple(operands))

    def _long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        if name not in self._flags:
            raise UnknownFlag(self._unknown(f"--{name}"))
        self._take(name, word, value if equals else None)

    def _joined(self, word: str) -> None:
        """Short flags in one word: ``-itd``, ``-p80:80``, ``-itv=/a:/b``."""
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            name = self._shorts.get(letter)
            if name is None:
                raise UnknownFlag(self._unknown(f"-{letter}", word))
            if letters.startswith("=") and len(letters) > 1:  # a lone `=` is a value, or a letter
                value, letters = letters[1:], ""
            elif letters and not self._flags[name][1].is_bool:
                value, letters = letters, ""
            else:
                value = None
            self._take(name, word, value)

    def _take(self, name: str, word: str, value: str | None) -> None:
        keyword, flag = self._flags[name]
        if flag.is_bool:
            self._given[keyword] = True if value is None else self._switched(word, value)
            return
        if value is None:
            if not self._words:
                raise InvalidArgument(f"{self._command}: {word} needs a value ({flag.type})")
            value = self._words.pop(0)
        values = self._given.setdefault(keyword, [])
        assert isinstance(values, list)
        values.append(value)

    def _switched(self, word: str, value: str) -> bool:
        if value not in _SPELLED:
            raise InvalidArgument(f"{self._command}: {word} takes true or false, not {value!r}")
        return _SPELLED[value]

    def _unknown(self, shown: str, word: str | None = None) -> str:
        within = f" (in {word})" if word not in (None, shown) else ""
        known = [f"--{name}" for name in self._flags]
        near = difflib.get_close_matches(shown, known, n=3) if shown.startswith("--") else []
        meant = f"; did you mean {', '.join(near)}?" if near else ""
        return f"{self._command} has no flag {shown}{within}{meant}"


def _with_help(flags: Mapping[str, spec.Flag]) -> dict[str, spec.Flag]:
    taken = {flag.short for flag in flags.values()}
    short = None if "h" in taken else "h"
    return {**flags, "help": spec.Flag("help", "bool", short, spec.versions())}
