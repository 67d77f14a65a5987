"""A call whose output is taken as it comes, by async code: an async iterator of typed items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dockcli.aio.drive import Drive
from dockcli.aio.lasting import Lasting
from dockcli.errors import InvalidArgument
from dockcli.stream import Stream

if TYPE_CHECKING:
    from collections import deque

    from typing_extensions import Self

    from dockcli.call import Call

T = TypeVar("T")

_MANY = 4000  # items that may wait to be taken


def driven(begin: Callable[[], Stream[Any]]) -> Drive[Stream[Any]]:
    """The drive of what *begin* gives."""
    return Drive(begin, _source, _queue, _MANY)


class AsyncStream(Lasting[Stream[Any]], Generic[T]):
    """What a call tells, item by item, as docker tells it:
    ``async for line in d.logs("web", follow=True)``.

    Its process is started by what comes first: the first item that is asked for, ``async with``, or
    ``await`` of the stream, which gives the stream itself. It waits when nobody takes its items.

    When the loop is left in any way it is ended, and the container of a `run` with it: where the
    stream is a context manager, is closed, or is no longer referred to; when the task that waits
    for an item is cancelled, by a ``timeout`` too; and when the event loop ends. So the wait that a
    timeout ends is the last one: ``silence=`` limits the time between two items, ``deadline=`` that
    of all; they count while the next item is waited for.

    At the end of the items ``returncode`` is the exit code; when docker, or the program, has failed
    the error comes in place of the next item (unless ``check=False``).
    """

    def __init__(
        self, call: Call[Any], begin: Callable[[], Stream[Any]], give: Callable[[Any], Any]
    ) -> None:
        """*give* makes of an answer what async code is given."""
        super().__init__(call, driven(begin), _source)
        self._give = give

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        queue = self._drive.queue
        if not queue:
            if not await self._more():
                raise StopAsyncIteration
            queue = self._drive.queue
        item: T = queue.popleft()
        return item

    async def answer(self) -> Any:
        """The call's own answer, as without ``stream=True``, once the items are passed over.

        Only of calls whose items tell how far they are (`build`, `pull`, `load`, …): what the
        others write is in their items, and is kept nowhere else. Raises InvalidArgument for those.
        """
        if self.call.live is None or not self.call.live.answers:
            raise InvalidArgument(f"the items are the answer of {self.call}")
        async for _ in self:
            pass
        return self._give(await self._drive.afterwards(Stream.answer))


def _source(stream: Stream[Any]) -> Stream[Any]:
    return stream


def _queue(stream: Stream[Any]) -> deque[Any]:
    return stream._items
