"""What is done for a scope whose owner is gone, by its guard."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from dockcli.client import Docker
from dockcli.errors import DockcliError
from dockcli.owner import Owner, remove_dead_folders, remove_folder
from dockcli.scope.orphans import end_orphans
from dockcli.scope.traces import clear

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between the tries: an engine may be about to come back."""


class Aftermath:
    """What the guard has been told, a line of JSON each: the scope, its places and its folders."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        told = [json.loads(line) for line in lines]
        about = told[0] if told else {}
        self._owner = Owner.parse(about.get("owner", ""))
        self._scope: str = about.get("scope", "")
        self._places = [one["place"] for one in told if "place" in one]
        self._folders: list[str] = [one["folder"] for one in told if "folder" in one]

    def is_due(self) -> bool:
        """Whether the owner is provably dead; also where nobody has said who that is."""
        return self._owner is None or self._owner.is_dead()

    def clear(self) -> None:
        """Remove all that the scope has made; again after a while, where an engine refuses."""
        if not self._scope:
            return
        left = self._places
        for pause in (*_PAUSES, 0):
            left = [place for place in left if not self._cleared(place)]
            self._remove_folders()  # last, for containers write into them
            if not left:
                return
            time.sleep(pause)

    def _remove_folders(self) -> None:
        for folder in self._folders:
            with suppress(OSError):
                remove_folder(folder)
        with suppress(OSError):
            remove_dead_folders()  # those of calls that its owner was killed in

    def _cleared(self, place: dict[str, Any]) -> bool:
        try:
            client = client_of(place)
            end_orphans(client)
            return not clear(client, self._scope, interrupted=True)
        except (DockcliError, OSError):
            return False


def place_of(client: Docker, binary: str) -> dict[str, Any]:
    """How another process of this user reaches what *client* does; *binary* is its path."""
    given = client.arguments()
    names = ("host", "context", "sudo", "env")
    place = {name: given[name] for name in names if name in given}
    if "config" in given:
        place["config"] = os.fspath(given["config"])
    try:
        cwd = os.path.abspath(client.cwd or ".")  # what docker itself is told may be relative to it
    except FileNotFoundError:  # the folder that we are in was removed
        cwd = "/"
    return {**place, "binary": binary, "cwd": cwd}


def client_of(place: dict[str, Any]) -> Docker:
    """The client for that place."""
    there = os.path.isdir(place["cwd"])
    return Docker(**{**place, "cwd": place["cwd"] if there else None})
