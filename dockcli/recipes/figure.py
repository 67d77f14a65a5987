"""What a recipe's result may show beside its claims: a table, a tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first cell of each says what the others are about."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A line, and the trees below it."""

    label: str
    branches: tuple[Tree, ...] = ()
