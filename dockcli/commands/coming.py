"""What the verbs of the async face give, for type checkers: nothing imports this while it runs."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Coming: TypeAlias = Coroutine[Any, Any, T]
"""What is to be awaited for a T."""
