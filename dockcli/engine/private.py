"""A private engine: a dockerd of our own beside any other, found again by the next command.

It has its own data root, exec root, socket, bridge and containerd namespace below the user's state
folder. Two things of the machine it does change while it runs: its packet filter rules, and that
the kernel forwards packets at all (``net.ipv4.ip_forward``), which stays, as with any engine:
who else has come to need it by then cannot be known.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from dockcli import mountinfo
from dockcli.engine import daemon, firewall, layout, leftovers, network, processes, programs
from dockcli.engine import record as records
from dockcli.engine.layout import Layout
from dockcli.engine.network import Network
from dockcli.engine.record import Record
from dockcli.errors import EngineFailed, NoEngine

Note = Callable[[str], None]

# An engine gives each container 10 s to end by itself, and takes 15 s at most for all of them.
_SECONDS_TO_STOP = 30.0
_SECONDS_TO_UNDO = 5.0
_MACHINE = "/run"  # its lock is held while a name and a range are chosen and taken


@dataclass(frozen=True, slots=True)
class Private:
    """A private engine that runs. ``new`` says that this very call started it."""

    host: str
    pid: int
    bridge: str
    subnet: str
    data_root: str
    log: str
    answers: bool
    new: bool = False


def log_path() -> str:
    """Where the engine's log is kept; the one of the run before ends in ``.1``."""
    return layout.here().log


def status() -> Private | None:
    """The private engine that runs, or None."""
    place = layout.here()
    record = records.read(place)
    if record is None or not _runs(place, record):
        return None
    return _private(place, record, answers=daemon.answers(record.host))


def start(note: Note) -> Private:
    """Start the private engine, or find the one that runs. What happens is said by *note*.

    Raises NoEngine where one cannot be started, EngineFailed where it was and failed; nothing of
    it is left then.
    """
    _need_root("start")
    for program in ("dockerd", "ip", "umount"):
        programs.need(program)
    place = layout.here()
    place.make()
    with _locked(place.folder):
        record = records.read(place)
        new = record is None or not _runs(place, record)
        if record is None or new:
            _clear_wreck(place, record, note)
            record = _start(place, note)
        else:
            _await_answer(place, record)
        _admit(place, record, note)
    return _private(place, record, answers=True, new=new)


def stop(note: Note) -> bool:
    """Stop the private engine; False if none ran. Its images and its log stay.

    Raises EngineFailed if something of it cannot be removed.
    """
    place = layout.here()
    if not os.path.isdir(place.folder):
        note("no private engine runs")
        return False
    _need_root("stop")
    with _locked(place.folder):
        record = records.read(place)
        runs = record is not None and _runs(place, record)
        if record is not None and runs:
            note("stopping the private engine and its containers")
            _end(place, record, _SECONDS_TO_STOP)
            leftovers.clear(place, record)
        else:
            _clear_wreck(place, record, note)
            note("no private engine runs")
        records.remove(place)
    return runs


def _start(place: Layout, note: Note) -> Record:
    record = None
    place.make()  # what was cleared before has taken the run folder along
    try:
        with _locked(_MACHINE):  # a start from another state folder would find the same name free
            planned = network.plan(place)
            record = _announce(place, planned)
            network.create(place, planned)
        daemon.configure(place)
        note("starting a private engine")
        process = daemon.spawn(place, daemon.command(place, planned))
        record = replace(record, pid=process.pid, started=process.started)
        records.write(place, record)
        _await_answer(place, record)
    except BaseException:
        _undo(place, record)
        raise
    return record


def _announce(place: Layout, planned: Network) -> Record:
    """Write the record before anything is made: who finds it can undo what was done until then."""
    record = Record(
        host=place.host,
        bridge=planned.bridge,
        subnet=str(planned.subnet),
        exec_root=place.exec,
        others_mounts=mountinfo.below((place.data, place.run)),
    )
    records.write(place, record)
    return record


def _undo(place: Layout, record: Record | None) -> None:
    if record is not None:
        _end(place, record, _SECONDS_TO_UNDO)
    with suppress(EngineFailed):  # the first failure is the one to tell
        leftovers.clear(place, record)
        records.remove(place)


def _end(place: Layout, record: Record, seconds: float) -> None:
    """Ask the engine to end, and wait; what is left after *seconds* is for `leftovers`."""
    deadline = time.monotonic() + seconds
    if record.pid is not None and _runs(place, record):
        with suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
        while _runs(place, record) and time.monotonic() < deadline:
            time.sleep(0.05)


def _clear_wreck(place: Layout, record: Record | None, note: Note) -> None:
    found = leftovers.clear(place, record)
    if found:
        note(f"cleared away what a private engine that was killed had left: {found}")


def _admit(place: Layout, record: Record, note: Note) -> None:
    """Let all networks reach out: also those that came since, or whose rules somebody flushed."""
    known = Network(record.bridge, IPv4Network(record.subnet))
    reason = firewall.admit(record.bridge, network.ranges(place, known))
    if reason:
        note(f"containers of the private engine cannot reach out of this machine: {reason}")


def _await_answer(place: Layout, record: Record) -> None:
    if record.pid is not None and record.started is not None:
        daemon.await_answer(place, record.pid, record.started)


def _runs(place: Layout, record: Record) -> bool:
    return processes.is_engine(record.pid, record.started, place)


def _private(place: Layout, record: Record, *, answers: bool, new: bool = False) -> Private:
    return Private(
        host=record.host,
        pid=record.pid or 0,
        bridge=record.bridge,
        subnet=record.subnet,
        data_root=place.data,
        log=place.log,
        answers=answers,
        new=new,
    )


def _need_root(what: str) -> None:
    if os.geteuid() != 0:
        raise NoEngine(f"only root can {what} a private engine: sudo dockcli engine {what}")


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """One command at a time; the others wait. The kernel unlocks for one that dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
