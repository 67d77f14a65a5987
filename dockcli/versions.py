"""Whether the docker that is installed here, and the engine behind it, have what a call asks for.

Asked only for what some release lacks, then once for each client; so a call is refused before it
runs, and told which version has it.
"""

from __future__ import annotations

import re
import threading
from functools import partial

from dockcli import spec
from dockcli.errors import DeadlineExceeded, PluginMissing, TooOld
from dockcli.runner import Job
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from dockcli.call import Needs
    from dockcli.runner import Runner

Release: TypeAlias = "tuple[int, ...]"
Asked: TypeAlias = (
    "tuple[str, tuple[str, ...], str]"  # what, the releases that have it, the API it needs
)
Ask: TypeAlias = "Callable[[str, tuple[str, ...]], str | None]"

_PATIENCE = 30.0  # seconds

# Every engine that a docker of today can talk to has this API: docker 1.13, of 2017.
_OLDEST_API = (1, 25)

# The first docker engine with each version of the API.
_ENGINES = {
    "1.26": "17.03", "1.27": "17.04", "1.28": "17.05", "1.29": "17.06", "1.30": "17.06",
    "1.31": "17.07", "1.32": "17.09", "1.33": "17.10", "1.34": "17.11", "1.35": "17.12",
    "1.36": "18.02", "1.37": "18.03", "1.38": "18.06", "1.39": "18.09", "1.40": "19.03",
    "1.41": "20.10", "1.42": "23.0", "1.43": "24.0", "1.44": "25.0", "1.45": "26.0",
    "1.46": "27.0", "1.47": "27.3", "1.48": "28.0", "1.49": "28.1", "1.50": "28.2",
    "1.51": "28.3", "1.52": "29.0",
}  # fmt: skip

_PLUGINS = {
    "buildx": "docker-buildx-plugin",
    "compose": "docker-compose-plugin",
}


class Installed:
    """What is installed where a client's calls run: each thing asked once, and then kept."""

    def __init__(self, head: tuple[str, ...]) -> None:
        self._head = head
        self._known: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def check(self, needs: Needs, runner: Runner, deadline: float | None = None) -> None:
        """Raise TooOld or PluginMissing for what is not there.

        Within *deadline* seconds at the most: then the call is left to tell what is wrong.
        """
        ask = partial(self._ask, runner, min(deadline or _PATIENCE, _PATIENCE))
        plugin, _, _ = needs.command.partition(" ")
        if plugin in _PLUGINS:
            _check_plugin(plugin, ask)
            return
        command = spec.releases(needs.command)
        asked = [(f"docker {needs.command}", command, spec.api(needs.command))]
        asked += [(f"--{flag.name}", flag.versions, flag.api) for flag in needs.flags]
        if any(not _everywhere(releases) for _, releases, _ in asked):
            _check_cli(asked, ask)
        if any(spec.release(api) > _OLDEST_API for _, _, api in asked):
            _check_engine(asked, ask)

    def _ask(
        self, runner: Runner, deadline: float, what: str, words: tuple[str, ...]
    ) -> str | None:
        """What docker says to *words*; None where it fails."""
        with self._lock:
            if self._known.get(what) is None:  # what failed may go well the next time
                self._known[what] = _said(runner, Job((*self._head, *words), deadline=deadline))
            return self._known[what]


def _check_cli(asked: Iterable[Asked], ask: Ask) -> None:
    program, version = _cli(ask) or ("", "")
    if program != "docker":
        return
    here = spec.release(version)
    for what, releases, _ in asked:
        if (reason := _lacks(here, releases)) is not None:
            raise TooOld(f"{what} is not in docker {version}, which is installed here: {reason}")


def _check_engine(asked: Iterable[Asked], ask: Ask) -> None:
    said = ask("api", ("version", "--format={{.Client.APIVersion}}"))
    match = re.match(r"(1\.\d+)\s*$", said or "")
    if match is None:  # no engine, which the call itself will tell; or podman
        return
    for what, _, api in asked:
        if spec.release(api) > spec.release(match[1]):
            engine = f" (docker {_ENGINES[api]})" if api in _ENGINES else ""
            raise TooOld(
                f"{what} needs an engine with API {api}{engine}; with this one docker speaks "
                f"{match[1]}"
            )


def _check_plugin(plugin: str, ask: Ask) -> None:
    if ask(plugin, (plugin, "version")) is not None:
        return
    if (_cli(ask) or ("", ""))[0] == "podman":  # it says itself what it has
        return
    page = "build/install-buildx" if plugin == "buildx" else "compose/install"
    raise PluginMissing(
        f"`docker {plugin}` is not installed here: apt-get install {_PLUGINS[plugin]} "
        f"(from docker's own package source), or see https://docs.docker.com/{page}/"
    )


def _cli(ask: Ask) -> tuple[str, str] | None:
    """Which program it is, and its version: ``("docker", "28.2.2")``."""
    said = ask("cli", ("--version",))
    match = re.search(r"(?i)^(docker|podman)\b.* version v?(\d+(?:\.\d+)+)", said or "")
    return (match[1].lower(), match[2]) if match else None


def _said(runner: Runner, job: Job) -> str | None:
    try:
        done = runner.run(job)
    except DeadlineExceeded:
        return None
    return done.text if done.returncode == 0 else None


def _everywhere(releases: tuple[str, ...]) -> bool:
    return set(spec.versions()) <= set(releases)


def _lacks(here: Release, releases: tuple[str, ...]) -> str | None:
    """Why the release *here* is known to lack what *releases* have; None where it may have it.

    Between two releases that are known nothing is refused: docker itself knows better.
    """
    docker = [version for version in spec.versions() if version in releases]
    if not docker:
        return f"{' and '.join(releases)} has it"
    older = [one for one in spec.versions() if spec.release(one) < spec.release(docker[0])]
    newer = [one for one in spec.versions() if spec.release(one) > spec.release(docker[-1])]
    if older and here <= spec.release(older[-1]):
        return f"docker {docker[0]} has it"
    if newer and here >= spec.release(newer[0]):
        return f"docker {docker[-1]} had it, newer ones have not"
    return None
