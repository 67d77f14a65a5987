"""What docker and its engine say of themselves. Each question has a deadline."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from dockcli.completed import mask_url
from dockcli.doctor.finding import Finding
from dockcli.doctor.setup import Setup
from dockcli.errors import DeadlineExceeded, DockcliError, PermissionDenied
from dockcli.models.fields import Fields
from dockcli.models.system import Info
from dockcli.runner import Job, LocalRunner

_SECONDS = 10  # for each question
_SECONDS_FOR_ITS_NAME = 5
_MOST_DOCKERS = 8
_FAR_APART = 4  # minor versions of the API: a release has one or two
_LOOPBACK = ("127.", "::1")


def engine(setup: Setup) -> Iterator[Finding]:
    """What is to be said of docker's version, of other dockers on PATH, and of the engine."""
    said = _said(setup, setup.program)
    yield from _others(setup, said)
    if said.startswith("podman"):
        what = f"this docker is {said}"
        why = "it has no engine: podman was not asked, as already asking makes it write files"
        remedy = "nothing, where podman is meant"
        yield Finding("docker-is-podman", "note", setup.program, what, why, remedy)
        return
    try:
        version = setup.client.version(deadline=_SECONDS)
        info = setup.client.info(deadline=_SECONDS)
    except DockcliError as error:
        what = " ".join(str(error).split())
        why = "the engine's own settings were not looked at"
        where = mask_url(setup.current().host)
        denied = isinstance(error, PermissionDenied)
        remedy = "sudo dockcli doctor" if denied else "start it: dockcli engine start"
        if isinstance(error, DeadlineExceeded):
            remedy = "find out what docker waits for: docker --debug info"
        yield Finding("engine-unreachable", "unknown", where, what, why, remedy)
        return
    name = (
        f"engine {info.server_version} at {mask_url(setup.client.private or setup.current().host)}"
    )
    yield from _apart(name, Fields(version.raw), version.client, version.server)
    yield from _open(name, info)
    yield from _confined(name, info)
    yield from _insecure(name, Fields(info.raw).inner("RegistryConfig"))


def not_asked(setup: Setup) -> Finding:
    """That docker was not run, since others may have changed what would run."""
    what = "docker was not run, and the engine not asked"
    why = "others may have changed docker, or a plugin that it starts"
    remedy = "mend that, then: dockcli doctor"
    return Finding("engine-not-asked", "unknown", setup.program, what, why, remedy)


def _said(setup: Setup, program: str) -> str:
    """What a docker calls itself: ``Docker version 28.2.2``; "" where it does not say."""
    job = Job((program, "--version"), deadline=_SECONDS_FOR_ITS_NAME)
    try:
        done = LocalRunner(program, env=setup.client.env).run(job)
    except DockcliError:
        return ""
    return done.stdout.decode(errors="replace").partition(",")[0].strip()


def _others(setup: Setup, said: str) -> Iterator[Finding]:
    """Other dockers further on in PATH, of another version."""
    if "/" in setup.binary:
        return
    known = {os.path.realpath(setup.program)}
    for entry in setup.env.get("PATH", "").split(os.pathsep):
        path = os.path.join(entry, setup.binary)
        real = os.path.realpath(path)
        if not os.path.isabs(entry) or real in known or not os.access(path, os.X_OK):
            continue
        if len(known) > _MOST_DOCKERS:
            return
        known.add(real)
        from dockcli.doctor.access import changeable

        other = "" if any(not door.empty for door in changeable(path)) else _said(setup, path)
        if other and other != said:
            what = f"it is {other}; the {setup.binary} that is found first is {said}"
            why = "which of them runs depends on PATH, and they take and print different things"
            yield Finding("several-dockers", "note", path, what, why, "remove the one not meant")


def _apart(name: str, raw: Fields, client: str, server: str) -> Iterator[Finding]:
    ours = _minor(raw.inner("Client").text("DefaultAPIVersion", "ApiVersion"))
    theirs = _minor(raw.inner("Server").text("ApiVersion"))
    if ours is None or theirs is None or abs(ours - theirs) < _FAR_APART:
        return
    older, remedy = (
        ("engine", "update the engine") if ours > theirs else ("client", "update docker")
    )
    what = f"client {client} (API 1.{ours}) and engine {server} (API 1.{theirs}) are far apart"
    why = f"mended holes of the older one, the {older}, stay open, and flags are refused"
    yield Finding("version-skew", "note", name, what, why, remedy)


def _minor(api: str) -> int | None:
    match = re.fullmatch(r"1\.(\d+)", api)
    return int(match[1]) if match else None


def _open(name: str, info: Info) -> Iterator[Finding]:
    """What the engine itself warns of: that it listens on the network for everybody."""
    for warning in Fields(info.raw).texts("Warnings"):
        if match := re.search(r"API is accessible on (\S+) without (encryption|TLS)", warning):
            what = f"the engine listens on {match[1]} without TLS"
            why = "everybody who reaches the port is root on the engine's machine"
            remedy = (
                'take the address out of "hosts" in daemon.json and off dockerd\'s command line'
            )
            yield Finding("engine-on-network", "risk", name, what, why, remedy)


def _confined(name: str, info: Info) -> Iterator[Finding]:
    """What keeps a container's processes from the kernel and from root."""
    options = _options(info)
    profile = options.get("seccomp", {}).get("profile", "default")
    if "seccomp" not in options or profile == "unconfined":
        what = "containers run without a seccomp filter"
        why = "every system call of the kernel is open to them, and with it its holes"
        remedy = 'take "seccomp-profile" out of the engine\'s daemon.json, and restart it'
        yield Finding("seccomp-off", "risk", name, what, why, remedy)
    if not options.keys() & {"apparmor", "selinux"}:
        what = "neither AppArmor nor SELinux confines containers"
        why = "one wall less between a container that is broken out of and the machine"
        remedy = (
            "apt-get install apparmor, or its like, where the kernel has it; restart the engine"
        )
        yield Finding("no-access-control", "note", name, what, why, remedy)
    if not options.keys() & {"rootless", "userns"}:
        what = "the engine runs as root, and a container's root is the machine's"
        why = "who may talk to the engine is root; so is who breaks out of a container"
        remedy = "dockerd-rootless-setuptool.sh install, where a rootless engine will do"
        yield Finding("engine-as-root", "note", name, what, why, remedy)


def _options(info: Info) -> dict[str, Mapping[str, str]]:
    """The security options by name: ``name=seccomp,profile=default``."""
    parsed: dict[str, Mapping[str, str]] = {}
    for option in info.security_options:
        words = (part.partition("=") for part in option.split(","))
        parts = {name: value for name, _, value in words}
        parsed[parts.pop("name", option)] = parts
    return parsed


def _insecure(name: str, registries: Fields) -> Iterator[Finding]:
    ranges = [one for one in registries.texts("InsecureRegistryCIDRs") if not _is_loopback(one)]
    indexes = registries.inner("IndexConfigs").raw.items()
    hosts = [host for host, one in indexes if Fields(one).raw.get("Secure") is False]
    for one in (*ranges, *hosts):
        what = f"{name} takes images from {one} by plain HTTP, or with any certificate"
        why = "whoever sits between can put in an image of theirs, and read the password"
        remedy = f'take {one} out of "insecure-registries" in the engine\'s daemon.json; reload it'
        yield Finding("insecure-registry", "risk", one, what, why, remedy)


def _is_loopback(cidr: str) -> bool:
    return cidr.startswith(_LOOPBACK)
