"""Which error a failed docker call is: by the anchored shape of what docker says, and its code.

Never by a word anywhere in stderr: the program in the container writes there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import takewhile

from dockcli import errors
from dockcli.call import DOCKER, EXEC, Speaker
from dockcli.completed import Completed
from dockcli.secret import Secret

# What docker puts before its message: `docker: `, `Error: `, `Error response from daemon: `.
_OPENING = r"(?:docker: |Error: |ERROR: )?(?:Error response from daemon: |Error: )?"

# The connection breaks while something goes over it. What ssh has said comes at the end.
_SSH_ENDED = r"command \[ssh .*\] has exited with exit status .*"
_CUT_OFF = (
    rf"(?:error waiting for container: (?:(?:unexpected )?EOF|{_SSH_ENDED})"
    rf"|(?:failed to dial gRPC: )?{_SSH_ENDED}"
    r"|error during connect: .*: (?:(?:unexpected )?EOF|(?:read|write) .*))"
)
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
_OF_ONE = r"(?:\S+: Error(?: response from daemon)?: )?"  # `none: Error: No such service: none`
_OF_A_SWARM = (
    ("service", errors.NoSuchService),
    ("node", errors.NoSuchNode),
    ("secret", errors.NoSuchSecret),
    ("config", errors.NoSuchConfig),
)
_SHAPES: tuple[tuple[str, type[errors.DockerFailed]], ...] = (
    (_MAY_NOT, errors.PermissionDenied),
    (_CUT_OFF, errors.EngineLost),
    (_NOT_REACHED, errors.EngineUnreachable),
    (r"unknown (?:shorthand )?flag: .*", errors.UnsupportedFlag),
    (
        r"docker [a-z ]+ is only supported on a Docker daemon with experimental features enabled",
        errors.NotExperimental,
    ),
    (r"docker [a-z ]+ requires API version .*", errors.UnsupportedFlag),
    (r'.*"[^"]*" requires API version .*', errors.UnsupportedFlag),
    (
        r"(?:Error when allocating new name: )?Conflict\. The (?:container )?name .* is already "
        r"in use.*",
        errors.NameConflict,
    ),
    (r"renaming container \S+: name \S+ already in use, .*", errors.NameConflict),
    (r".*the (?:container )?name \"[^\"]*\" is already in use.*", errors.NameConflict),
    (r"network with name \S+ already exists", errors.NameConflict),
    (r"rpc error: code = AlreadyExists desc = .*", errors.NameConflict),
    (r"plugin \S+ already exists", errors.NameConflict),
    (r"context \S+ already exists", errors.NameConflict),
    (r"refusing to amend an existing manifest list with no --amend flag", errors.NameConflict),
    (r"endpoint with name \S+ already exists in network \S+", errors.NameConflict),
    (r"context \S+: context not found: .*", errors.NoSuchContext),
    (r"(?:\S+: )?context \S+ does not exist", errors.NoSuchContext),
    (r"(?:context \S+|\S+: context) is in use, set -f flag to force remove", errors.InUse),
    (r"\S+: secret name in use", errors.NameConflict),
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
    (r"login attempt to \S+ failed with status: 401 Unauthorized", errors.AuthenticationFailed),
    (r"(?:(?:Get|Head) \S+: )?no basic auth credentials", errors.AuthenticationFailed),
    (r"(?:\S.*: )?unauthorized: .*", errors.AuthenticationFailed),
    (r"logging into \S+: invalid username/password", errors.AuthenticationFailed),
    (r"pull access denied for .*", errors.NoSuchImage),
    (r"[Nn]o such manifest: \S+", errors.NoSuchManifest),
    (r"[Nn]o signatures or cannot access \S+", errors.NotSigned),
    (r"manifest for \S+ not found: .*", errors.NoSuchImage),
    (r"reference does not exist", errors.NoSuchImage),
    (r"An image does not exist locally with the tag: .*", errors.NoSuchImage),
    (rf"(?:(?:error )?inspecting object: )?[Nn]o such volume:? {_NAME}", errors.NoSuchVolume),
    (r"get \S+: no such volume", errors.NoSuchVolume),
    (r"(?:.*: )?no volume with name \S+ found: no such volume", errors.NoSuchVolume),
    (rf"[Nn]o such network:? {_NAME}", errors.NoSuchNetwork),
    (r"network \S+ not found", errors.NoSuchNetwork),
    # the engine looks for it in a swarm then, and is in none
    (r"invalid cluster node while attaching to network", errors.NoSuchNetwork),
    *(
        (rf"{_OF_ONE}(?:[Nn]o such {what}: {_NAME}|{what} \S+ not found)", kind)
        for what, kind in _OF_A_SWARM
    ),
    (r"no such task or service: .*", errors.NoSuchService),
    (r"secret not found: \S+", errors.NoSuchSecret),
    (r"(?:.*: )?no secret with name or id \"[^\"]*\": no such secret", errors.NoSuchSecret),
    (r"config not found: \S+", errors.NoSuchConfig),
    (r"nothing found in stack: .*", errors.NoSuchStack),
    (rf"(?:error reading plugin data: (?:Error: )?)?No such plugin: {_NAME}", errors.NoSuchPlugin),
    (
        r"(?:error reading plugin data: Error response from daemon: )?plugin \"\S+\" not found",
        errors.NoSuchPlugin,
    ),
    (rf"(?:[Nn]o such task: {_NAME}|task \S+ not found)", errors.NoSuchObject),
    (r"This node is not (?:a swarm manager\.|part of a swarm).*", errors.NotASwarmManager),
    (r"Swarm is encrypted and needs to be unlocked .*", errors.SwarmLocked),
    (
        r"(?:.*: )?unable to find network with name or ID \S+: network not found",
        errors.NoSuchNetwork,
    ),
    (rf"(?:(?:error )?inspecting object: )?[Nn]o such object:? {_NAME}", errors.NoSuchObject),
    (r"No such container:path: .*", errors.NoSuchObject),  # 20.10 does not say which of the two
    (r"Could not find the file .* in container .*", errors.NoSuchPath),
    (r".* could not be found on container .*", errors.NoSuchPath),
    (r"lstat .*: not a directory", errors.NotAFolder),
    (r"(?:\w+: )?too many links in .*", errors.NotAFile),
    (r"(?:container rootfs|mounted volume) is marked read-only", errors.ReadOnlyPath),
    (r"\s*\* copying to container: .*: read-only file system", errors.ReadOnlyPath),
    (r"remove \S+: volume is in use - \[.*\]", errors.InUse),
    (
        r"(?:removing volume )?(?:volume )?\S+ is being used by the following container\(s\): .*",
        errors.InUse,
    ),
    (r".*(?:secret|config) '[^']*' is in use by the following services?: .*", errors.InUse),
    (r"plugin \S+ is (?:enabled|in use)", errors.InUse),
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

# docker's last words after a message of its own, which differ with its version (28 has `SRun`).
_FAREWELL = re.compile(
    r"S?(?:See|Run) 'docker(?: [\w -]+)? --help'(?: for more information)?\.?"
    r"|Usage:  ?docker .*|(?:See|Try) 'podman(?: [\w -]+)? --help'.*"
)
# After what is wrong with a command line docker tells what it takes, in as many lines as it likes.
_USAGE = re.compile(r"Usage:  ?docker .*")
_MISUSED = re.compile(
    r"docker: .*|\"docker [\w -]+\" .*|(?:unknown (?:shorthand )?flag|flag needs an argument"
    r"|invalid argument|unknown (?:docker )?command): .*"
)
_CONNECTION = re.compile(rf"{_OPENING}(?:{_CUT_OFF}|error during connect: .*: {_SSH_ENDED})")
_SSH_SPEAKS = re.compile(rf".*{_SSH_ENDED}stderr=.*")
_SSH_LINES = 6  # that ssh has for why it ends
_CONNECTION_CODES = frozenset({1, 125, 255})
_LOGGED = re.compile(
    r"(?:ERRO\[\d+\] |time=\"[^\"]*\" level=error msg=\")"
    r"(error waiting for container: (?:.*EOF|command \[ssh .*?))(?:\\r\\n)?\"?"
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
_ENV_FILE = re.compile(r"(?:invalid env file \(.*\): )?(?:open|read) (.*): [a-z ]+")
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


def failure(
    completed: Completed, speaker: Speaker, secrets: Iterable[Secret] = ()
) -> errors.CallError:
    """The error for *completed*, which ended with another code than 0.

    It shows none of *secrets*, but they do not hide from us what docker says.
    """
    shown = completed.masked(secrets)
    if speaker.program and not _docker_speaks(completed, speaker):
        return of_the_container(shown)
    if completed.returncode < 0:
        signal = -completed.returncode
        return errors.DockerFailed(shown, f"the docker command was ended by signal {signal}")
    _, kind = _recognised(completed, speaker)
    line, _ = _recognised(shown, speaker)
    return kind(shown, _reason(line))


def beside_what_is_missing(completed: Completed) -> errors.CallError | None:
    """The other failure of a call that told of several, some of them things that are not there."""
    others = [line for line in _lines(completed.error_text) if not _tells_of_a_missing_one(line)]
    if not others:
        return None
    said = "\n".join(others).encode("utf-8", "surrogateescape")
    error = failure(completed.replace(stderr=said), DOCKER)
    return type(error)(completed, error.reason)


def _tells_of_a_missing_one(line: str) -> bool:
    known = _kind([line])
    return line.startswith("WARNING: ") or (
        known is not None and issubclass(known[1], errors.NoSuchObject)
    )


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
    if lines and _CONNECTION.fullmatch(lines[-1]) and completed.returncode in _CONNECTION_CODES:
        return True
    if speaker.own_codes is None or (len(lines) == 1 and _NO_TERMINAL.fullmatch(lines[0])):
        return True
    if not lines or completed.returncode not in speaker.own_codes:
        return False
    if speaker is EXEC and len(lines) == 1 and _is_of_an_env_file(lines[0], completed.argv):
        return True
    last = _last(lines)
    if completed.returncode in _SHARED_CODES and last.startswith("Error: "):
        own = (_NOT_THE_PROGRAM.fullmatch(last), _NOT_STARTED.match(last), _kind([last]))
        return any(shape is not None for shape in own)
    said = _FAREWELL.fullmatch(lines[-1]) or _OWN.fullmatch(last)
    return (said or re.match(speaker.own_words, last)) is not None


def _is_of_an_env_file(line: str, argv: tuple[str, ...]) -> bool:
    """Whether docker cannot read the file of an ``--env-file=`` of an `exec`, and says no more.

    Behind the container the words are the command's.
    """
    found = _ENV_FILE.fullmatch(line)
    if found is None or "exec" not in argv:
        return False
    flags = takewhile(lambda word: word.startswith("--"), argv[argv.index("exec") + 1 :])
    return f"--env-file={found[1]}" in flags


def _said(completed: Completed, speaker: Speaker) -> str:
    # `docker exec` hands on the runtime's message as if the command had printed it.
    if speaker is EXEC and not completed.stderr.strip():
        return completed.text
    return completed.error_text


def _lines(text: str) -> list[str]:
    """The lines that hold something, but for what docker's libraries log beside its message, and
    for what ssh has said behind the first line of docker's."""
    stripped = (line.rstrip("\r") for line in text.split("\n"))
    said = [_LOGGED.sub(r"\1", line) for line in stripped if line.strip()]
    lines = [line for line in said if not _LOG.fullmatch(line)]
    for at in range(max(0, len(lines) - _SSH_LINES), len(lines)):
        if _SSH_SPEAKS.fullmatch(lines[at]):
            return lines[: at + 1]
    return lines


