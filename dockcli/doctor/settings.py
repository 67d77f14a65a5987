"""docker's settings: who may change them, and who may read the secrets in them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from dockcli.doctor.access import changeable, command, readable, shut_off
from dockcli.doctor.finding import Finding, Severity
from dockcli.doctor.programs import by
from dockcli.doctor.setup import Setup, Unreadable
from dockcli.models.fields import Fields

_SECRETS = ("auth", "password", "identitytoken", "registrytoken")


def settings(setup: Setup) -> Iterator[Finding]:
    """What is to be said of the folder of docker's settings, and of what is in it."""
    for path in (setup.folder, setup.file):
        if os.path.lexists(path):
            doors = changeable(path)
            if path == setup.file:
                known = {door.path for door in changeable(setup.folder)}
                doors = [door for door in doors if door.path not in known]
            why = "they decide which engine docker talks to, and which plugins it starts"
            yield from by(doors, "settings-writable", path, why)
    yield from _credentials(setup)
    for key in setup.key_files():
        why = "who has the key for TLS may talk to the engine as this user, and so is root there"
        yield from _readable("key-readable", key, why)


def _credentials(setup: Setup) -> Iterator[Finding]:
    try:
        said = setup.settings
    except Unreadable as error:
        why = "credentials and contexts in it were not looked at; docker may ignore it too"
        remedy = f"look at it: less {shlex.quote(setup.file)}"
        yield Finding("settings-unreadable", "unknown", setup.file, str(error), why, remedy)
        return
    plain = _plain(said)
    if not plain:
        return
    names = ", ".join(plain)
    yield from _readable("credentials-readable", setup.file, f"the passwords for {names} are in it")
    if not said.text("credsStore"):
        logout = " && ".join(f"docker logout {shlex.quote(name)}" for name in plain)
        yield Finding(
            "credentials-plain",
            "note",
            setup.file,
            f"the passwords for {names} are in it as plain text (base64)",
            "whoever gets the file, or a backup of it, has them",
            f'{logout}; set "credsStore" to a helper (pass, secretservice), and log in again',
        )


def _plain(said: Fields) -> list[str]:
    """The registries whose credentials are in the settings themselves."""
    registries = said.inner("auths").raw
    return [name for name, one in registries.items() if any(map(Fields(one).text, _SECRETS))]


def _readable(id: str, path: str, why: str) -> Iterator[Finding]:
    folder = shut_off(path)
    for door in readable(path):
        severity: Severity = "note" if folder or door.empty else "risk"
        but = f"; only the mode of {folder} keeps them out" if folder else ""
        what = f"{door.who} may read it{but}"
        yield Finding(id, severity, path, what, why, command("chmod 600", path))
