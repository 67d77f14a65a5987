"""Frozen values with named parts, for what is on the way of every call.

What a frozen dataclass is, without importing `dataclasses`: that, with the `inspect` that it loads,
costs every script that imports dockcli about as long as half a docker call.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeVar

    V = TypeVar("V", bound="Value")


class Value:
    """The base: subclasses name their parts in ``__slots__``, in the order of ``__init__``."""

    __slots__: tuple[str, ...] = ()

    _puts: tuple[Callable[[Any, Any], None], ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._puts = tuple(getattr(cls, name).__set__ for name in cls.__slots__)

    def _set(self, *parts: Any) -> None:
        """Give the parts their values, in the order of ``__slots__``: by name it takes twice as
        long, and a call has nineteen."""
        assert len(parts) == len(self._puts)
        for put, part in zip(self._puts, parts):  # noqa: B905 - strict takes as long as two parts
            put(self, part)

    def __setattr__(self, name: str, part: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be removed")

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._parts() == self._parts()

    def __hash__(self) -> int:
        return hash((type(self), self._parts()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._parts()

    def replace(self: V, **changes: Any) -> V:
        """The same but for *changes*."""
        parts = dict(zip(self.__slots__, self._parts(), strict=True))
        return type(self)(**{**parts, **changes})
