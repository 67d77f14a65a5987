"""What is needed of `typing` while a program runs, for what is on the way of every call.

Importing `typing` takes as long as a third of all else that a script loads to ask docker once.
A type checker sees the real ones.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true

if TYPE_CHECKING:
    from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

    __all__ = ["TYPE_CHECKING", "Generic", "ParamSpec", "Protocol", "TypeVar", "cast", "overload"]
else:
    from types import GenericAlias

    class Generic:
        """What a class of some type derives from: ``class Box(Generic[T])``."""

        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)

    class Protocol(Generic):
        """What a class derives from that says what others must have."""

        __slots__ = ()

    def TypeVar(name: str, *bounds: Any, **options: Any) -> str:  # noqa: N802
        """The *name*: nothing asks for more while a program runs."""
        return name

    ParamSpec = TypeVar

    def cast(kind: Any, value: Any) -> Any:
        """The *value*."""
        return value

    def overload(function: Any) -> Any:
        """The *function*, of which the last of its name stays."""
        return function
