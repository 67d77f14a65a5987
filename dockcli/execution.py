"""A call on its way to docker and back: what it needs while it runs, and what becomes of it."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager

from dockcli import child
from dockcli.ahead import Ahead, Document
from dockcli.call import ITEMS
from dockcli.completed import Completed, hidden
from dockcli.errors import (
    BinaryNotFound,
    DeadlineExceeded,
    DockerFailed,
    EngineLost,
    EngineUnreachable,
    InvalidArgument,
    NameConflict,
    NoSuchObject,
    UnreadableOutput,
)
from dockcli.receipt import LONG, SHORT, Receipt, stop, stopping_what_it_started, told_what_became
from dockcli.runner import Job, LocalRunner, log, too_late
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn, TypeGuard

    from dockcli.abandoned import Exec
    from dockcli.bytestream import ByteStream
    from dockcli.call import Call
    from dockcli.feed import Stdin
    from dockcli.lost import Doubts
    from dockcli.meter import Counts, Marks, Meter
    from dockcli.pipes import Sink
    from dockcli.process import Late, Running
    from dockcli.reading import Live
    from dockcli.stream import Stream

_A_MOMENT = 0.05  # seconds before it starts that a deadline does not count: a module may be loaded
_BUSY = 10.0  # seconds for one that may be busy, where nobody has set a limit that is over
_ANEW = 10.0  # seconds to be connected again, once a connection was lost


def answer(call: Call[Any]) -> Any:
    """Run *call* and read its answer."""
    live, errand = watched(call), Errand(call)
    if live is None or call.on_progress is None:
        return errand.answer(errand.run())
    return _told(errand, live, call.on_progress)


def watched(call: Call[Any]) -> Live | None:
    """How it is read how far *call* is, None if nobody wants to know. Raises InvalidArgument."""
    if call.on_progress is None:
        return None
    if call.live is None or not call.live.answers:
        raise InvalidArgument(f"on_progress=: {_name(call)} does not tell how far it is")
    return call.live


def stream(call: Call[Any]) -> Stream[Any]:
    """Start *call*, and hand out what it tells as it tells it."""
    if call.on_progress is not None:
        raise InvalidArgument("on_progress= is told what a stream gives: take one of the two")
    from dockcli.reading import Lines, Live
    from dockcli.stream import Stream

    return Stream(Errand(call, live=True), call.live or Live(Lines))


def open_(call: Call[Any]) -> ByteStream:
    """Start *call*, and hand out the bytes that it writes."""
    if call.stdout is not None:
        raise InvalidArgument("stdout= takes what a stream would give: take one of the two")
    from dockcli.bytestream import ByteStream

    if call.on_progress is None:
        return ByteStream(Errand(call, live=True))
    if call.live is None or call.live.counts is None:
        raise InvalidArgument(f"on_progress=: the bytes of {_name(call)} are not counted")
    from dockcli.meter import Tally

    return ByteStream(Errand(call, live=True), Tally(call.live.counts.verb, call.on_progress))


def _name(call: Call[Any]) -> str:
    return f"docker {call.needs.command}" if call.needs else str(call)


def _told(errand: Errand, live: Live, on_progress: Callable[[Any], Any]) -> Any:
    """The answer of a call, after *on_progress* was told how far it is, all the time."""
    from dockcli.stream import Stream

    items: Stream[Any] = Stream(errand, live)
    with items:
        for item in items:
            on_progress(item)
        return items.answer()


class Errand:
    """One call, from where it is checked to where its answer is read.

    `run` is all of its way; `start` needs an `ended`, `too_late` or `abandon` behind it.
    """

    def __init__(self, call: Call[Any], *, live: bool = False) -> None:
        """*live*: what it gives can be left before its end."""
        begun = time.monotonic()
        self.call = call = call.client.checked(call)
        left, spent = call.deadline, time.monotonic() - begun
        if call.stdin is not None:
            from dockcli.crossed import refuse_crossed

            refuse_crossed(call)
        if left is not None and spent > _A_MOMENT:  # docker was asked something first
            left = max(left - spent, _A_MOMENT)
        self._left = left
        document = call.parse if isinstance(call.parse, Document) and call.check else None
        self._ahead = None if document is None else Ahead(document, call.argv)
        self._receipt = Receipt(call)
        self._exec = _marked(call) if _may_be_left(call, live) else None
        self._held = ExitStack()
        self._stdin: Stdin = None
        self._stdout: int | Sink | None = None
        self._marks: Marks | None = None
        self._id = ""
        self._error: BaseException | None = None

    def run(self) -> Completed:
        """Run it to its end. Raises DeadlineExceeded, BinaryNotFound."""
        self._hold()
        try:
            with stopping_what_it_started(self.call, self._receipt), self._ending_the_exec():
                completed = self.call.client.runner.run(self._job())
        except BaseException as error:
            self._fail(error)
        self.ended(completed)
        return completed

    @contextmanager
    def _ending_the_exec(self) -> Iterator[None]:
        """End the program of an `exec` that does not come to its end."""
        try:
            yield
        except (BinaryNotFound, InvalidArgument):
            raise
        except BaseException as error:
            late = isinstance(error, DeadlineExceeded)
            became = self._end_exec(SHORT if late else LONG)
            if became and isinstance(error, DeadlineExceeded):
                raise told_what_became(error, became) from None
            raise

    def _end_exec(self, patience: float) -> str:
        if self._exec is None:
            return ""
        from dockcli.abandoned import end_exec

        one = self._exec
        with child.to_the_end():
            client, container, mark, user = self.call.client, one.container, one.mark, one.user
            return end_exec(client, container, mark, user=user, patience=patience)

    def start(self, *sinks: Sink, terminal: bool = False) -> Running:
        """Start it; *sinks* take what it says, with *terminal* as it says it on one."""
        runner = self.call.client.runner
        if not isinstance(runner, LocalRunner):
            raise InvalidArgument(f"{type(runner).__name__} gives only answers, nothing live")
        self._hold()
        try:
            from dockcli.meter import Marks

            self._marks = Marks.of(self._stdin, self._stdout)
            start = runner.start_on_terminal if terminal else runner.start
            return start(self._job(), sinks)
        except BaseException as error:
            self._fail(error)

    def _hold(self) -> None:
        """Take what it needs while it runs: the file for its id, those for its stdin and stdout."""
        with ExitStack() as held:
            held.enter_context(self.call.client.holding(self.call))
            held.enter_context(self._receipt)
            if self.call.stdin is not None or self.call.stdout is not None:
                from dockcli.paths import opened, taking, upstream

                held.enter_context(upstream(self.call.stdin))
                self._stdin = held.enter_context(opened(self.call.stdin))
                self._stdout = held.enter_context(taking(self.call.stdout))
            self._held = held.pop_all()

    def _fail(self, error: BaseException) -> NoReturn:
        """Raise *error*, or what is the reason for it."""
        if isinstance(error, DeadlineExceeded) or not isinstance(error, Exception):
            self.call.client.gave_up(self.call)
        reason = self._let_go(error)
        if reason is None or reason is error:
            raise error
        raise reason from error

    def _let_go(self, error: BaseException | None) -> BaseException | None:
        """Give that back; *error*, or what is the reason for it, or went wrong with a file."""
        try:
            self._held.__exit__(type(error) if error else None, error, None)
        except BaseException as other:
            return other
        return error

    def ended(self, completed: Completed) -> BaseException | None:
        """The error of a call that has ended, None where it is none."""
        log(completed, self.call)
        error = self._failure(completed)
        self._id = self._receipt.read()
        if isinstance(error, EngineUnreachable):
            error = self._left_behind(error)
        self._error = self._let_go(error)
        return None if self._only_missing(self._error) else self._error

    @property
    def hidden(self) -> list[str]:
        """What must not be seen in what is told of the call."""
        return hidden(self.call.argv, self._job().hidden)

    def measure(self, running: Running, counts: Counts) -> Meter:
        """What tells how many bytes the call has moved."""
        from dockcli.meter import is_podman, meter

        assert self._marks is not None
        client = self.call.client
        single = not (client.sudo or is_podman(client.binary))
        return meter(counts, running, self._stdin, self._stdout, self._marks, single=single)

    def doubts(self, doubtful: Callable[[Any], bool]) -> Doubts:
        """What is to see the items of a call that goes on without its engine."""
        from dockcli.lost import Doubts

        return Doubts(self.call, doubtful)

    def too_late(self, completed: Completed, late: Late, became: str) -> DeadlineExceeded:
        """The error of a call that a limit has ended; what *became* of what it had started."""
        self.call.client.gave_up(self.call)
        job = self._job()
        error = too_late(completed.masked(job.hidden), job, silent=late.silent)
        return told_what_became(error, became) if became else error

    def abandon(self, running: Running) -> str:
        """End a call that has been started, and what it has started itself; what became of that."""
        self.call.client.gave_up(self.call)
        try:
            running.give_up(listen=True)
            patience = self._patience(running.seconds, LONG)
            if self.call.start:
                became = stop(self.call, self._receipt, patience)
            else:
                became = self._end_exec(patience)
            if became:
                from dockcli.abandoned import warn_if_unknown

                warn_if_unknown(self.call, became)
            return became
        finally:
            self._let_go(GeneratorExit())

    def _patience(self, seconds: float, least: float) -> float:
        """Seconds for an engine that may only be busy, as far as a call that took *seconds* has
        time for it; no fewer than *least*."""
        if self.call.silence is not None:
            return LONG
        left = _BUSY if self._left is None else self._left - seconds
        return min(max(left, least), _BUSY)

    def answer(self, completed: Completed) -> Any:
        """What docker answered with. Raises what the call failed with."""
        call, error = self.call, self._error
        if error is not None:
            if self._only_missing(error):
                return list(error.found)
            raise error
        if not call.check:
            return completed
        try:
            return (self._ahead or call.parse)(completed, self._id)
        except UnreadableOutput as unread:
            shown = unread.completed.masked(self._job().hidden)
            raise UnreadableOutput(shown, unread.reason) from None

    def _failure(self, completed: Completed) -> Exception | None:
        call = self.call
        if not call.check:
            return None
        if completed.returncode == 0 and call.form != ITEMS:
            return None
        # Not before a call has failed: to read its shapes takes longer than to load all the rest.
        from dockcli.failure import beside_what_is_missing, failure, of_the_container
        from dockcli.lost import lost

        if completed.returncode == 0:
            return lost(call, completed, None)
        error = failure(completed, call.speaker, self._job().hidden)
        doubtful = isinstance(error, DockerFailed) and not isinstance(error, NameConflict)
        patience = self._patience(completed.seconds, SHORT)
        if doubtful and self._receipt.shows_it_ran(completed.returncode, patience):
            error = of_the_container(error.completed)
        if isinstance(error, NoSuchObject) and call.salvage is not None:
            error.found = call.salvage(completed)
            if call.missing_ok:
                return beside_what_is_missing(error.completed) or error
        return lost(call, completed, error) or error

    def _left_behind(self, error: EngineUnreachable) -> EngineUnreachable:
        """*error*, once what the call had started is ended, should the engine be reached again."""
        began = self.call.start is not None and self._id
        if not (began or isinstance(error, EngineLost)):
            return error
        became = stop(self.call, self._receipt) if self.call.start else self._end_exec(_ANEW)
        return EngineLost(error.completed, "; ".join(filter(None, (error.reason, became))))

    def _only_missing(self, error: BaseException | None) -> TypeGuard[NoSuchObject]:
        """Whether a call that may miss some has failed for just that."""
        return self.call.missing_ok and isinstance(error, NoSuchObject)

    def _job(self) -> Job:
        call = self.call
        return Job(
            call.argv,
            words=self._exec.words if self._exec else self._receipt.words,
            stdin=self._stdin,
            stdout=self._stdout,
            deadline=self._left,
            silence=call.silence,
            look=None if self._ahead is None else self._ahead.look,
            secrets=call.secrets,
        )


def _marked(call: Call[Any]) -> Exec:
    from dockcli.abandoned import marked

    return marked(call)


def _may_be_left(call: Call[Any], live: bool) -> bool:
    """Whether *call* is an `exec` that may be given up before its program has ended: that goes on
    in the container then, unless it has a mark to be found by."""
    is_exec = call.needs is not None and call.needs.command == "container exec"
    if not is_exec or child.does_it_end_by_itself():
        return False
    limits = (call.deadline, call.silence, child.given_up.get())
    # what is taken from an iterator may fail in the middle
    fed = hasattr(call.stdin, "__iter__") and not isinstance(call.stdin, (str, bytes))
    iterated = fed and not hasattr(call.stdin, "fileno")
    return live or iterated or any(limit is not None for limit in limits)
