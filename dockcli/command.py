"""What every command line of dockcli has in common: the exit codes, and one line on stderr for an
error, never a traceback."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from dockcli import ending
from dockcli.client import Docker
from dockcli.errors import (
    BinaryNotFound,
    DockcliError,
    EngineFailed,
    EngineUnreachable,
    InvalidArgument,
    NoEngine,
    Refused,
)

if TYPE_CHECKING:
    from typing import Any

OK, FAILED, REFUSED, NO_ENGINE = 0, 1, 2, 3
_PIPE_CLOSED = 141  # what a shell shows for a program that SIGPIPE ended


def note(text: str) -> None:
    """Something that a person should know: on stderr, where it is not taken for the result."""
    print(_one_line(text), file=sys.stderr, flush=True)


def run(command: click.Command, name: str, arguments: list[str] | None = None) -> NoReturn:
    """Run *command* as a program and exit with its code."""
    _stand_in_for_closed()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # no character may make writing fail, in any locale
            reconfigure(errors="backslashreplace")
    code = _outcome(lambda: command.main(arguments, prog_name=name, standalone_mode=False), name)
    sys.exit(_flush_or_drop() or code)


def _outcome(main: Callable[[], Any], name: str) -> int:
    """The exit code of *main*; whatever it raises becomes one line on stderr."""
    try:
        with ending.on_signals():
            code = main()
        return code if isinstance(code, int) else OK
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        return _said(f"{error.format_message()} (see {name} --help)", REFUSED)
    except (Refused, InvalidArgument) as error:
        return _said(str(error), REFUSED)
    except (NoEngine, EngineFailed) as error:
        print(getattr(error, "log_tail", ""), end="", file=sys.stderr)
        return _said(str(error), NO_ENGINE)
    except (BinaryNotFound, EngineUnreachable) as error:
        return _said(_where_to_get_one(error), NO_ENGINE)
    except DockcliError as error:
        return _said(str(error), FAILED)
    except BrokenPipeError:
        return _PIPE_CLOSED
    except OSError as error:
        return _said(str(error), FAILED)
    except (ending.Ended, click.Abort, KeyboardInterrupt) as error:
        code = error.code if isinstance(error, ending.Ended) else 130
        return _said(f"ended by {_signal(code)}; what it made has been removed", code)


def _signal(code: int) -> str:
    return {130: "Ctrl-C", 143: "SIGTERM"}.get(code, f"signal {code - 128}")


def _where_to_get_one(error: DockcliError) -> str:
    said = str(error)
    hint = (
        "" if "dockcli engine start" in said else "; `dockcli engine start` makes sure of an engine"
    )
    return f"{said}{hint}"


def _said(text: str, code: int) -> int:
    with suppress(OSError):
        note(f"dockcli: {text}")
    return code


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Closed(io.TextIOBase):
    """A stdout that was closed before the program began: there is no writing to it."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.EBADF, "stdout is closed: there is nowhere to print to")


def _stand_in_for_closed() -> None:
    """Streams in the place of those that the shell has closed, where Python has None."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for good
    if sys.stdout is None:
        sys.stdout = _Closed()


def _flush_or_drop() -> int:
    """Write what is still held back; nobody may be there to read it. The exit code is FAILED where
    that was lost for another reason, as on a full disk."""
    code = OK
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                code = _said(str(error), FAILED)
    return code


def options(*listed: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Several options as one decorator, in this order."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(listed):
            function = option(function)
        return function

    return apply


WHICH = ("docker", "host", "context", "sudo")
which_docker = options(
    click.option("--docker", metavar="BINARY", default="docker", help="Another docker: podman."),
    click.option("--host", metavar="URL", help="The engine to talk to: unix://…, ssh://…."),
    click.option("--context", metavar="NAME", help="The docker context to use."),
    click.option("--sudo", is_flag=True, help="Run docker by sudo."),
)
"""The options that say which docker, by the names in ``WHICH``."""


def client_for(docker: str, host: str | None, context: str | None, sudo: bool) -> Docker:
    """The client that these options mean; a path is the shell user's, from where they are."""
    binary = os.path.abspath(docker) if "/" in docker else docker
    return Docker(binary, host=host, context=context, sudo=sudo)
