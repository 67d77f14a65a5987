"""Keys by name, and the bytes that a terminal sends for them; docker's words for detach keys."""

from __future__ import annotations

import difflib
import re

from dockcli.errors import InvalidArgument

ENTER = "\r"
ESCAPE = "\x1b"
CTRL_C = "\x03"
CTRL_D = "\x04"

_NAMED = {
    "enter": ENTER,
    "return": ENTER,
    "escape": ESCAPE,
    "esc": ESCAPE,
    "tab": "\t",
    "shift-tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
}
# As xterm has them: by their last letter, or by a number before "~".
_LETTERS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FIRST = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERS = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    **dict(zip((f"f{n}" for n in range(5, 13)), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)),
}
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}
_CONTROL = {
    **{chr(code + 96): chr(code) for code in range(1, 27)},
    "@": "\0",
    "space": "\0",
    "[": "\x1b",
    "\\": "\x1c",
    "]": "\x1d",
    "^": "\x1e",
    "_": "\x1f",
    "?": "\x7f",
}


def sent_for(name: str, *, application: bool = False) -> bytes:
    """What a terminal sends for the key *name*: ``"escape"``, ``"ctrl-c"``, ``"f5"``, ``"x"``.

    *application*: the program has asked for the other form of the arrows, as vi and less do.
    Raises InvalidArgument, with the nearest names.
    """
    if len(name) == 1 and name.isprintable():
        return name.encode()
    *modifiers, key = re.split(r"(?<=\w)-(?=.)", name.lower())
    sequence = _sequence(name.lower(), key, modifiers, application)
    if sequence is None:
        raise _unknown(name)
    return sequence.encode()


def _sequence(name: str, key: str, modifiers: list[str], application: bool) -> str | None:
    if name in _NAMED:
        return _NAMED[name]
    if not set(modifiers) <= _MODIFIERS.keys() or len(set(modifiers)) < len(modifiers):
        return None
    if letter := _LETTERS.get(key) or _FIRST.get(key):
        if modifiers:
            return f"\x1b[1;{_number(modifiers)}{letter}"
        return f"\x1bO{letter}" if application or key in _FIRST else f"\x1b[{letter}"
    if number := _NUMBERS.get(key):
        return f"\x1b[{number};{_number(modifiers)}~" if modifiers else f"\x1b[{number}~"
    if modifiers == ["ctrl"]:
        return _CONTROL.get(key)
    if modifiers == ["alt"]:
        plain = _NAMED.get(key) or (key if len(key) == 1 else None)
        return None if plain is None else ESCAPE + plain
    if set(modifiers) == {"alt", "ctrl"} and key in _CONTROL:
        return ESCAPE + _CONTROL[key]
    return None


def _number(modifiers: list[str]) -> int:
    return 1 + sum(_MODIFIERS[name] for name in modifiers)


def _unknown(name: str) -> InvalidArgument:
    known = [*_NAMED, *_LETTERS, *_FIRST, *_NUMBERS, "ctrl-c", "ctrl-d", "ctrl-left", "alt-x"]
    near = difflib.get_close_matches(name.lower(), known, 3) or ["escape", "ctrl-c", "f5", "x"]
    return InvalidArgument(f"no key {name!r}; there is, for example, {', '.join(near)}")


def detach_sequence(words: str) -> list[bytes]:
    """The keys that docker's ``ctrl-p,ctrl-q`` means, each as it is typed.

    Raises InvalidArgument for what docker does not take either.
    """
    keys = []
    for word in words.split(","):
        control = re.fullmatch(r"ctrl-([a-zA-Z@\[\\\]^_])", word)
        if control:
            keys.append(_CONTROL[control[1].lower()].encode())
        elif len(word) == 1:
            keys.append(word.encode())
        else:
            raise InvalidArgument(
                f"detach keys {words!r}: docker takes single characters and ctrl-LETTER, "
                "with commas between them"
            )
    return keys
