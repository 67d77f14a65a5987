"""Where dockcli keeps what outlives one command, and the private engine that is kept there.

The client imports this at every start: it loads nothing but `os` until a private engine is found.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORD = os.path.join("engine", "record.json")
_SECONDS_TO_CONNECT = 1.0


def state_folder() -> str:
    """The folder for dockcli's state, by the XDG base directory specification."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # the specification: a relative path is to be ignored
        home = os.path.expanduser("~")
        # A user without a home stays "~": never let the working directory decide.
        base = os.path.join(home if os.path.isabs(home) else "/", ".local", "state")
    return os.path.join(base, "dockcli")


def make_folder(path: str, mode: int = 0o700) -> None:
    """Make *path*, a folder of the state, if it is not there.

    Those above it can be passed through (an engine's socket is below), and, whatever the umask is,
    only this user can change what is in them.
    """
    above = os.path.dirname(path)
    if not os.path.isdir(above):
        make_folder(above, 0o711)
    try:
        os.mkdir(path, mode)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def record_path() -> str:
    """The file that says whether a private engine was started, and where it listens."""
    return os.path.join(state_folder(), _RECORD)


def names_an_engine(env: Mapping[str, str], config: str | os.PathLike[str] | None = None) -> bool:
    """Whether the user has told docker which engine to go to: by ``DOCKER_HOST``, by a context, or
    by the context that docker's settings (of the folder *config*) have for use. That engine may be
    out of reach, and then it is not for us to go to another."""
    if env.get("DOCKER_HOST"):
        return True
    if context := env.get("DOCKER_CONTEXT"):
        return context != "default"
    named = setting("currentContext", settings_folder(env, config))
    return named not in (None, "", "default")


def settings_folder(env: Mapping[str, str], config: str | os.PathLike[str] | None = None) -> str:
    """The folder of docker's settings: *config*, as ``--config`` names it, else what *env* says."""
    usual = os.path.join(env.get("HOME") or os.path.expanduser("~"), ".docker")
    return os.fspath(config or env.get("DOCKER_CONFIG") or usual)


def setting(name: str, folder: str) -> object:
    """What docker's settings in *folder* say of *name*; None where they cannot be read."""
    try:
        with open(os.path.join(folder, "config.json"), "rb") as file:
            text = file.read()
    except OSError:
        return None
    import json

    try:
        found: object = json.loads(text).get(name)
    except (ValueError, AttributeError):
        return None
    return found


def private_host() -> str | None:
    """The address of the private engine, if one was started and its socket takes a connection."""
    try:
        with open(record_path(), "rb") as file:
            text = file.read()
    except OSError:
        return None
    return _listening(text)


def _listening(record: bytes) -> str | None:
    # Most machines have no private engine: they never pay for these imports. Where there is one, it
    # is asked at every start, and `socket` itself would take longer than json and this together.
    import _socket
    import json

    try:
        host = json.loads(record)["host"]
        connection = _socket.socket(_socket.AF_UNIX)
        try:
            connection.settimeout(_SECONDS_TO_CONNECT)
            connection.connect(host.removeprefix("unix://"))
        finally:
            connection.close()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return str(host)
