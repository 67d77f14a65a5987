"""The words for what a survey tells, safe to show anywhere that takes plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from dockcli.progress.words import harmless, readable

if TYPE_CHECKING:
    from dockcli.data.survey.values import ContainerData, DataPath, Survey

Risk: TypeAlias = Literal["at risk", "can go", "stays"]

_SOURCES = {
    "image": "image",
    "layer": "writable layer",
    "anonymous": "anonymous volume",
    "volume": "volume",
    "bind": "bind of",
    "network": "network share",
    "tmpfs": "memory",
}
_SHORT = 12  # letters of an id
_MACHINE = "host loss"


def risk(path: DataPath) -> Risk:
    """How easily it is lost: by ``rm -v``, by some other command, or by no command at all."""
    if path.at_risk:
        return "at risk"
    return "can go" if set(path.lost_by) - {_MACHINE} and not path.empty else "stays"


def amount(path: DataPath) -> str:
    """``31.47MB, 12 files``; "size unknown" where nobody tells."""
    if path.source == "tmpfs":
        return ""
    size = "size unknown" if path.size is None else readable(path.size)
    if path.rounded:
        size = f"about {size}"
    if path.empty:
        return "empty"
    if path.files is None or path.source == "image":
        return size
    return f"{size}, {path.files} file{'' if path.files == 1 else 's'}"


def source(path: DataPath) -> str:
    """``volume data``, ``bind of /srv``, ``writable layer``; without the name where that is all
    there is, and with the first letters of one that an engine gave."""
    name = path.name if path.path else ""
    if path.source == "anonymous" and len(name) > _SHORT:
        name = f"{name[:_SHORT]}..."
    return harmless(f"{_SOURCES[path.source]} {name}".strip())


def about(path: DataPath) -> str:
    """All that there is to say of a path, in one line, but what destroys it."""
    shared = f"also in {', '.join(map(harmless, path.shared_with))}" if path.shared_with else ""
    read_only = "read-only" if path.read_only and path.source != "image" else ""
    parts = [source(path), amount(path), read_only, shared, harmless(path.note)]
    return ", ".join(filter(None, parts))


def losses(path: DataPath) -> str:
    """``lost by rm -v, host loss``."""
    if path.lost_by:
        return f"lost by {', '.join(path.lost_by)}"
    if path.source != "image":
        return "kept"
    return "lost by image rm" + ("" if path.note else " alone: a pull or a build brings it back")


def title(container: ContainerData) -> str:
    """``web (running, nginx:1): 2 paths at risk``."""
    parts = [container.state, container.image]
    parts += [f"compose project {container.project}"] if container.project else []
    parts += ["removed when it stops"] if container.auto_remove else []
    named = harmless(f"{container.name} ({', '.join(filter(None, parts))})")
    return f"{named}: {_counted(len(container.at_risk))}"


def summary(survey: Survey) -> str:
    """``docker 28.2.2, 3 containers: 2 paths at risk, 31.47MB``."""
    engine = survey.engine if survey.engine.startswith("podman") else f"docker {survey.engine}"
    count = len(survey.containers)
    known = [path.size for path in survey.at_risk if path.size is not None]
    least = "at least " if len(known) < len(survey.at_risk) else ""
    size = f", {least}{readable(sum(known))}" if survey.at_risk else ""
    containers = f"{count} container{'' if count == 1 else 's'}"
    return harmless(f"{engine}, {containers}: {_counted(len(survey.at_risk))}{size}")


def _counted(count: int) -> str:
    if not count:
        return "nothing at risk"
    return f"{count} path{'' if count == 1 else 's'} at risk"
