"""How the answers that several groups share are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dockcli.ahead import Document
from dockcli.commands.keywords import seconds
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.typed import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing import Any

    from dockcli.call import Call

    Model = TypeVar("Model")
    Parse = Callable[[Mapping[str, Any]], Model]

_LONGEST = 4096  # characters of a name or an id; docker has none as long


def lines(completed: Completed) -> list[str]:
    """The non-empty lines of an answer: names or ids, one a line."""
    return [line for line in completed.lines() if line.strip()]


def nothing(completed: Completed) -> None:
    """For verbs whose only answer is that they did it."""


def itself(completed: Completed) -> Completed:
    """For verbs whose answer is what was written, by docker or by the container."""
    return completed


def identifier(completed: Completed) -> str:
    """The id that docker prints, last, when it has made something."""
    words = lines(completed)
    if not words:
        raise UnreadableOutput(completed, "no id")
    refuse_long(completed, words[-1:])
    return words[-1].strip()


def inspected(parse: Parse[Model], count: int, *, always_many: bool = False) -> Document[Any]:
    """One model for one name, a list for several or with *always_many*."""

    def read(completed: Completed) -> Any:
        from dockcli.models.fields import json_objects

        models = [parse(raw) for raw in json_objects(completed)]
        if len(models) != count:
            raise UnreadableOutput(completed, f"{len(models)} answers for {count} names")
        return models[0] if count == 1 and not always_many else models

    return Document(read)


def remaining(options: Mapping[str, Any], completed: Completed) -> float | None:
    """What a second process has of a call's deadline, in seconds."""
    deadline = options.get("deadline")
    if deadline is None:
        return None
    return max(seconds(deadline) - completed.seconds, 0.05)


def listed(
    inspect: Callable[..., Call[Any]], options: Mapping[str, Any]
) -> Callable[[Completed], list[Any]]:
    """All of the objects whose names an `ls` printed, by one more process.

    What is removed between the two is left out, as if the list had been asked for a moment later.
    """

    def read(completed: Completed) -> list[Any]:
        names = list(dict.fromkeys(lines(completed)))
        if not names:
            return []
        refuse_long(completed, names)
        try:
            left = remaining(options, completed)
            call = inspect(*names, missing_ok=True, deadline=left)
        except InvalidArgument as error:
            raise UnreadableOutput(completed, f"not a name on each line: {error}") from None
        return list(call.run())

    return read


def refuse_long(completed: Completed, names: Iterable[str]) -> None:
    """Raise UnreadableOutput for a name, in docker's answer, that no command line could hold."""
    longest = max(map(len, names), default=0)
    if longest > _LONGEST:
        raise UnreadableOutput(completed, f"a name of {longest} characters")


def rows(parse: Parse[Model]) -> Callable[[Completed], list[Model]]:
    """One model for each line, which is a JSON object."""

    def read(completed: Completed) -> list[Model]:
        from dockcli.models.fields import json_rows

        return [parse(raw) for raw in json_rows(completed)]

    return read


def found(completed: Completed, parse: Parse[Model]) -> tuple[Model, ...]:
    """The models that an `inspect` printed before it failed for another name."""
    from dockcli.models.fields import json_objects

    try:
        return tuple(parse(raw) for raw in json_objects(completed))
    except UnreadableOutput:
        return ()


def counted(count: int) -> Callable[[Completed], Any]:
    """One number for one name, a list for several."""

    def read(completed: Completed) -> Any:
        try:
            numbers = [int(line) for line in lines(completed)]
        except ValueError:
            raise UnreadableOutput(completed, "not a number on each line") from None
        if len(numbers) != count:
            raise UnreadableOutput(completed, f"{len(numbers)} numbers for {count} names")
        return numbers[0] if count == 1 else numbers

    return read
