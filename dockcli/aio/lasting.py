"""What lasts: the part that the live answers of async code have in common."""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dockcli.aio.drive import Drive, until_shutdown

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from dockcli.bytestream import _Pipe
    from dockcli.call import Call
    from dockcli.stream import Stream

S = TypeVar("S")


class Lasting(Generic[S]):
    """A live call in an event loop: started by what first wants something of it, ended by `aclose`,
    at the end of ``async with``, when it is no longer referred to, and when the loop ends."""

    def __init__(
        self,
        call: Call[Any],
        drive: Drive[S],
        source: Callable[[S], Stream[Any] | _Pipe],
    ) -> None:
        self.call: Call[Any] = call
        self._drive, self._source = drive, source
        self._guard: AsyncGenerator[None, None] | None = None
        self._end = weakref.finalize(self, drive.drop)
        self._end.atexit = False  # what it drives sees to that itself

    @property
    def returncode(self) -> int | None:
        """The exit code, None until the process has ended."""
        live = self._drive.live
        return None if live is None else self._source(live).returncode

    def __await__(self) -> Generator[Any, None, Self]:
        """Start it: what `await` gives is itself."""
        return self._itself().__await__()

    async def __aenter__(self) -> Self:
        return await self._itself()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the process, if it has not ended, and what it has started; return when it has."""
        await self._drive.close()
        await self._over()

    async def _itself(self) -> Self:
        await self._started()
        return self

    async def _started(self) -> S:
        await self._guarded()
        return await self._drive.start()

    async def _more(self) -> bool:
        """Wait for more. At the end of it raises what the call failed with."""
        await self._guarded()
        if await self._drive.more():
            return True
        await self._over()
        live = self._drive.live
        if live is not None:
            source = self._source(live)
            error, source._error = source._error, None
            if error is not None:
                raise error
        return False

    async def _guarded(self) -> None:
        """Have the loop end this one when it is shut down."""
        if self._guard is None and not self._drive.over:
            self._guard = until_shutdown(self._drive)
            await self._guard.__anext__()

    async def _over(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            await guard.aclose()
