"""A value that must not be seen: not in argv, a log, an exception, a repr or a pickle."""

from __future__ import annotations

from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


MASK = "***"


class Secret:
    """A text that dockcli passes on without ever showing it.

    Give it in ``env=`` or ``build_arg=``, as a value of a mapping (``env={"TOKEN": Secret("…")}``)
    or as a whole ``Secret("TOKEN=…")``. It travels by the environment of the docker process
    (``--env=TOKEN``), where other users of the machine cannot read it, and not by its argv, where
    they can. ``reveal()`` is the only way to get the text back.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: reveal() it if it may be written down")
