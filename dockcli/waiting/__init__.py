"""Waiting until a container is ready: its log says so, a port is listened on, a check is healthy, a
file is there, or it has ended.

Nothing is polled where docker can be followed: the log, the events, the end. A port and a file are
looked for by one docker process each time, at first after 50 ms, then ever more rarely, down to
once a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli.errors import DeadlineExceeded, InvalidArgument
from dockcli.waiting.ready import Ready
from dockcli.waiting.wanted import DEADLINE, Conditions, Wanted

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.client import Docker
    from dockcli.spec.values import ContainerRef
    from dockcli.waiting.watched import Watched

__all__ = ["Conditions", "Ready", "wait_for"]


def wait_for(
    container: ContainerRef, *, client: Docker | None = None, **conditions: Unpack[Conditions]
) -> Ready:
    """Wait until all *conditions* have held for *container*: a handle, or a name with ``client=``.

    They are waited for one after the other, in this order; each must have held once.

    - ``log=`` is a regular expression (text or bytes), looked for in each line of stdout and
      stderr from the container's start on. What is there already counts.
    - ``port=`` (``80``, ``"53/udp"``) is one of the container's own ports: a program in it listens
      there, on an address that others reach. Its table of sockets tells, read with the ``cat`` of
      the container, else from this machine's ``/proc``; in an image that has no ``cat``, on an
      engine elsewhere, a connection to where the port is published must be kept. With
      ``network="host"`` whoever listens on that machine counts.
    - ``healthy=True``: the health check says so.
    - ``file=`` is an absolute path in the container that is there, whether the container runs or
      not (in one that does not run, nothing that is in a tmpfs). With ``exit=`` too it is looked
      for after the end.
    - ``exit=`` is True for any end, or the code or codes that are wanted. An end after which the
      engine starts the container again counts if its code is wanted, and else is none.

    ``deadline=`` is in seconds, 60 if not given; None waits without end. One that is not started
    yet is waited for too.

    Raises NotReady when the time is over, and ContainerEnded as soon as the container has ended,
    or is gone, so that a condition cannot come true any more: both have the last lines of its log,
    its state, and what was still waited for. InvalidArgument for no condition, or one that cannot
    come true: ``healthy=True`` without a health check, ``log=`` with a log driver that keeps
    nothing. NoSuchContainer for one that is not there at the beginning.
    """
    from dockcli.waiting.watched import Watched

    given: dict[str, Any] = dict(conditions)
    deadline = given.pop("deadline", DEADLINE)
    wanted = Wanted(given)
    watched = Watched(container, client or _client_of(container), wanted, deadline)
    try:
        return _wait(watched, wanted)
    except DeadlineExceeded:
        raise watched.not_ready() from None


def _wait(watched: Watched, wanted: Wanted) -> Ready:
    from dockcli.waiting import followed

    watched.look()
    if "log" in wanted.names:
        followed.refuse_an_unreadable_log(watched.last)
    if "healthy" in wanted.names:
        followed.refuse_without_a_check(watched.last)
    found: dict[str, Any] = {}
    for name in wanted.order():
        watched.hurry()
        found.update(_each(name, watched, wanted))
        del watched.missing[name]
    return Ready(watched.last, watched.seconds, **found)


def _each(name: str, watched: Watched, wanted: Wanted) -> dict[str, Any]:
    """Wait for one condition; what a `Ready` has of it."""
    from dockcli.waiting import followed, looked

    if name == "log":
        assert wanted.log is not None
        line, match = followed.for_log(watched, wanted.log)
        return {"line": line, "match": match}
    if name == "port":
        port, proof = looked.for_port(watched, wanted.port, wanted.protocol)
        return {"port": port, "proof": proof}
    if name == "exit":
        assert wanted.codes is not None
        return {"exit_code": followed.for_exit(watched, wanted.codes)}
    if name == "file":
        looked.for_file(watched, wanted.file)
    else:
        followed.for_health(watched)
    return {}


def _client_of(container: ContainerRef) -> Docker:
    client: Docker | None = getattr(container, "_client", None)
    if client is None:
        raise InvalidArgument(
            f"{container!r} knows no engine: give wait_for(…, client=docker), or use "
            "docker.container.wait_for(…)"
        )
    return client
