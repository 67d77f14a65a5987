"""Which error a failed docker call is: by the anchored shape of what docker says, and its code.

Never by a word anywhere in stderr: the program in the container writes there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockcli import errors
from dockcli.call import EXEC, Speaker
from dockcli.completed import Completed

# What docker puts before its message: `docker: `, `Error: `, `Error response from daemon: `.
_OPENING = r"(?:docker: |Error: |ERROR: )?(?:Error response from daemon: |Error: )?"

_NOT_REACHED = (
    r"(?:error during connect: .*"
    r"|Cannot connect to the Docker daemon at .*"
    r"|failed to connect to the docker API at .*"
    r"|Cannot connect to Podman\b.*"
    r"|unable to connect to Podman\b.*"
    r"|Failed to initialize: unable to resolve docker endpoint: .*"
    r"|unable to resolve docker endpoint: .*"
    r"|unable to parse docker host .*"
    r"|.*dial unix .*: connect: (?:connection refused|no such file or directory))"
)
_MAY_NOT = (
    r"(?:Got )?permission denied while trying to connect to the "
    r"(?:Docker daemon socket|docker API) at .*"
)

_NAME = r"[\"']?[^\"'\n]*[\"']?"
_SHAPES: tuple[tuple[str, type[errors.DockerFailed]], ...] = (
    (_MAY_NOT, errors.PermissionDenied),
    (_NOT_REACHED, errors.EngineUnreachable),
    (r"unknown (?:shorthand )?flag: .*", errors.UnsupportedFlag),
    (r'.*"[^"]*" requires API version .*', errors.UnsupportedFlag),
    (
        r"(?:Error when allocating new name: )?Conflict\. The (?:container )?name .* is already "
        r"in use.*",
        errors.NameConflict,
    ),
    (r"renaming container \S+: name \S+ already in use, .*", errors.NameConflict),
    (r".*the (?:container )?name \"[^\"]*\" is already in use.*", errors.NameConflict),
    (r"network with name \S+ already exists", errors.NameConflict),
    (r"network name \S+ already used: network already exists", errors.NameConflict),
    (r".*volume with name \S+ already exists: volume already exists", errors.NameConflict),
    (
        r"(?:(?:error )?inspecting object: |Cannot kill container: \S+: )?"
        rf"[Nn]o such container:? {_NAME}",
        errors.NoSuchContainer,
    ),
    (
        r"(?:.*: )?no container with (?:name or ID|ID or name) \S+ found: no such container",
        errors.NoSuchContainer,
    ),
    (r"\S+ not found: container not known", errors.NoSuchContainer),
    (r"container \S+ does not exist", errors.NoSuchContainer),
    (rf"(?:(?:error )?inspecting object: )?[Nn]o such image:? {_NAME}", errors.NoSuchImage),
    (r"(?:.*: )?\S+: image not known", errors.NoSuchImage),
    (r"pull access denied for .*", errors.NoSuchImage),
    (r"manifest for \S+ not found: .*", errors.NoSuchImage),
    (r"reference does not exist", errors.NoSuchImage),
    (r"An image does not exist locally with the tag: .*", errors.NoSuchImage),
    (rf"(?:(?:error )?inspecting object: )?[Nn]o such volume:? {_NAME}", errors.NoSuchVolume),
    (r"get \S+: no such volume", errors.NoSuchVolume),
    (r"(?:.*: )?no volume with name \S+ found: no such volume", errors.NoSuchVolume),
    (rf"[Nn]o such network:? {_NAME}", errors.NoSuchNetwork),
    (r"network \S+ not found", errors.NoSuchNetwork),
    (
        r"(?:.*: )?unable to find network with name or ID \S+: network not found",
        errors.NoSuchNetwork,
    ),
    (rf"(?:inspecting object: )?[Nn]o such object:? {_NAME}", errors.NoSuchObject),
    (r"No such container:path: .*", errors.NoSuchObject),  # 20.10 does not say which of the two
    (r"Could not find the file .* in container .*", errors.NoSuchPath),
    (r".* could not be found on container .*", errors.NoSuchPath),
    (r"remove \S+: volume is in use - \[.*\]", errors.InUse),
    (
        r"(?:removing volume )?(?:volume )?\S+ is being used by the following container\(s\): .*",
        errors.InUse,
    ),
    (r"You cannot remove a (?:running|paused|restarting) container .*", errors.InUse),
    (
        r"cannot remove (?:container )?.*: (?:the )?container is (?:running|paused|restarting).*",
        errors.InUse,
    ),
    (r"cannot remove container .* as it is (?:running|paused).*", errors.InUse),
    (r"conflict: unable to (?:remove repository reference|delete) .*", errors.InUse),
    (r"(?:.*: )?image used by \S+: image is in use by a container.*", errors.InUse),
    (r"unable to delete image .* by ID with more than one tag .*", errors.InUse),
    (r"\S+ has associated containers with it\. .*: network is being used", errors.InUse),
    (
        r"(?:error while removing network: )?network \S+ (?:id \S+ )?has active endpoints.*",
        errors.InUse,
    ),
)
_CASES = tuple((re.compile(_OPENING + shape), kind) for shape, kind in _SHAPES)

# docker's last words after a message of its own, which differ with its version.
_FAREWELL = re.compile(
    r"See 'docker(?: [\w -]+)? --help'\.?|Run 'docker(?: [\w -]+)? --help' for more information"
    r"|Usage:  ?docker .*|(?:See|Try) 'podman(?: [\w -]+)? --help'.*"
)
_LOG = re.compile(r"(?:ERRO|WARN)\[\d+\] .*|time=\"[^\"]*\" level=(?:error|warning) .*")
_OWN = re.compile(
    r"(?:docker: |Error: |Error response from daemon: |unknown (?:shorthand )?flag: |OCI runtime "
    r"|Cannot connect to the Docker daemon |error during connect: "
    r"|failed to connect to the docker API |invalid argument "
    r"|(?:Got )?permission denied while trying to connect to the |cannot exec in a |can not "
    r"|You cannot attach to a |the input device is not a TTY|\"docker [\w ]+\" requires "
    r"|unable to find (?:user|group) ).*"
)
# With these codes many a program ends that says `Error: …` itself.
_SHARED_CODES = frozenset({1, 126, 127, 255})
_NOT_THE_PROGRAM = re.compile(
    r"Error: (?:can only create exec sessions on running containers: "
    r"|unable to find (?:user|group) |must provide a non-empty command "
    r"|workdir \"[^\"]*\" does not exist on container ).*"
)
_NO_TERMINAL = re.compile(r"the input device is not a TTY.*")
_ENGINE_SAYS = re.compile(r"(?:docker: )?Error response from daemon: .*")
_NOT_FOUND = re.compile(
    r".*exec: \"[^\"]*\": (?:executable file not found in \$PATH|(?:stat .*: )?no such file).*"
    r"|.*executable file [^ ]* ?not found in \$PATH.*"
)
_NOT_EXECUTABLE = re.compile(r".*(?:permission denied|exec format error|is a directory).*", re.I)
_NOT_STARTED = re.compile(
    _OPENING + r".*(?:OCI runtime (?:create|exec) failed|failed to create (?:task|shim task)"
    r"|unable to start container process|crun: |OCI runtime (?:error|attempted)|OCI permission).*",
    re.IGNORECASE,
)


def failure(completed: Completed, speaker: Speaker) -> errors.CallError:
    """The error for *completed*, which ended with another code than 0."""
    if speaker.program and not _docker_speaks(completed, speaker):
        return of_the_container(completed)
    if completed.returncode < 0:
        signal = -completed.returncode
        return errors.DockerFailed(completed, f"the docker command was ended by signal {signal}")
    line, kind = _recognised(completed, speaker)
    return kind(completed, _reason(line))


def of_the_container(completed: Completed) -> errors.ContainerFailed:
    """The error for a command that ran in the container and failed there."""
    killed = completed.returncode - 128
    if killed in _signals():
        return errors.ContainerKilled(completed)
    return errors.ContainerFailed(completed)


def _signals() -> frozenset[int]:
    import signal

    return frozenset(int(number) for number in signal.Signals)


def _docker_speaks(completed: Completed, speaker: Speaker) -> bool:
    """Whether docker has the last word, in its own form and with a code of its own."""
    if completed.returncode < 0:
        return True
    lines = _lines(_said(completed, speaker))
    if speaker.own_codes is None or (len(lines) == 1 and _NO_TERMINAL.fullmatch(lines[0])):
        return True
    if not lines or completed.returncode not in speaker.own_codes:
        return False
    last = _last(lines)
    if completed.returncode in _SHARED_CODES and last.startswith("Error: "):
        own = (_NOT_THE_PROGRAM.fullmatch(last), _NOT_STARTED.match(last), _kind([last]))
        return any(shape is not None for shape in own)
    return (_FAREWELL.fullmatch(lines[-1]) or _OWN.fullmatch(last)) is not None


def _said(completed: Completed, speaker: Speaker) -> str:
    # `docker exec` hands on the runtime's message as if the command had printed it.
    if speaker is EXEC and not completed.stderr.strip():
        return completed.text
    return completed.error_text


def _lines(text: str) -> list[str]:
    """The lines that hold something, but for what docker's libraries log beside its message."""
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return [line for line in lines if line.strip() and not _LOG.fullmatch(line)]


