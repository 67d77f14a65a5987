"""What is said to a shell in a container: lines in which no byte of the caller's can act.

Nothing here needs a program in the container: ``printf``, ``read``, ``test``, ``cd`` and ``kill``
are part of every shell that images have (dash, busybox, bash).
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping

from dockcli.errors import InvalidArgument
from dockcli.secret import Secret

TAG = "DOCKCLI_MACHINE"
"""The variable by which all that a shell or command of ours has started is found again."""

SMALL = 48 * 1024
"""Up to so many bytes of data travel as text of a line; more go through a process of their own."""

_PIECE = 8192  # bytes of one printf: where it is a program, no word may be over 128 KiB
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n_./:,=+@#<>")
_OCTAL = [chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in range(256)]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def word(value: object) -> str:
    """*value* as a word of a command: any bytes but NUL, those that are no UTF-8 as surrogates."""
    if isinstance(value, Secret):
        raise InvalidArgument(
            "a Secret is no word of a command: whoever may see that machine's processes would see "
            "it. Give it in env= of container.machine(…), or to the command's stdin"
        )
    text = os.fsdecode(value) if isinstance(value, bytes) else str(value)
    if "\0" in text:
        raise InvalidArgument(f"{text!r}: no word of a command can have a NUL in it")
    return text


def quoted(values: Iterable[object]) -> str:
    """The words of one command, as a shell reads them."""
    return " ".join(shlex.quote(word(value)) for value in values)


def encoded(line: str) -> bytes:
    """A line as it is sent."""
    try:
        return line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"{line[error.start]!r} stands for no byte: {error}") from None


def variable(name: str) -> str:
    """A variable's name. Raises InvalidArgument for what no shell takes as one."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidArgument(f"{name!r} is no name of a variable: letters, digits and _ make one")
    return name


def printing(data: bytes) -> str:
    """Commands that print *data*, whatever bytes it has."""
    pieces = (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
    return "; ".join(f"printf '{''.join(map(_OCTAL.__getitem__, piece))}'" for piece in pieces)


def script(text: str) -> str:
    """*text* for ``sh -c``: docker makes other bytes of those in its words that are no UTF-8."""
    data = encoded(text)
    try:
        data.decode()
    except UnicodeDecodeError:
        return f'eval "$({printing(data)})"'
    return text


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Commands that make the variables *after* of those *before*."""
    gone = [f"unset {variable(name)}" for name in before if name not in after]
    return gone + [
        f"export {variable(name)}={shlex.quote(word(value))}"
        for name, value in after.items()
        if before.get(name) != value
    ]


_EXPORT = re.compile(r"(?:export|declare -\w*x\w*) ([A-Za-z_][A-Za-z0-9_]*)(=?)")
_PART = re.compile(
    r"""'(?P<plain>[^']*)'|\$'(?P<coded>(?:[^'\\]|\\.)*)'|"(?P<spread>(?:[^"\\]|\\.)*)"|(?P<bare>\\.|[^\n])""",
    re.DOTALL,
)
_CODES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "E": "\x1b",
    "e": "\x1b",
}


def exported(said: bytes) -> dict[str, str]:
    """The variables that ``export -p`` has told, quoted as dash, busybox or bash do it."""
    text, at = said.decode("latin-1"), 0  # a character for each byte
    told: dict[str, str] = {}
    while (found := _EXPORT.match(text, at)) is not None:
        at, value = found.end(), ""
        while found[2] and (part := _PART.match(text, at)) is not None:
            value += _meant(part)
            at = part.end()
        if found[2]:
            told[found[1]] = os.fsdecode(value.encode("latin-1"))
        at = text.find("\n", at) + 1 or len(text)
    return told


def _meant(part: re.Match[str]) -> str:
    """One quoted part of a value without its quotes."""
    if part["plain"] is not None:
        return part["plain"]
    if part["coded"] is not None:
        return re.sub(r"\\(?:([0-7]{1,3})|(.))", _decoded, part["coded"], flags=re.DOTALL)
    if part["spread"] is not None:
        return re.sub(r'\\([$`"\\])', r"\1", part["spread"])
    return part["bare"][-1]


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found[1], 8)) if found[1] else _CODES.get(found[2], found[2])


# Ends by signal $2 all that has the mark $1 in its environment, also what has left its parents and
# its session. Again as long as it finds some, for what was started meanwhile; who is another's
# stays so. It says whether there was any.
END_ALL = r"""
others=' ' found=
for again in 1 2 3 4 5; do
  seen=
  for one in /proc/[0-9]*; do
    case $others in *" $one "*) continue ;; esac
    ours=
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in *"$1"*) ours=1; break ;; esac
    done 2>/dev/null <"$one/environ"
    if [ -z "$ours" ]; then others="$others$one "
    elif kill -"$2" "${one#/proc/}" 2>/dev/null; then
      [ -n "$found" ] || echo found
      seen=1 found=1
    fi
  done
  [ -n "$seen" ] && [ "$2" = KILL ] || break
done
"""
