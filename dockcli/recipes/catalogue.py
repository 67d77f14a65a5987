"""All recipes, in the order in which one builds on another."""

from __future__ import annotations

import importlib
from typing import Any

from dockcli.recipes.stage import Recipe

NAMES = (
    "isolation",
    "writable_layer",
    "image_layers",
    "copy_on_write",
    "bind_mount_shell",
    "volumes_from",
    "volume_instruction",
    "volume_lifecycle",
    "bind_mount",
    "volume_vs_bind",
    "filesystem",
)


def recipe(name: str) -> Recipe[Any]:
    """The recipe called *name*. Raises KeyError for what is none."""
    if name not in NAMES:
        raise KeyError(name)
    found: Recipe[Any] = importlib.import_module(f"dockcli.recipes.{name}").RECIPE
    return found


def recipes() -> list[Recipe[Any]]:
    """All of them."""
    return [recipe(name) for name in NAMES]