def _last(lines: list[str]) -> str:
    """The last line before docker's farewell."""
    return next((line for line in reversed(lines) if not _FAREWELL.fullmatch(line)), "")


def _recognised(
    completed: Completed, speaker: Speaker
) -> tuple[str, Callable[..., errors.CallError]]:
    """docker's message, and the error that it is."""
    lines = _lines(_said(completed, speaker))
    last = _last(lines) or f"exit code {completed.returncode}"
    if speaker.program:  # whatever comes before the last line is the program's
        lines = [last]
    if (known := _kind(lines)) is not None:
        return known
    line = next(filter(_ENGINE_SAYS.fullmatch, lines), last)
    if _NOT_STARTED.match(line):
        return line, _not_started(line)
    return line, errors.DockerFailed


def _kind(lines: list[str]) -> tuple[str, type[errors.DockerFailed]] | None:
    """The line that says what went wrong, and the error that it is."""
    for pattern, kind in _CASES:
        for line in lines:
            if pattern.fullmatch(line.removesuffix(".")):
                return line, kind
    return None


def _not_started(line: str) -> type[errors.CommandNotStarted]:
    if _NOT_FOUND.fullmatch(line):
        return errors.CommandNotFound
    if _NOT_EXECUTABLE.fullmatch(line):
        return errors.CommandNotExecutable
    return errors.CommandNotStarted


def _reason(line: str) -> str:
    """docker's message without what stands in front of all of them."""
    return re.sub(rf"^{_OPENING}", "", line).removesuffix(".") or line
