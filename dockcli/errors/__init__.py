"""Everything that dockcli raises.

::

    DockcliError
    ├── InvalidArgument (ValueError)      refused before anything ran
    │   ├── UnknownFlag (TypeError)       docker has no such flag on this command
    │   ├── OutOfReach                    a mount hides that path from `docker cp`
    │   └── TooOld (Unsupported)          this docker, or its engine, has not what was asked for
    ├── PluginMissing (Unsupported)       docker buildx or docker compose is not installed
    ├── BinaryNotFound                    no docker (or sudo) to run
    ├── Refused                           a recipe that did not begin: something is in its way
    ├── CleanupFailed                     not all that a scope has made could be removed
    ├── NoRoom (OSError)                  this machine's disk is full where a file is needed
    ├── NoEngine                          no engine, and nothing here that could start one
    ├── EngineFailed                      the private engine would not start
    └── CallError                         docker ran; has the whole result
        ├── DeadlineExceeded (TimeoutError)
        │   ├── NotReady                  a container is not ready in time
        │   ├── NotSeen                   what was waited for on a terminal has not come
        │   └── Silent                    docker said nothing for as long as silence= allows
        ├── ProgramEnded                  and cannot come any more
        ├── ShellEnded                    a command of a machine has ended the machine's shell
        ├── ContainerEnded                the container has ended before it was ready
        ├── UnreadableOutput              docker's answer is not what was asked for
        ├── DockerFailed                  docker itself says no
        │   ├── EngineUnreachable
        │   │   ├── EngineLost            it was there when the call began
        │   │   └── PermissionDenied      the engine is there, this user may not talk to it
        │   ├── NoSuchObject
        │   │   └── NoSuchContainer, NoSuchImage, NoSuchVolume, NoSuchNetwork, NoSuchPath,
        │   │       NoSuchService, NoSuchNode, NoSuchSecret, NoSuchConfig, NoSuchStack,
        │   │       NoSuchPlugin, NoSuchContext, NoSuchManifest, NotSigned
        │   ├── NameConflict              the name is another object's
        │   │   └── VolumeDrift           the volume was there already, and is not as asked for
        │   ├── NotAFile                  a folder, or a device, where a file is meant
        │   ├── NotAFolder                a file where a folder is meant
        │   ├── ReadOnlyPath              nobody may write there
        │   ├── InUse                     somebody still needs what was to be removed
        │   ├── NotASwarmManager          only a manager of a swarm answers that
        │   ├── SwarmLocked               this manager waits for the key of its swarm
        │   ├── AuthenticationFailed      a registry wants other credentials
        │   ├── NotExperimental           the engine has it with its experimental features only
        │   ├── UnsupportedFlag           this docker is too old or too new for the flag
        │   └── CommandNotStarted         the container is there, its command is not
        │       ├── CommandNotExecutable  126
        │       ├── CommandNotFound       127
        │       └── NoShell               a machine needs a shell, and the container has none
        └── ContainerFailed               docker did its part, the container's command failed
            └── ContainerKilled           by a signal (128 + its number)

Every error can be pickled and copied, and shows its command with the secrets masked: a Secret that
the output repeats is masked there too.
"""

from __future__ import annotations

from dockcli.errors.base import (
    BinaryNotFound,
    CleanupFailed,
    DockcliError,
    EngineFailed,
    InvalidArgument,
    NoEngine,
    NoRoom,
    OutOfReach,
    PluginMissing,
    Refused,
    TooOld,
    UnknownFlag,
    Unsupported,
)
from dockcli.errors.calls import (
    CallError,
    ContainerFailed,
    DeadlineExceeded,
    DockerFailed,
    EngineLost,
    EngineUnreachable,
    NameConflict,
    NoSuchContainer,
    NoSuchObject,
    Silent,
    UnreadableOutput,
)
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from dockcli.errors.said import (
        AuthenticationFailed,
        CommandNotExecutable,
        CommandNotFound,
        CommandNotStarted,
        ContainerKilled,
        InUse,
        NoShell,
        NoSuchConfig,
        NoSuchContext,
        NoSuchImage,
        NoSuchManifest,
        NoSuchNetwork,
        NoSuchNode,
        NoSuchPath,
        NoSuchPlugin,
        NoSuchSecret,
        NoSuchService,
        NoSuchStack,
        NoSuchVolume,
        NotAFile,
        NotAFolder,
        NotASwarmManager,
        NotExperimental,
        NotSigned,
        PermissionDenied,
        ReadOnlyPath,
        SwarmLocked,
        UnsupportedFlag,
        VolumeDrift,
    )
    from dockcli.errors.waits import (
        ContainerEnded,
        NotReady,
        NotSeen,
        ProgramEnded,
        ShellEnded,
    )

__all__ = [
    "AuthenticationFailed",
    "BinaryNotFound",
    "CallError",
    "CleanupFailed",
    "CommandNotExecutable",
    "CommandNotFound",
    "CommandNotStarted",
    "ContainerEnded",
    "ContainerFailed",
    "ContainerKilled",
    "DeadlineExceeded",
    "DockcliError",
    "DockerFailed",
    "EngineFailed",
    "EngineLost",
    "EngineUnreachable",
    "InUse",
    "InvalidArgument",
    "NameConflict",
    "NoEngine",
    "NoRoom",
    "NoShell",
    "NoSuchConfig",
    "NoSuchContainer",
    "NoSuchContext",
    "NoSuchImage",
    "NoSuchManifest",
    "NoSuchNetwork",
    "NoSuchNode",
    "NoSuchObject",
    "NoSuchPath",
    "NoSuchPlugin",
    "NoSuchSecret",
    "NoSuchService",
    "NoSuchStack",
    "NoSuchVolume",
    "NotAFile",
    "NotAFolder",
    "NotASwarmManager",
    "NotExperimental",
    "NotReady",
    "NotSeen",
    "NotSigned",
    "OutOfReach",
    "PermissionDenied",
    "PluginMissing",
    "ProgramEnded",
    "ReadOnlyPath",
    "Refused",
    "ShellEnded",
    "Silent",
    "SwarmLocked",
    "TooOld",
    "UnknownFlag",
    "UnreadableOutput",
    "Unsupported",
    "UnsupportedFlag",
    "VolumeDrift",
]


def __getattr__(name: str) -> type[DockcliError]:
    """Those that few calls end with: to make so many classes takes longer than to ask docker."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dockcli.errors import said, waits

    found: type[DockcliError] = {**vars(said), **vars(waits)}[name]
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
