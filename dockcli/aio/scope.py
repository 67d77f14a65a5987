"""Scopes for async code."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dockcli.aio.client import AsyncDocker
from dockcli.aio.crew import ERRANDS, away

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from dockcli.scope import Scope


class AsyncScope(AsyncDocker):
    """A client for a while: ``async with d.scope() as s:``; all that `dockcli.Scope` says holds.

    A task that is cancelled in the block ends when all is removed, also if it is cancelled again.
    """

    def __init__(self, scope: Scope) -> None:
        self._set(scope)
        self._scope = scope

    @property
    def id(self) -> str:
        """The value of its label ``dockcli.scope``."""
        return self._scope.id

    def temporary_folder(self) -> Path:
        """A new folder for this user alone (mode 0700), which is removed after the containers."""
        return self._scope.temporary_folder()

    async def __aenter__(self) -> Self:
        try:
            await away(ERRANDS, self._scope.__enter__, threading.Event())
        except BaseException:
            self._scope.leave()  # it may have begun, and nobody knows
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await away(ERRANDS, partial(self._scope.__exit__, kind, error, trace), None)
