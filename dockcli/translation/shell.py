"""One text for a shell, as its words: read as a shell reads it, but nothing in it is run."""

from __future__ import annotations

import re
from typing import NamedTuple

from dockcli.errors import InvalidArgument

_OPERATOR = re.compile(
    r"&>>?|&&?|\|[|&]?|;[;&]?|<<<|<<-?|<>|[<>]&(?:\d+-?|-)?|[<>]\(|>>|>\||[<>()]"
)
_OPERATOR_WITH_NUMBER = re.compile(r"\d+(?:<>|[<>]&(?:\d+-?|-)?|>>|>\||<<?|>)")  # 2>&1
_PARAMETER = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])")
_HOME = re.compile(r"~[A-Za-z0-9_.-]*")

_IN_QUOTES = {"$(": ")", "${": "}", "`": "`"}
_IN_BRACES = {**_IN_QUOTES, "'": "'", '"': '"'}

# What can be opened before something is closed, and what closes that.
_OPENERS: dict[str, dict[str, str]] = {
    "'": {},
    "`": {},
    '"': _IN_QUOTES,
    "}": _IN_BRACES,
    ")": {**_IN_BRACES, "(": ")"},
}


class Text(NamedTuple):
    """The words of a text, and the parts of them that a shell would have put something in the place
    of: ``$(pwd)``, ``$HOME``, ``~``."""

    words: list[str]
    substituted: tuple[str, ...]


def split(line: str) -> Text:
    """The words of *line*: without its comment, and with what a shell would substitute as it is.

    Raises InvalidArgument for what is more than one command, or no line for a shell.
    """
    return _Splitter(line).text()


class _Splitter:
    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0
        self._word: str | None = None
        self._words: list[str] = []
        self._substituted: dict[str, None] = {}
        self._ended = False

    def text(self) -> Text:
        while self._at < len(self._line):
            self._step()
        self._end_word()
        return Text(self._words, tuple(self._substituted))

    def _step(self) -> None:
        char = self._line[self._at]
        if char in " \t\r\n":
            self._end_word()
            self._ended |= char == "\n" and bool(self._words)
            self._at += 1
        elif char == "#" and self._word is None:
            end = self._line.find("\n", self._at)
            self._at = end if end >= 0 else len(self._line)
        elif self._line.startswith("\\\n", self._at):
            self._at += 2
        else:
            self._refuse_operator()
            self._part_of_word(char)

    def _refuse_operator(self) -> None:
        match = _OPERATOR.match(self._line, self._at)
        if self._word is None:
            match = match or _OPERATOR_WITH_NUMBER.match(self._line, self._at)
        if match:
            raise InvalidArgument(
                f"translate takes one docker command: {match[0]} is the shell's (a word for docker "
                "stands in quotes)"
            )
        if self._ended:
            raise InvalidArgument(
                "translate takes one docker command: a new line begins another (a backslash at the "
                "end of a line goes on with the same)"
            )

    def _part_of_word(self, char: str) -> None:
        if char == "\\":
            self._add(self._escaped())
        elif char == "'":
            start, self._at = self._at + 1, self._beyond(self._at + 1, "'")
            self._add(self._line[start : self._at - 1])
        elif char == '"':
            self._in_quotes()
        elif char in "$`":
            self._substitution("'")
        elif char == "~" and self._word is None:
            self._keep(self._found(_HOME))
        else:
            self._at += 1
            self._add(char)

    def _in_quotes(self) -> None:
        """The rest of a word up to the closing ``"``."""
        end = self._beyond(self._at + 1, '"') - 1
        self._at += 1
        self._add("")
        while self._at < end:
            char, following = self._line[self._at], self._line[self._at + 1]
            if char == "\\" and following == "\n":
                self._at += 2
            elif char == "\\" and following in '$`"\\':
                self._add(self._escaped())
            elif char in "$`":
                self._substitution("")
            else:
                self._at += 1
                self._add(char)
        self._at = end + 1

    def _escaped(self) -> str:
        if self._at + 1 == len(self._line):
            raise self._unclosed("No escaped character")
        self._at += 2
        return self._line[self._at - 1]

    def _substitution(self, quote: str) -> None:
        """What begins with ``$`` or a backquote; a *quote* may stand behind the ``$`` too."""
        line, at = self._line, self._at
        closing = {"$(": ")", "${": "}", f"${quote}": quote}.get(line[at : at + 2], "")
        if line[at] == "`":
            self._keep(line[at : self._beyond(at + 1, "`")])
        elif closing == "'":
            self._keep(line[at : self._beyond(at + 2, closing, escapes=True)])
        elif closing:
            self._keep(line[at : self._beyond(at + 2, closing)])
        elif parameter := self._found(_PARAMETER):
            self._keep(parameter)
        else:
            self._at += 1
            self._add("$")

    def _found(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._line, self._at)
        return match[0] if match else ""

    def _beyond(self, at: int, closing: str, *, escapes: bool = False) -> int:
        """The place behind the *closing* of what was opened before *at*.

        *escapes*: a backslash counts between single quotes too, as it does behind a ``$``.
        """
        line, open_ = self._line, [closing]
        while at < len(line):
            inner, two = open_[-1], line[at : at + 2]
            opener = two if two in _OPENERS[inner] else line[at]
            if line[at] == inner:
                open_.pop()
                if not open_:
                    return at + 1
            elif line[at] == "\\" and (inner != "'" or escapes):
                at += 1
            elif opener in _OPENERS[inner]:
                open_.append(_OPENERS[inner][opener])
                at += len(opener) - 1
            at += 1
        raise self._unclosed(
            "No closing quotation" if closing in "'\"" else f"No closing {closing}"
        )

    def _unclosed(self, what: str) -> InvalidArgument:
        return InvalidArgument(f"{self._line!r} is no line for a shell: {what}")

    def _keep(self, part: str) -> None:
        self._substituted[part] = None
        self._at += len(part)
        self._add(part)

    def _add(self, part: str) -> None:
        self._word = (self._word or "") + part

    def _end_word(self) -> None:
        if self._word is not None:
            self._words.append(self._word)
        self._word = None
