"""What a `run` or `build` made, by the id that docker writes down; and what becomes of a container
whose `run` is given up.

Killing the docker client does not stop the container that it started, so a call that reaches its
deadline, or is interrupted, stops it by name or id. Only what this very call has made: a file that
was there before, or a container of that name which is older than the call, is another's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dockcli.child import to_the_end
from dockcli.errors import (
    BinaryNotFound,
    DeadlineExceeded,
    DockcliError,
    DockerFailed,
    InvalidArgument,
    NoSuchContainer,
)
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockcli.call import Call, Start
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect

# Seconds for an engine to say what became of something, after a deadline and else: one that hangs
# must not hang us, and one that is only busy is to be asked.
SHORT, LONG = 0.5, 2.0
_STOP = 10.0  # seconds for docker to stop or remove a container that is there
_AGAIN = 0.1  # seconds between looks whether docker has removed one


class Receipt:
    """The file with the id of what a call makes, for as long as the call runs."""

    def __init__(self, call: Call[Any]) -> None:
        self.words = call.argv
        self._call = call
        self._folder: str | None = None
        self._path: str | None = None
        self.begun = time.monotonic()

    def __enter__(self) -> Receipt:
        wanted = self._call.id_file
        if wanted is None:
            return self
        if wanted.path is None:
            from dockcli.owner import temporary_folder

            self._folder = temporary_folder()
            self._path = os.path.join(self._folder, "id")
            self.words = self._call.with_flag(f"--{wanted.flag}={self._path}")
        else:
            path = os.path.join(self._call.client.cwd or "", wanted.path)
            # docker refuses to run when its file is there: then what is in it is another's id.
            self._path = None if wanted.flag == "cidfile" and os.path.exists(path) else path
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """The file has told what it had to."""
        if self._folder is None:
            return
        with suppress(OSError):  # which takes no descriptor, as `rmtree` does
            os.unlink(os.path.join(self._folder, "id"))
        try:
            os.rmdir(self._folder)
        except OSError:
            import shutil

            shutil.rmtree(self._folder, ignore_errors=True)

    def read(self) -> str:
        """The id, "" where docker has written none."""
        if self._path is None:
            return ""
        try:
            with open(self._path, encoding="ascii") as file:
                return file.read().strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def shows_it_ran(self, code: int, patience: float) -> bool:
        """Whether the container of a failed `run` did run, and ended with *code* itself.

        The program may have written the very words that docker uses; the engine knows better, as
        long as the container is there, and is asked for *patience* seconds.
        """
        start, client = self._call.start, self._call.client
        if start is None:
            return False
        container: ContainerInspect | None
        try:
            if id := self.read():
                container = client.container.inspect(id, deadline=patience)
            elif start.name:
                each = max(patience / 2, SHORT)  # of two questions
                container = _if_ours(client, start.name, self.begun, each)
            else:
                return False
        except DockcliError:
            return False
        return container is not None and bool(
            container.started_at and not container.error and container.exit_code == code
        )


@contextmanager
def stopping_what_it_started(call: Call[Any], receipt: Receipt) -> Iterator[None]:
    """Stop the container of a `run` that does not come to its end, and say so in the error."""
    try:
        yield
    except (BinaryNotFound, InvalidArgument):
        raise
    except BaseException as error:
        if call.start is not None:
            late = isinstance(error, DeadlineExceeded)
            became = stop(call, receipt, SHORT if late else LONG)
            if isinstance(error, DeadlineExceeded):
                raise told_what_became(error, became) from None
        raise


def told_what_became(error: DeadlineExceeded, became: str) -> DeadlineExceeded:
    """*error*, saying too what became of what the call had started."""
    return type(error)(error.completed, error.deadline, f"{error.reason}; {became}")


def stop(call: Call[Any], receipt: Receipt, patience: float = SHORT) -> str:
    """Stop or remove what the call started; what became of it, in words.

    An engine that does not say within *patience* seconds what a name is is not waited for.
    """
    start, client = call.start, call.client
    assert start is not None
    name = receipt.read()
    with to_the_end():
        return _stopped(client, start, name, receipt.begun, patience)


def _stopped(client: Docker, start: Start, name: str, begun: float, patience: float) -> str:
    try:
        if not name and start.name and (found := _if_ours(client, start.name, begun, patience)):
            name = found.id
        if not name:
            return "it had not made its container yet"
        # Also before its removal: podman's `rm --force` gives it ten seconds to end by itself.
        client.raw("container", "stop", "-t", "0", name, deadline=_STOP)
        if not start.rm:
            return f"its container {start.name or name[:12]} was stopped"
        became = _remove(client, name)
        return f"its container {start.name or name[:12]} {became}"
    except NoSuchContainer:
        return "its container is gone"
    except DockcliError as error:
        which = start.name or name[:12]
        return f"whether its container {which} still runs is not known ({type(error).__name__})"


def _remove(client: Docker, name: str) -> str:
    """Remove a container as ``--rm`` does, with the volumes that have no name; what became of it.

    Now that it is stopped docker is about to do that itself, and may be quicker.
    """
    until = time.monotonic() + _STOP
    try:
        client.container.rm(name, force=True, volumes=True, deadline=_STOP)
    except NoSuchContainer:
        pass
    except DockerFailed as error:
        if "is already in progress" not in error.reason:
            raise
        if not _gone(client, name, until):
            return "is being removed"
    return "was removed"


def _gone(client: Docker, name: str, until: float) -> bool:
    """Whether a container that is being removed has gone, waiting for it."""
    while (left := until - time.monotonic()) > 0:
        try:
            client.container.inspect(name, deadline=left)
        except NoSuchContainer:
            return True
        except DeadlineExceeded:
            break
        time.sleep(_AGAIN)
    return False


def _if_ours(client: Docker, name: str, begun: float, patience: float) -> ContainerInspect | None:
    """Container *name* if it was made since *begun*, by the engine's own clock; each of two
    questions may take *patience* seconds.

    An older one had the name before, and docker was about to say so.
    """
    container = client.container.inspect(name, deadline=patience)
    engine_now = client.system.info(deadline=patience).time
    elapsed = time.monotonic() - begun
    if engine_now is None:  # podman has no clock but this machine's
        from dockcli.models.times import now

        engine_now = now()
    if container.created is None:
        return None
    age = (engine_now - container.created).total_seconds()
    return container if age <= elapsed else None
