"""Handles whose verbs are awaited: each does what the handle beneath it, of `objects`, does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, TypeVar, overload

from dockcli.aio.crew import ERRANDS, away
from dockcli.objects import Container, Handle, Image, Network, Of, Volume

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from dockcli.aio.client import AsyncDocker
    from dockcli.commands.coming import Coming
    from dockcli.commands.signatures import (
        AsyncContainerAttachOf,
        AsyncContainerExecOf,
        AsyncContainerExportOf,
        AsyncContainerLogsOf,
        AsyncContainerStatsOf,
        AsyncImagePushOf,
        AsyncImageSaveOf,
    )
    from dockcli.models.image import Push
    from dockcli.models.stats import ContainerStats

P = ParamSpec("P")
T = TypeVar("T")
H = TypeVar("H", bound=Handle)


class Method(Generic[P, T]):
    """A method of the handle beneath, to be awaited."""

    def __init__(self, method: Callable[..., Any], *, verb: bool) -> None:
        self.__doc__ = method.__doc__
        self.verb = verb
        """Whether it is the verb of that name of the handle's group; the others do several calls,
        in a thread."""
        self._name = method.__name__

    @overload
    def __get__(self, handle: None, owner: type) -> Method[P, T]: ...
    @overload
    def __get__(self, handle: AsyncHandle[Any], owner: type) -> Callable[P, Coming[T]]: ...
    def __get__(self, handle: AsyncHandle[Any] | None, owner: type) -> Any:
        if handle is None:
            return self
        if self.verb:
            group = getattr(handle._client, handle.__docker_kind__)
            return partial(getattr(group, self._name), handle.sync)
        return partial(_in_a_thread, handle, getattr(handle.sync, self._name))


async def _in_a_thread(
    handle: AsyncHandle[Any], method: Callable[..., Any], /, *words: Any, **options: Any
) -> Any:
    answer = await away(ERRANDS, partial(method, *words, **options), threading.Event())
    return handed(answer, handle._client)


def awaited(verb: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
    """The verb of a handle, which is that of its group."""
    return Method(verb, verb=True)


def making_an_image(verb: Callable[Concatenate[Any, P], Image]) -> Method[P, AsyncImage]:
    """The same of a verb that answers with an image."""
    return Method(verb, verb=True)


def in_a_thread(method: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
    """A method of a handle that does more than one call."""
    return Method(method, verb=False)


class AsyncHandle(Generic[H]):
    """Something on an engine, as a `Handle` is, for async code; ``sync`` is that handle.

    As an async context manager it removes its object at the end, as a handle does.
    """

    __slots__ = ("_client", "sync")
    __docker_kind__: ClassVar[str]
    _kind: ClassVar[Callable[..., Any]]

    def __init__(self, id: str, client: AsyncDocker) -> None:
        self._client = client
        self.sync: H = self._kind(id, client.sync)

    @classmethod
    def of(cls, handle: H, client: AsyncDocker) -> Self:
        """The one for that *handle*."""
        made = cls.__new__(cls)
        made._client, made.sync = client, handle
        return made

    @property
    def id(self) -> str:
        return self.sync.id

    def __docker__(self) -> str:
        return self.sync.id

    def __str__(self) -> str:
        return self.sync.id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.sync == self.sync

    def __hash__(self) -> int:
        return hash((type(self), self.sync))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        remove = partial(self.sync.__exit__, kind, error, None)
        await away(ERRANDS, remove, threading.Event())


class AsyncContainer(AsyncHandle[Container]):
    """A container. Its context ends it and removes it with its anonymous volumes."""

    __slots__ = ()
    __docker_kind__ = "container"
    _kind = Container

    attach: Of[AsyncContainerAttachOf] = Of("container", "attach")
    exec: Of[AsyncContainerExecOf] = Of("container", "exec")
    export: Of[AsyncContainerExportOf] = Of("container", "export")
    logs: Of[AsyncContainerLogsOf] = Of("container", "logs")
    stats: Of[AsyncContainerStatsOf[list[ContainerStats]]] = Of("container", "stats")
    commit = making_an_image(Container.commit)
    diff = awaited(Container.diff)
    inspect = awaited(Container.inspect)
    kill = awaited(Container.kill)
    pause = awaited(Container.pause)
    port = awaited(Container.port)
    rename = awaited(Container.rename)
    restart = awaited(Container.restart)
    rm = awaited(Container.rm)
    start = awaited(Container.start)
    stop = awaited(Container.stop)
    top = awaited(Container.top)
    unpause = awaited(Container.unpause)
    update = awaited(Container.update)
    wait = awaited(Container.wait)

    get_archive = in_a_thread(Container.get_archive)
    put_archive = in_a_thread(Container.put_archive)
    wait_for = in_a_thread(Container.wait_for)
    read_bytes = in_a_thread(Container.read_bytes)
    read_text = in_a_thread(Container.read_text)
    write_bytes = in_a_thread(Container.write_bytes)
    write_text = in_a_thread(Container.write_text)


class AsyncImage(AsyncHandle[Image]):
    """An image. Its context takes away the names that the call gave which made it."""

    __slots__ = ()
    __docker_kind__ = "image"
    _kind = Image

    push: Of[AsyncImagePushOf[Push]] = Of("image", "push")
    save: Of[AsyncImageSaveOf] = Of("image", "save")
    history = awaited(Image.history)
    inspect = awaited(Image.inspect)
    rm = awaited(Image.rm)
    tag = awaited(Image.tag)


class AsyncVolume(AsyncHandle[Volume]):
    """A volume; its id is its name."""

    __slots__ = ()
    __docker_kind__ = "volume"
    _kind = Volume

    @property
    def name(self) -> str:
        return self.sync.id

    inspect = awaited(Volume.inspect)
    rm = awaited(Volume.rm)
    update = awaited(Volume.update)


class AsyncNetwork(AsyncHandle[Network]):
    """A network."""

    __slots__ = ()
    __docker_kind__ = "network"
    _kind = Network

    connect = awaited(Network.connect)
    disconnect = awaited(Network.disconnect)
    inspect = awaited(Network.inspect)
    rm = awaited(Network.rm)


_KINDS: dict[type[Handle], type[AsyncHandle[Any]]] = {
    Container: AsyncContainer,
    Image: AsyncImage,
    Network: AsyncNetwork,
    Volume: AsyncVolume,
}


def handed(answer: Any, client: AsyncDocker) -> Any:
    """*answer* as async code is given it: handles are those whose verbs are awaited."""
    if isinstance(answer, Handle):
        return _KINDS[type(answer)].of(answer, client)
    if isinstance(answer, list) and answer and isinstance(answer[0], Handle):
        return [handed(one, client) for one in answer]
    return answer
