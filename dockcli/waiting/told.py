"""What an inspect tells of a container that is waited for."""

from __future__ import annotations

from datetime import datetime

from dockcli.models.container import ContainerInspect, State
from dockcli.models.fields import Fields
from dockcli.models.times import moment

OVER = frozenset({State.EXITED, State.DEAD, State.REMOVING})


def health(seen: ContainerInspect) -> str:
    """What its health check says, "" where there is none."""
    return Fields(seen.raw).inner("State").inner("Health", "Healthcheck").text("Status")


def because(seen: ContainerInspect | None) -> str:
    """What the engine knows of why it is so."""
    if seen is None:
        return ""
    state = Fields(seen.raw).inner("State")
    probes = state.inner("Health", "Healthcheck").objects("Log")
    told = [
        seen.error,
        "out of memory" if state.flag("OOMKilled") else "",
        said if (said := health(seen)) not in ("", "none") else "",
        f"its check says {last!r}"
        if probes and (last := probes[-1].text("Output").strip())
        else "",
    ]
    known = ", ".join(filter(None, told))
    return f" ({known})" if known else ""


def restarts(seen: ContainerInspect) -> bool:
    """Whether it is to be started again after an end like its last."""
    policy = Fields(seen.raw).inner("HostConfig").inner("RestartPolicy").text("Name")
    return policy in ("always", "unless-stopped") or (
        policy == "on-failure" and seen.exit_code != 0
    )


def last_moment(seen: ContainerInspect) -> datetime | None:
    """The last that happened to it, by the engine's clock."""
    probes = Fields(seen.raw).inner("State").inner("Health", "Healthcheck").objects("Log")
    ends = [moment(probes[-1].text("End"))] if probes else []
    known = [seen.created, seen.started_at, seen.finished_at, *ends]
    return max((one for one in known if one is not None), default=None)
