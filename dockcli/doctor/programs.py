"""The programs: docker itself, where it is looked for, and what it starts."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import replace

from dockcli.doctor.access import Door, changeable, command, fillable
from dockcli.doctor.finding import Finding, Severity
from dockcli.doctor.setup import Setup
from dockcli.errors import BinaryNotFound, DockcliError, InvalidArgument
from dockcli.runner import find_program

_PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
_AS_THIS_USER = "what they put there runs with the rights of whoever types docker"


def programs(setup: Setup) -> Iterator[Finding]:
    """What is to be said of docker's program, of PATH, and of what docker starts."""
    try:
        program = setup.program
    except (BinaryNotFound, InvalidArgument) as error:
        program = ""
        why = "without a docker nothing can be asked of an engine"
        remedy = "install it: https://docs.docker.com/engine/install/"
        yield Finding("docker-missing", "unknown", setup.binary, str(error), why, remedy)
    else:
        yield from _changeable("program-writable", program, _AS_THIS_USER)
        yield from _setuid(program)
    yield from _search_path(setup, program)
    yield from _plugins(setup)
    yield from _credential_helpers(setup)


def by(doors: list[Door], id: str, subject: str, why: str) -> Iterator[Finding]:
    """A finding for each door that is open to others."""
    for door in doors:
        severity: Severity = "note" if door.empty else "risk"
        where = "it" if door.path == subject else door.path
        what = f"{door.who} may change {where}"
        yield Finding(id, severity, subject, what, why, door.remedy)


def _changeable(id: str, path: str, why: str) -> Iterator[Finding]:
    yield from by(changeable(path), id, path, why)


def _setuid(program: str) -> Iterator[Finding]:
    if os.stat(program).st_mode & (stat.S_ISUID | stat.S_ISGID):
        what = "it runs with its owner's or group's rights, whoever starts it (setuid)"
        why = "everybody who may start it may talk to the engine, and so is root"
        yield Finding("program-setuid", "risk", program, what, why, command("chmod ug-s", program))


def _search_path(setup: Setup, program: str) -> Iterator[Finding]:
    """Entries of PATH that lead to what others, or any folder's owner, have put there."""
    path = setup.env.get("PATH", os.defpath)
    entries = path.split(os.pathsep)
    at = _place(program, setup.binary, entries)
    known = {door.path for door in changeable(program)} if program else set()
    without = _assigned([one for one in entries if os.path.isabs(one)])
    for place, entry in enumerate(entries):
        before = place < at
        if not os.path.isabs(entry):
            yield from _relative(entry, setup, before=before, remedy=without)
            continue
        if entry in entries[:place]:
            continue
        why = (
            "a docker that they put there is found before the real one"
            if before
            else "docker finds ssh and its credential helpers by PATH, and others their programs"
        )
        doors = [door for door in fillable(_there(entry)) if door.path not in known]
        if not _is_programs_own(entry):  # /tmp is to stay as it is
            leave = _assigned([one for one in entries if os.path.isabs(one) and one != entry])
            doors = [replace(door, remedy=leave) for door in doors]
        yield from by(doors, "path-entry-writable", entry, why)


def _is_programs_own(folder: str) -> bool:
    """Whether it is a folder that may be closed: it is there, and not for everybody to fill."""
    return os.path.isdir(folder) and not os.stat(folder).st_mode & stat.S_ISVTX


def _there(folder: str) -> str:
    """*folder*, or the one above it that is there: who may fill that may make this."""
    while not os.path.isdir(folder) and folder != "/":
        folder = os.path.dirname(folder)
    return folder


def _place(program: str, name: str, entries: list[str]) -> int:
    """Which entry of PATH led to *program*: all of them are before one that was not found by it."""
    for place, entry in enumerate(entries):
        if os.path.isabs(entry) and os.path.join(entry, name) == program != name:
            return place
    return len(entries)


def _relative(entry: str, setup: Setup, *, before: bool, remedy: str) -> Iterator[Finding]:
    what = f"PATH has the entry {entry!r}, which means a folder of the working directory"
    why = "in a folder of others their programs run; dockcli passes over the entry, shells do not"
    subject = entry or "."
    yield Finding("path-entry-relative", "risk" if before else "note", subject, what, why, remedy)
    there = os.path.abspath(os.path.join(entry, setup.binary))
    if "/" not in setup.binary and os.path.isfile(there) and os.access(there, os.X_OK):
        what = f"PATH leads to this {setup.binary} of the working directory"
        yield Finding("docker-in-working-directory", "risk", there, what, why, remedy)


def _assigned(entries: list[str]) -> str:
    return f"export PATH={shlex.quote(os.pathsep.join(entries))}"


def _plugins(setup: Setup) -> Iterator[Finding]:
    """Where docker looks for its plugins, and the plugins: `docker info` starts them all."""
    extra = setup.said.texts("cliPluginsExtraDirs")
    for folder in (os.path.join(setup.folder, "cli-plugins"), *extra, *_PLUGIN_FOLDERS):
        if not os.path.isabs(folder) or not os.path.isdir(folder):
            continue
        yield from by(fillable(folder), "plugin-writable", folder, _AS_THIS_USER)
        opened = {door.path for door in fillable(folder)}
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.startswith("docker-"):
                doors = [door for door in changeable(path) if door.path not in opened]
                yield from by(doors, "plugin-writable", path, _AS_THIS_USER)


def _credential_helpers(setup: Setup) -> Iterator[Finding]:
    said = setup.said
    named = {said.text("credsStore"), *map(str, said.inner("credHelpers").raw.values())}
    for name in sorted(named - {""}):
        program = f"docker-credential-{name}"
        try:
            path = find_program(program, setup.env.get("PATH"))
        except DockcliError:
            what = f"{setup.file} names this credential helper, which is not on PATH"
            why = "docker login fails, or passwords are kept elsewhere than was meant"
            yield Finding("credential-helper-missing", "note", program, what, why, "install it")
        else:
            yield from _changeable("credential-helper-writable", path, "it is given the passwords")
