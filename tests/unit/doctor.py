"""What the tests of the doctor share: a docker on a healthy machine, and what is found there."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from dockcli import Docker
from dockcli.doctor import Finding, examine
from tests.unit.fake import FakeDocker

NOBODY = 65534
NAME = "Docker version 28.2.2, build e6534b4\n"
VERSION = {
    "Client": {"Version": "28.2.2", "ApiVersion": "1.50", "DefaultAPIVersion": "1.50"},
    "Server": {"Version": "28.2.2", "ApiVersion": "1.50"},
}
INFO: dict[str, Any] = {
    "ID": "x",
    "ServerVersion": "28.2.2",
    "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=rootless"],
    "RegistryConfig": {
        "InsecureRegistryCIDRs": ["::1/128", "127.0.0.0/8"],
        "IndexConfigs": {"docker.io": {"Name": "docker.io", "Secure": True}},
    },
    "Warnings": None,
}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def healthy(fake: FakeDocker, *, name: str = NAME, version: Any = VERSION, **info: Any) -> None:
    """Let *fake* be a docker with an engine of which nothing is to be said, but for *info*."""
    said = json.dumps({**INFO, **info}).encode() + b"\n"
    fake.will(("write", 1, name.encode()))
    fake.will(("write", 1, json.dumps(version).encode() + b"\n"), when="version")
    fake.will(("write", 1, said), when="info")
    fake.will(("write", 1, said), when="system info")


def found(client: Docker | None = None) -> list[Finding]:
    """What the doctor finds, but for what the machine that runs the tests has itself: the usual
    engine's socket, other dockers, and system folders of PATH that a group may write to."""
    given = Docker() if client is None else client
    system = ("/var/run/", "/run/", "/usr/", "/bin")
    return [one for one in examine(given) if not one.subject.startswith(system)]
