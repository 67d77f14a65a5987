"""What an `exec` has started in a container, when nobody is there for it any more.

Killing docker's client does not end it, and docker has no command for that. So each such exec gets
a mark in its environment, which all that it starts inherits, and what has the mark is ended from
inside the container. That needs a shell and `cat` there.
"""

from __future__ import annotations

import sys

from dockcli.child import ends_by_itself
from dockcli.errors import ContainerFailed, DockcliError, DockerFailed, NoSuchContainer
from dockcli.typed import TYPE_CHECKING
from dockcli.value import Value

if TYPE_CHECKING:
    from typing import Any

    from dockcli.call import Call
    from dockcli.client import Docker

MARK = "DOCKCLI_EXEC"
_LOOK = 2.0  # seconds for docker to say what a name is: an engine that hangs must not hang us
_ENOUGH = 10.0  # seconds, or more, for one that answers to do what is asked of it
_LATE = 0.3  # of the patience: for what docker is only about to start

# First as a window that is closed does it, then for good. What docker is only about to start is
# waited for, $1 seconds and half a second at least, by a clock that needs no program. Only words of
# the shell's own and `cat`: busybox and dash have no more.
_SCRIPT = """\
how=HUP seen= round=0
read begun _ </proc/uptime
while [ "$round" -lt 9 ] || [ ! "$seen" ]; do
  found= round=$((round + 1))
  for one in /proc/[0-9]*; do
    case $(cat "$one/environ" 2>/dev/null) in
      *"$2"*) [ "$seen" ] || round=0; found=1 seen=1; kill -"$how" "${one##*/}" 2>/dev/null ;;
    esac
  done
  if [ "$found" ]; then how=KILL; elif [ "$seen" ]; then exit 0; fi
  read now _ </proc/uptime
  [ "$seen" ] || [ "$round" -lt 6 ] || [ $((${now%.*} - ${begun%.*})) -lt "$1" ] || exit 3
  sleep 0.1 2>/dev/null || sleep 1
done
exit 1
"""
_NOT_SEEN = 3


class Exec(Value):
    """An `exec` that can be ended: its *words* for docker, its *container* and *mark*."""

    __slots__ = ("words", "container", "mark", "user")  # noqa: RUF023 - as __init__ has them

    words: tuple[str, ...]
    container: str
    mark: str
    user: str | None

    def __init__(
        self, words: tuple[str, ...], container: str, mark: str, user: str | None = None
    ) -> None:
        self._set(words, container, mark, user)


def marked(call: Call[Any]) -> Exec:
    """*call*, which is an `exec`, with a mark of its own."""
    import uuid

    mark = uuid.uuid4().hex
    rest = list(call.argv[call.flags_at :])
    user = None
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        user = word.partition("=")[2] if word.startswith("--user=") else user
    return Exec(call.with_flag(f"--env={MARK}={mark}"), rest[0] if rest else "", mark, user)


def end_exec(
    client: Docker, container: str, mark: str, *, user: str | None = None, patience: float = _LOOK
) -> str:
    """End all that has *mark* in *container*; what became of it, in words.

    *user* is the exec's own, for an engine that does not let root look at others' processes.
    An engine that does not answer within *patience* seconds is not waited for. Raises nothing for
    a container that has gone or has no shell. Source: ``docker exec``.
    """
    with ends_by_itself():  # or it would be looked for by another, for ever
        return _ended(client, container, mark, user, patience)


def _ended(client: Docker, container: str, mark: str, user: str | None, patience: float) -> str:
    ways: tuple[dict[str, Any], ...] = (
        {"user": "0", "privileged": True},  # root without privileges may not see others' marks
        {} if user is None else {"user": user},  # and podman's root not even with them
    )
    late = str(int(patience * _LATE))
    became = ""
    for way in ways:
        try:
            if not client.container.inspect(container, deadline=patience).running:
                return "its container does not run any more"
            client.container.exec(
                *(container, "sh", "-c", _SCRIPT, "sh", late, f"{MARK}={mark}"),
                deadline=max(_ENOUGH, 3 * patience), **way,
            )  # fmt: skip
            return f"what it had started in {container} was ended"
        except NoSuchContainer:
            return "its container is gone"
        except ContainerFailed as error:
            seen = error.returncode != _NOT_SEEN
            became = (
                _unknown(container, error) if seen else f"nothing of it was left in {container}"
            )
        except DockerFailed as error:
            became = became or _unknown(container, error)
        except DockcliError as error:
            return _unknown(container, error)
    return became


def _unknown(container: str, error: DockcliError) -> str:
    return (
        f"whether what it started in {container} still runs is not known ({type(error).__name__})"
    )


def warn_if_unknown(call: Call[Any], became: str) -> None:
    """Tell the logger ``dockcli`` what may still run: whoever leaves a call early gets no error."""
    if "not known" in became and (logging := sys.modules.get("logging")) is not None:
        logging.getLogger("dockcli").warning("%s: %s", call, became)
