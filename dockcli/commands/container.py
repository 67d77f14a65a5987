"""``docker container``."""

from __future__ import annotations

from functools import partial

from dockcli.commands import container_files as files
from dockcli.commands import container_life as life
from dockcli.commands import container_look as look
from dockcli.commands import container_run as running
from dockcli.commands.container_data import ContainerData
from dockcli.commands.container_machine import machine
from dockcli.commands.group import Awaits, Mode, Runs, Verb, verb
from dockcli.objects import Container
from dockcli.typed import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.aio.handles import AsyncContainer
    from dockcli.commands.coming import Coming
    from dockcli.commands.container_files import CpVerb
    from dockcli.commands.signatures import (
        ContainerAttachVerb,
        ContainerExecVerb,
        ContainerExportVerb,
        ContainerInspectVerb,
        ContainerLogsVerb,
        ContainerLsVerb,
        ContainerRunVerb,
        ContainerStatsVerb,
        ContainerWaitVerb,
    )
    from dockcli.models.container import ContainerInspect
    from dockcli.models.stats import ContainerStats
    from dockcli.spec.values import ContainerRef
    from dockcli.waiting import Conditions, Ready


class ContainerGroup(ContainerData[Mode]):
    """``docker container``."""

    name = "container"

    run: ContainerRunVerb[Container, AsyncContainer] = Verb(running.run)
    create = verb(running.create)
    exec: ContainerExecVerb = Verb(running.exec)
    attach: ContainerAttachVerb = Verb(running.attach)
    machine = machine

    inspect: ContainerInspectVerb[ContainerInspect] = Verb(look.inspect)
    ls: ContainerLsVerb[list[ContainerInspect]] = Verb(look.ls)
    stats: ContainerStatsVerb[list[ContainerStats]] = Verb(look.stats)
    top = verb(look.top)
    port = verb(look.port)
    logs: ContainerLogsVerb = Verb(look.logs)

    start = verb(life.start)
    stop = verb(life.stop)
    restart = verb(life.restart)
    kill = verb(life.kill)
    pause = verb(life.pause)
    unpause = verb(life.unpause)
    rename = verb(life.rename)
    update = verb(life.update)
    wait: ContainerWaitVerb[int] = Verb(life.wait)
    rm = verb(life.rm)
    prune = verb(life.prune)

    cp: CpVerb = Verb(files.cp)
    diff = verb(files.diff)
    export: ContainerExportVerb = Verb(files.export)
    commit = verb(files.commit)

    @overload
    def wait_for(
        self: ContainerGroup[Runs], container: ContainerRef, **conditions: Unpack[Conditions]
    ) -> Ready: ...
    @overload
    def wait_for(
        self: ContainerGroup[Awaits], container: ContainerRef, **conditions: Unpack[Conditions]
    ) -> Coming[Ready]: ...
    def wait_for(self, container: ContainerRef, **conditions: Unpack[Conditions]) -> Any:
        """Wait until a container is ready: ``wait_for("web", log=r"ready", port=80)``.

        See `dockcli.wait_for` for what can be waited for. No command of docker's: it asks several,
        so there is no call of it to be built. Raises NotReady, ContainerEnded, NoSuchContainer.
        """
        from dockcli.waiting import wait_for

        return self.tree.do(partial(wait_for, container, client=self.client, **conditions))
