"""What a group of docker's commands is made of: verbs that build a `Call`, and the faces that they
have: one that runs it (``docker.container.rm``), one that hands it out
(``docker.call.container.rm``), and one that runs it for async code (`AsyncDocker`)."""

from __future__ import annotations

import errno
import functools
import types
from functools import partial

from dockcli import argv, spec
from dockcli.ahead import Document
from dockcli.call import ANSWER, DOCKER, ITEMS, Call, Needs, Speaker
from dockcli.commands import keywords
from dockcli.commands.answers import found, inspected, itself, listed, rows
from dockcli.commands.keywords import is_live
from dockcli.completed import Completed
from dockcli.errors import DockcliError, InvalidArgument, Refused
from dockcli.typed import TYPE_CHECKING, Generic, ParamSpec, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Concatenate, TypeAlias

    from dockcli.aio.handles import AsyncContainer, AsyncImage, AsyncNetwork, AsyncVolume
    from dockcli.client import Docker
    from dockcli.commands.answers import Parse
    from dockcli.commands.coming import Coming
    from dockcli.commands.tree import Tree
    from dockcli.objects import Container, Image, Network, Volume


class Runs:
    """Marks the face whose verbs run."""


class Builds:
    """Marks the face whose verbs build."""


class Awaits:
    """Marks the face whose verbs are awaited."""


_NO_MORE_FILES = frozenset({errno.EMFILE, errno.ENFILE})

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")
Mode = TypeVar("Mode", Runs, Builds, Awaits)
Running = TypeVar("Running")
Building = TypeVar("Building")
Awaiting = TypeVar("Awaiting")
G = TypeVar("G", bound="Group[Any]")

if TYPE_CHECKING:
    Build: TypeAlias = Callable[Concatenate[Any, P], Call[T]]
    Verbs: TypeAlias = "Verb[Callable[P, T], Callable[P, Call[T]], Callable[P, Coming[A]]]"


def loading(work: Callable[P, T]) -> Callable[P, T]:
    """*work*, which loads modules when it is called: raises Refused where no more files can be
    open, and a module is a file."""

    @functools.wraps(work)
    def load(*operands: P.args, **options: P.kwargs) -> T:
        try:
            return work(*operands, **options)
        except OSError as error:
            _refuse_if_no_more_files(error)
            raise

    return load


def _refuse_if_no_more_files(error: OSError) -> None:
    if not isinstance(error, DockcliError) and error.errno in _NO_MORE_FILES:
        raise Refused(
            f"{error.strerror}. Close files that are not needed, or raise the limit "
            "(`ulimit -n` shows it)"
        ) from error


class Face(Generic[Mode]):
    """Something that verbs are called on: a group, or the client with its shorthands."""

    def group(self, kind: type[G]) -> G:
        """The group of this *kind* of the same client, on the same face."""
        raise NotImplementedError  # a tree makes it, a group asks its tree


class Verb(Generic[Running, Building, Awaiting]):
    """A verb of a group: it builds a call, and its face makes of that what it gives.

    Bound once for each group, so that a shorthand is the very function that it stands for:
    ``docker.run is docker.container.run``.
    """

    def __init__(self, build: Callable[..., Call[Any]]) -> None:
        @functools.wraps(build)
        def give(group: Any, /, *operands: Any, **options: Any) -> Any:
            try:
                return group.tree.give(build(group, *operands, **options))
            except OSError as error:  # as `loading` does, whose layer each call would have to cross
                _refuse_if_no_more_files(error)
                raise

        self._give = give
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        if issubclass(owner, Group) and not hasattr(self, "_group"):  # else it is a shorthand
            self._group, self._name = owner, name

    @overload
    def __get__(self, face: None, owner: type) -> Verb[Running, Building, Awaiting]: ...
    @overload
    def __get__(self, face: Face[Runs], owner: type) -> Running: ...
    @overload
    def __get__(self, face: Face[Builds], owner: type) -> Building: ...
    @overload
    def __get__(self, face: Face[Awaits], owner: type) -> Awaiting: ...
    def __get__(self, face: Any, owner: type) -> Any:
        if face is None:
            return self
        group = face if isinstance(face, self._group) else face.group(self._group)
        return group.__dict__.setdefault(self._name, types.MethodType(self._give, group))


@overload
def verb(build: Build[P, Container]) -> Verbs[P, Container, AsyncContainer]: ...
@overload
def verb(build: Build[P, Image]) -> Verbs[P, Image, AsyncImage]: ...
@overload
def verb(build: Build[P, Network]) -> Verbs[P, Network, AsyncNetwork]: ...
@overload
def verb(build: Build[P, Volume]) -> Verbs[P, Volume, AsyncVolume]: ...
@overload
def verb(build: Build[P, T]) -> Verbs[P, T, T]: ...
def verb(build: Any) -> Any:
    """Make a verb of a method that builds a `Call`."""
    return Verb(build)


