"""Makes sure of an engine, with the least that will do.

The one that docker reaches is used as it is. Else a private one is started; for that, packages are
installed if need be, on Debian and its like. Else one line says what is missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dockcli import state
from dockcli.engine import advice, apt, private, programs
from dockcli.errors import NoEngine

_SECONDS_TO_ANSWER = 10

How = Literal["reached", "private", "started", "installed"]


class Answer(NamedTuple):
    """What came of asking docker for its engine.

    ``version`` is the engine's, None if there was no answer; ``complaint`` is what docker said
    then, None if there is no docker to say something.
    """

    version: str | None
    complaint: str | None


@dataclass(frozen=True, slots=True)
class Provided:
    """An engine that answers. ``host`` is None where docker reaches it by itself."""

    how: How
    host: str | None = None


def ensure(note: Callable[[str], None], binary: str = "docker") -> Provided:
    """Make sure of an engine. What is started or installed is said by *note* before it happens.

    Raises NoEngine where there is none to be had, and where the user has named one that does not
    answer; EngineFailed where one would not start.
    """
    answer = reaches(binary)
    if answer.version is not None:
        return Provided("reached")
    if answer.complaint is not None and state.names_an_engine(os.environ):
        raise NoEngine(advice.line(answer.complaint))
    if answer.complaint is not None and (host := state.private_host()) is not None:
        return Provided("private", host)
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        raise NoEngine(advice.line(answer.complaint))
    packages = apt.missing()
    if packages:
        if not apt.available():
            raise NoEngine(advice.line(answer.complaint))
        apt.install(packages, note)
        answer = reaches(binary)
        if answer.version is not None:  # a package may start an engine of its own
            return Provided("installed")
    if answer.complaint is None:
        _install_client(binary, note)
    else:
        note(f"docker reaches no engine: {answer.complaint}")
    engine = private.start(note)
    return Provided("installed" if packages else "started", engine.host)


def reaches(binary: str) -> Answer:
    """Ask *binary* for the engine that it reaches by itself."""
    program = binary if os.path.isabs(binary) else programs.find(binary)
    if program is None:
        return Answer(None, None)
    try:
        done = subprocess.run(
            [program, "version", "--format", "{{.Server.Version}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS_TO_ANSWER,
            check=False,
        )
    except FileNotFoundError:
        return Answer(None, None)
    except subprocess.TimeoutExpired:
        return Answer(None, f"no answer within {_SECONDS_TO_ANSWER} s")
    except OSError as error:
        return Answer(None, f"{program}: {error.strerror}")
    version = done.stdout.decode(errors="replace").strip()
    if done.returncode == 0 and version:
        return Answer(version, None)
    complaints = done.stderr.decode(errors="replace").split("\n")
    return Answer(None, next((text.strip() for text in complaints if text.strip()), "no answer"))


def _install_client(binary: str, note: Callable[[str], None]) -> None:
    """Newer releases have the docker command in a package of its own."""
    if not apt.available():
        raise NoEngine(advice.line(None))
    apt.install(["docker-cli"], note)
    if reaches(binary).complaint is None:
        raise NoEngine(f"there is an engine on this machine, but no program `{binary}` to reach it")
