"""Both ways between docker's command line and Python: ``docker run -it alpine`` as a `Call`, and
as the text of the Python call that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dockcli.call import Call
from dockcli.errors import InvalidArgument
from dockcli.translation import shell
from dockcli.translation.meaning import Meaning, meaning


def translate(line: str | Sequence[str]) -> Call[Any]:
    """The call that a docker command line means, given as its words or as one text for a shell.

    Its ``argv`` has docker's canonical names, every flag in its long form and one word, and the
    values as they were typed: names and values are left for docker to check. Where the verb of
    dockcli makes the very same command line, the answer is that verb's; else a `Completed`. The
    password of a ``docker login`` goes to docker's stdin instead (``--password-stdin``).

    ``sudo``, ``DOCKER_BUILDKIT=1`` and the like, ``podman`` or a path may stand in front: they are
    in the call's ``client``. In one text, ``$(pwd)`` and ``$HOME`` stay as they were typed, and
    what begins another command is refused; words are what they are.

    Raises InvalidArgument for what is no command of docker's, has too few or too many operands or
    a flag without its value, and UnknownFlag; each with the nearest names.
    """
    return _meaning(line).call()


def python(line: str | Sequence[str]) -> str:
    """The Python call that a docker command line means, as text.

    It calls ``docker`` or a ``Docker(…)``: ``docker.container.run("alpine", rm=True)``. What no
    verb says is a ``docker.raw(…)``. A comment behind it tells where a verb answers otherwise than
    docker. Raises as `translate` does.
    """
    return _meaning(line).python()


def substituted(line: str) -> tuple[str, ...]:
    """The parts of a text that a shell would have put something in the place of: ``$(pwd)``.

    Raises InvalidArgument as `translate` does.
    """
    return shell.split(line).substituted


def _meaning(line: str | Sequence[str]) -> Meaning:
    words = shell.split(line).words if isinstance(line, str) else list(line)
    for word in words:
        if not isinstance(word, str):
            raise InvalidArgument(f"a command line is made of texts, not of {word!r}")
    return meaning(words)
