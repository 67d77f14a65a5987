"""Which keys leave a docker call: its own, else the user's, else docker's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dockcli.errors import InvalidArgument
from dockcli.state import setting, settings_folder
from dockcli.terminal.keys import detach_sequence

if TYPE_CHECKING:
    from dockcli.call import Call

_USUAL = "ctrl-p,ctrl-q"
_CAN_BE_LEFT = ("container exec", "container attach", "container run", "container start")


def detach_keys(call: Call[Any]) -> list[bytes]:
    """The detach keys of *call*, each as it is typed.

    Raises InvalidArgument for a call that has none, and for keys that docker does not know.
    """
    command = call.needs.command if call.needs else ""
    if command not in _CAN_BE_LEFT:
        raise InvalidArgument(f"`{call}` cannot be left: only exec, attach, run and start can")
    return detach_sequence(_of_the_call(call) or _of_the_user(call) or _USUAL)


def _of_the_call(call: Call[Any]) -> str:
    for word in call.argv[call.flags_at :]:
        if word.startswith("--detach-keys="):
            return word.partition("=")[2]
        if not word.startswith("-") or word == "--":
            break
    return ""


def _of_the_user(call: Call[Any]) -> str:
    """What the configuration of docker says that this call is started with."""
    head = call.client.head
    folder = next((w.partition("=")[2] for w in head if w.startswith("--config=")), "")
    folder = settings_folder({**os.environ, **call.client.env}, folder)
    keys = setting("detachKeys", os.path.join(call.client.cwd or "", folder))
    return keys if isinstance(keys, str) else ""