class Group(Face[Mode]):
    """One group of the command line, such as ``docker container``."""

    name = ""
    plugin_flags: tuple[str, ...] = ()
    """The words of a plugin's own global flags, which stand behind the plugin's name."""

    def __init__(self, tree: Tree[Mode]) -> None:
        self.tree: Tree[Mode] = tree
        self.client: Docker = tree._client

    def group(self, kind: type[G]) -> G:
        """The group of this *kind* of the same client, on the same face."""
        made: G = self.tree.group(kind)
        return made

    def below(self, kind: type[G]) -> G:
        """The group of this *kind* within this one, with the same plugin flags."""
        inner = kind(self.tree)
        inner.plugin_flags = self.plugin_flags
        return inner

    def _call(
        self,
        verb: str,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        parse: Callable[[Completed], T],
        rest: Iterable[str] = (),
        labelled: bool = False,
        speaker: Speaker = DOCKER,
        **more: Any,
    ) -> Call[T]:
        """The call of *verb*: its flags, docker's own *operands*, the container's *rest*.

        *labelled*: it makes something, which carries the labels of a client that has some. *more*
        is what else the call has. Raises
        InvalidArgument for more or fewer words than docker takes.
        """
        own = {name: options[name] for name in keywords.OWN_KEYWORDS if name in options}
        given = options
        if own:
            given = {name: value for name, value in options.items() if name not in own}
        command: tuple[str, ...] = _words(self.name, verb)
        name = " ".join(command)
        flags: argv.Flags = argv.flags(name, given)
        operands, rest = list(operands), list(rest)
        _count(name, len(operands) + len(rest))
        labels: tuple[str, ...] = ()
        if labelled:
            labels = argv.labels(name, self.client.labels_for(name))
        head: tuple[str, ...] = (
            *self.client.head, *command[:1], *self.plugin_flags, *command[1:]
        )  # fmt: skip

        def answer(completed: Completed, _: str) -> T:
            return parse(completed)

        return Call(
            argv=(*head, *argv.command_line((*labels, *flags.words), operands, rest)),
            client=self.client,
            parse=parse if isinstance(parse, Document) else answer,
            flags_at=len(head),
            speaker=speaker,
            secrets=flags.secrets,
            needs=Needs(name, flags.used, flags.meant),
            form=ITEMS if is_live(own) else ANSWER,
            **keywords.own(own),
            **more,
        )

    def _inspection(
        self, names: list[str], options: Mapping[str, Any], parse: Parse[Any]
    ) -> Call[Any]:
        """An `inspect`: one model for one name, a list for several.

        With ``missing_ok=True`` it is the list of those that are there, however many were named;
        with the caller's own ``format=`` docker's text.
        """
        options = dict(options)
        missing_ok = options.pop("missing_ok", False)
        if not isinstance(missing_ok, bool):
            raise InvalidArgument(f"missing_ok= is True or False, not {missing_ok!r}")
        if options.get("format") is not None:
            if missing_ok:
                raise InvalidArgument("missing_ok= gives models, and format= docker's own text")
            return self._call("inspect", options, names, parse=itself)
        call = self._call(
            "inspect", options, names, parse=inspected(parse, len(names), always_many=missing_ok)
        )
        salvage: Callable[[Completed], tuple[Any, ...]] = partial(found, parse=parse)
        return call.replace(salvage=salvage, missing_ok=missing_ok)

    def _object(
        self, verb: str, options: Mapping[str, Any], parse: Callable[[Completed], T]
    ) -> Call[T]:
        """A verb whose answer is one JSON object; with the caller's ``format=``, docker's text."""
        return self._json(verb, options, parse=parse)

    def _rows(
        self,
        verb: str,
        options: Mapping[str, Any],
        parse: Parse[Any],
        operands: Iterable[str] = (),
        **always: Any,
    ) -> Call[Any]:
        """A verb that prints one JSON object a line: a list of models.

        With the caller's own ``format=`` or ``quiet=True`` the answer is docker's text.
        """
        return self._json(verb, options, operands, parse=rows(parse), **always)

    def _json(
        self,
        verb: str,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        parse: Callable[[Completed], Any],
        format: str = "{{json .}}",
        **always: Any,
    ) -> Call[Any]:
        if as_text(options):
            return self._call(verb, options, operands, parse=itself)
        return self._call(verb, {**options, **always, "format": format}, operands, parse=parse)

    def _listing(
        self,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        column: str,
        inspect: Callable[..., Call[Any]],
        verb: str = "ls",
        **always: Any,
    ) -> Call[Any]:
        """An `ls`: the names in *column*, then all of them inspected by one more process.

        With the caller's own ``format=`` or ``quiet=True`` the answer is docker's text.
        """
        parse = listed(inspect, options)
        return self._json(verb, options, operands, parse=parse, format=column, **always)


@functools.cache
def _words(group: str, verb: str) -> tuple[str, ...]:
    """The words of a command: ``imagetools create`` of ``buildx`` are three."""
    return (*group.split(), *verb.split())


def as_text(options: Mapping[str, Any]) -> bool:
    """Whether the caller asks for docker's own text: with ``format=`` or ``quiet=True``."""
    return options.get("format") is not None or bool(options.get("quiet"))


def _count(command: str, given: int) -> None:
    """Refuse another number of operands than *command* takes."""
    takes = spec.operands(command)
    if given < takes.least:
        bound = f"at least {takes.least}"
    elif takes.most is not None and given > takes.most:
        bound = f"at most {takes.most}" if takes.most else "no"
    else:
        return
    operands = "operand" if bound.endswith(" 1") else "operands"
    words = f": {takes.words}" if takes.words else ""
    raise InvalidArgument(f"docker {command} takes {bound} {operands}{words}")


def at_least_one(kind: str, values: Iterable[str]) -> list[str]:
    """*values*, of which docker wants one or more."""
    names = list(values)
    if not names:
        raise InvalidArgument(f"name at least one {kind}")
    return names
