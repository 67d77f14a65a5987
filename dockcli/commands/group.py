"""What a group of docker's commands is made of: verbs that build a `Call`, and the two faces that
they have, one that runs it (``docker.container.rm``) and one that hands it out
(``docker.call.container.rm``)."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from dockcli import argv
from dockcli.call import DOCKER, Call, Speaker
from dockcli.commands.answers import Parse, found, inspected, itself, listed
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument

if TYPE_CHECKING:
    from dockcli.client import Docker

OWN_KEYWORDS = ("deadline", "stdin", "check")
"""The keywords that are dockcli's on every verb. None of them is the name of a docker flag."""


class Runs:
    """Marks the face whose verbs run."""


class Builds:
    """Marks the face whose verbs build."""


P = ParamSpec("P")
T = TypeVar("T")
Mode = TypeVar("Mode", Runs, Builds)
Running = TypeVar("Running")
Building = TypeVar("Building")


class Face(Generic[Mode]):
    """Something that verbs are called on: a group, or the client with its shorthands."""


class Verb(Generic[Running, Building]):
    """A verb of a group: runs on one face, builds on the other.

    Bound once for each group, so that a shorthand is the very function that it stands for:
    ``docker.run is docker.container.run``.
    """

    def __init__(self, build: Callable[..., Call[Any]]) -> None:
        @functools.wraps(build)
        def run(group: Any, *operands: Any, **options: Any) -> Any:
            return build(group, *operands, **options).run()

        self._build = build
        self._run = run
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        if issubclass(owner, Group):
            self._group, self._name = owner.name or "top_level", name

    @overload
    def __get__(self, face: None, owner: type) -> Verb[Running, Building]: ...
    @overload
    def __get__(self, face: Face[Runs], owner: type) -> Running: ...
    @overload
    def __get__(self, face: Face[Builds], owner: type) -> Building: ...
    def __get__(self, face: Any, owner: type) -> Any:
        if face is None:
            return self
        group = face if isinstance(face, Group) else getattr(face, self._group)
        function = self._build if group.builds else self._run
        return group.__dict__.setdefault(self._name, types.MethodType(function, group))


def verb(
    build: Callable[Concatenate[Any, P], Call[T]],
) -> Verb[Callable[P, T], Callable[P, Call[T]]]:
    """Make a verb of a method that builds a `Call`."""
    return Verb(build)


class Group(Face[Mode]):
    """One group of the command line, such as ``docker container``."""

    name = ""

    def __init__(self, client: Docker, *, builds: bool) -> None:
        self.client = client
        self.builds = builds

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
    ) -> Call[T]:
        """The call of *verb*: its flags, docker's own *operands*, the container's *rest*.

        *labelled*: it makes something, which carries the labels of a client that has some.
        """
        own = {name: value for name, value in options.items() if name in OWN_KEYWORDS}
        given = {name: value for name, value in options.items() if name not in own}
        command: list[str] = [word for word in (self.name, verb) if word]
        flags: argv.Flags = argv.flags(" ".join(command), given)
        labels: tuple[str, ...] = self.client.label_flags if labelled else ()
        head: tuple[str, ...] = (*self.client.head, *command)

        def answer(completed: Completed, _: str) -> T:
            return parse(completed)

        return Call(
            argv=(*head, *argv.command_line((*labels, *flags.words), operands, rest)),
            client=self.client,
            parse=answer,
            flags_at=len(head),
            speaker=speaker,
            secrets=flags.secrets,
            **_own(own),
        )

    def _inspection(
        self, names: list[str], options: Mapping[str, Any], parse: Parse[Any]
    ) -> Call[Any]:
        """An `inspect`: one model for one name, a list for several.

        With the caller's own ``format=`` the answer is docker's text.
        """
        if options.get("format") is not None:
            return self._call("inspect", options, names, parse=itself)
        call = self._call("inspect", options, names, parse=inspected(parse, len(names)))
        return call.replace(salvage=lambda completed: found(completed, parse))

    def _object(
        self, verb: str, options: Mapping[str, Any], parse: Callable[[Completed], T]
    ) -> Call[T]:
        """A verb whose answer is one JSON object; with the caller's ``format=``, docker's text."""
        if options.get("format") is not None:
            return self._call(verb, options, parse=itself)  # type: ignore[arg-type]
        return self._call(verb, {**options, "format": "{{json .}}"}, parse=parse)

    def _listing(
        self,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        column: str,
        inspect: Callable[..., Call[Any]],
        **always: Any,
    ) -> Call[Any]:
        """An `ls`: the names in *column*, then all of them inspected by one more process.

        With the caller's own ``format=`` or ``quiet=`` the answer is docker's text.
        """
        if options.get("format") is not None or options.get("quiet"):
            return self._call("ls", options, operands, parse=itself)
        wanted = {**options, **always, "format": column}
        return self._call("ls", wanted, operands, parse=listed(inspect))


def _own(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """dockcli's own keywords, checked."""
    checked = dict(keywords)
    if checked.get("deadline") is not None:
        checked["deadline"] = seconds(checked["deadline"])
    if not isinstance(checked.get("check", True), bool):
        raise InvalidArgument(f"check= is True or False, not {checked['check']!r}")
    stdin = checked.get("stdin")
    if stdin is not None and not isinstance(stdin, (str, bytes)) and not hasattr(stdin, "read"):
        raise InvalidArgument(f"stdin= takes bytes, a text or a file, not {stdin!r}")
    return checked


def seconds(deadline: object) -> float:
    """A deadline in seconds."""
    if isinstance(deadline, timedelta):
        deadline = deadline.total_seconds()
    if isinstance(deadline, bool) or not isinstance(deadline, (int, float)):
        raise InvalidArgument(f"deadline= takes seconds or a timedelta, not {deadline!r}")
    if not deadline > 0:
        raise InvalidArgument(f"deadline={deadline!r}: a call needs more than no time")
    return float(deadline)


def at_least_one(kind: str, values: Iterable[str]) -> list[str]:
    """*values*, of which docker wants one or more."""
    names = list(values)
    if not names:
        raise InvalidArgument(f"name at least one {kind}")
    return names
