"""``docker container``: a container as a plumbum machine, which is no command of docker's."""

from __future__ import annotations

from datetime import timedelta

from dockcli import argv
from dockcli.commands.group import Group
from dockcli.commands.keywords import seconds
from dockcli.errors import InvalidArgument
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.machine import Machine
    from dockcli.spec.options import ContainerExecOptions
    from dockcli.spec.values import ContainerRef


def machine(
    self: Group[Any],
    container: ContainerRef,
    *,
    shell: str = "sh",
    encoding: str | None = "utf-8",
    connect_timeout: float | timedelta | None = 10.0,
    **options: Unpack[ContainerExecOptions],
) -> Machine:
    """A running container as a plumbum machine: many commands over one open shell in it.

    ``with docker.container.machine("web") as m: m["ls"]("-l")``; a command costs a millisecond or
    two, not a `docker exec`. See `dockcli.machine.Machine`.

    *shell* is a name or path there. *encoding* is that of output as text; with None it is bytes.
    *connect_timeout* is in seconds, for the opening of a shell. The options are those of `exec`
    that make sense: ``user``, ``workdir``, ``env``, ``env_file``, ``privileged``.

    Raises NoShell, NoSuchContainer, DockerFailed for one that does not run. Source:
    ``docker container exec``, https://docs.docker.com/reference/cli/docker/container/exec/
    """
    from dockcli.machine import open_machine

    if self.tree is not self.client:
        raise InvalidArgument(
            "a machine is no call, nor is it awaited: docker.container.machine opens one, of an "
            "AsyncDocker that of its .sync"
        )
    senseless = sorted(
        {name for name, value in options.items() if value is not None}
        - {"user", "workdir", "env", "env_file", "privileged"}
    )
    if senseless:
        raise InvalidArgument(f"{', '.join(senseless)}: a machine takes no such option")
    return open_machine(
        self.client,
        argv.container(container),
        options,
        shell=argv.text(shell, "shell="),
        encoding=encoding,
        connect_timeout=None
        if connect_timeout is None
        else seconds(connect_timeout, "connect_timeout"),
    )
