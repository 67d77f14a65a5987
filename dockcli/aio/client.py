"""The client for async code: it makes of each call something to be awaited, or iterated over."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from dockcli.aio.bytestream import AsyncByteStream
from dockcli.aio.crew import ERRANDS, away
from dockcli.aio.handles import handed
from dockcli.aio.stream import AsyncStream, driven
from dockcli.call import BYTES, ITEMS, TERMINAL
from dockcli.client import Docker
from dockcli.commands.group import Awaits, Builds
from dockcli.commands.tree import Tree
from dockcli.errors import InvalidArgument
from dockcli.reading import Live, Nothing
from dockcli.runner import LocalRunner
from dockcli.stream import Stream

if TYPE_CHECKING:
    from dockcli.aio.scope import AsyncScope
    from dockcli.call import Call

P = ParamSpec("P")
T = TypeVar("T")

_QUIET = Live(Nothing, answers=True)


def _as(
    other: Callable[Concatenate[Any, P], None],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Give a method the signature of *other*, to which it passes its arguments."""
    return functools.wraps(other)


class AsyncDocker(Tree[Awaits]):
    """A docker to call from async code, made with the same arguments as `Docker`::

        d = AsyncDocker()
        await d.container.run("alpine", "id", rm=True)
        async for line in d.logs("web", follow=True): ...
        async with await d.run("nginx", detach=True) as web: ...

    It has all groups and verbs of `Docker`; what there gives an answer is to be awaited here, a
    `Stream` is an `AsyncStream`, a `ByteStream` an `AsyncByteStream`, and a handle one whose verbs
    are awaited. Arguments are checked when the verb is called, docker is started when its answer is
    awaited. ``on_progress=`` is called by the event loop, and awaited where it gives something to
    be awaited. A call that is cancelled, by a ``timeout`` too, has ended its process when the
    cancellation comes back, and the container of a `run` with it.

    The event loop never waits for docker: that is done by its own polling and by threads, which
    are dockcli's own and go when there is nothing to do. Any event loop that can watch a pipe will
    do. Terminals (``tty=True``) and machines are for code that sits there and waits: ``sync``, the
    same client without async, has them.
    """

    @_as(Docker.__init__)
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._set(Docker(*arguments, **options))

    def _set(self, client: Docker) -> None:
        super().__init__(client)
        self.sync: Docker = client
        """The same client for code that waits."""
        self.call: Tree[Builds] = client.call

    def __repr__(self) -> str:
        return f"Async{self.sync!r}"

    def but(self, **changes: Any) -> AsyncDocker:
        """The same client but for *changes* to the arguments that it was made with."""
        other = AsyncDocker.__new__(AsyncDocker)
        other._set(self.sync.but(**changes))
        return other

    def scope(self, *, keep: bool = False, guard: bool = True) -> AsyncScope:
        """A client whose makings are gone at the end:
        ``async with d.scope() as s: await s.run(…)``.

        See `dockcli.Scope`.
        """
        from dockcli.aio.scope import AsyncScope

        return AsyncScope(self.sync.scope(keep=keep, guard=guard))

    def give(self, call: Call[Any]) -> Any:
        """What is to be awaited for the answer of *call*, or something live that it asks for."""
        if call.form == TERMINAL:
            raise InvalidArgument(
                "a terminal is not for async code, it has no await: use the same verb of .sync"
            )
        return {ITEMS: self.stream, BYTES: self.open}.get(call.form, self.execute)(call)

    def do(self, work: Callable[[], T]) -> Coroutine[Any, Any, T]:
        """Do *work* in a thread; cancelled, it ends the docker process that it waits for."""
        return away(ERRANDS, work, threading.Event())

    def execute(self, call: Call[T]) -> Coroutine[Any, Any, T]:
        """Run *call* and read its answer."""
        given = call.client._given
        if given is not None and not isinstance(given, LocalRunner):
            return self._elsewhere(call)
        return self._execute(call)

    def stream(self, call: Call[Any]) -> AsyncStream[Any]:
        """*call*, to be taken as it tells it."""
        return AsyncStream(call, partial(call.client.stream, call), self._give)

    def open(self, call: Call[Any]) -> AsyncByteStream:
        """*call*, whose bytes are to be read."""
        return AsyncByteStream(call, partial(call.client.open, call))

    async def _execute(self, call: Call[Any]) -> Any:
        from dockcli.execution import watched

        drive = driven(partial(_begin, call, watched(call) or _QUIET))
        try:
            while await drive.more():
                item = drive.queue.popleft()
                if call.on_progress is not None:
                    heard = call.on_progress(item)
                    if inspect.isawaitable(heard):
                        await heard
            return self._give(await drive.afterwards(Stream.answer))
        except GeneratorExit:
            drive.drop()
            raise
        except BaseException:
            await drive.close()
            raise

    async def _elsewhere(self, call: Call[Any]) -> Any:
        """Run it by a runner of the caller's own, which knows nothing of loops."""
        return self._give(await away(ERRANDS, call.run, threading.Event()))

    def _give(self, answer: Any) -> Any:
        return handed(answer, self)


def _begin(call: Call[Any], live: Live) -> Stream[Any]:
    from dockcli.execution import Errand

    return Stream(Errand(call), live)