def _last(lines: list[str]) -> str:
    """The last line before docker's farewell."""
    return next((line for line in reversed(lines) if not _FAREWELL.fullmatch(line)), "")


def _before_the_usage(lines: list[str]) -> list[str]:
    """*lines* up to a usage that docker tells because of its own message, or of nothing else."""
    for at, line in enumerate(lines):
        if _USAGE.fullmatch(line):
            if at == 0:
                return [line.replace("Usage:  ", "docker takes: ")]
            if _FAREWELL.fullmatch(lines[at - 1]) or _MISUSED.fullmatch(lines[at - 1]):
                return lines[:at]
    return lines


def _recognised(
    completed: Completed, speaker: Speaker
) -> tuple[str, Callable[..., errors.CallError]]:
    """docker's message, and the error that it is."""
    lines = _lines(_said(completed, speaker))
    if not speaker.program:
        lines = _before_the_usage(lines)
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
    for shape, kind in _SHAPES:
        pattern = _opened(shape)
        for line in lines:
            if pattern.fullmatch(line.removesuffix(".")):
                return line, kind
    return None


@cache  # few programs see many of them fail, and to compile all takes as long as a docker call
def _opened(shape: str) -> re.Pattern[str]:
    return re.compile(_OPENING + shape)


def _not_started(line: str) -> type[errors.CommandNotStarted]:
    if _NOT_FOUND.fullmatch(line):
        return errors.CommandNotFound
    if _NOT_EXECUTABLE.fullmatch(line):
        return errors.CommandNotExecutable
    return errors.CommandNotStarted


def _reason(line: str) -> str:
    """docker's message without what stands in front of all of them."""
    if _NO_TERMINAL.fullmatch(line):
        line = f"{line}: docker.call.….terminal() is one, as exec(tty=True)"
    return re.sub(rf"^{_OPENING}", "", line).removesuffix(".") or line
