"""The doctor names what files, modes and the environment leave open, and what closes it."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.doctor import Finding, examine
from tests.unit.doctor import NOBODY, as_root, found, healthy
from tests.unit.fake import FakeDocker


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user whose umask lets nobody in; its path has nothing to be looked at."""
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    return home


@pytest.fixture
def well(home: Path, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A docker on a machine where nothing is risky."""
    healthy(fake_docker)
    monkeypatch.setenv("PATH", f"{fake_docker.folder}:/usr/bin:/bin")
    return fake_docker


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that every user may pass through, as a home often is."""
    folder = Path(tempfile.mkdtemp(prefix="tests-doctor-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def one(id: str, client: Docker | None = None) -> Finding:
    """The finding of that kind, of which there is one."""
    (finding,) = [finding for finding in found(client) if finding.id == id]
    return finding


def mended(id: str) -> None:
    """Do what the finding of that kind says, and see that it is gone."""
    subprocess.run(["sh", "-c", one(id).remedy], check=True)
    assert id not in {finding.id for finding in found()}


def listening(path: Path, mode: int) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(mode)
    return listener


def test_nothing_is_risky_where_nothing_is(well: FakeDocker) -> None:
    assert found() == []


def test_no_docker_at_all_is_a_finding(home: Path) -> None:
    finding = one("docker-missing", Docker("docker-of-nobody"))
    assert (finding.severity, finding.subject) == ("unknown", "docker-of-nobody")


@pytest.mark.parametrize("what", ["program", "folder", "folder above", "behind a link"])
def test_a_docker_that_everybody_may_change(well: FakeDocker, what: str) -> None:
    opened = {
        "program": well.path,
        "folder": well.folder,
        "folder above": well.folder.parent,
        "behind a link": well.folder.parent / "real",
    }[what]
    if what == "behind a link":
        opened.mkdir()
        well.path.rename(opened / "docker")
        well.path.symlink_to(opened / "docker")
    before = opened.stat().st_mode & 0o7777
    opened.chmod(before | 0o002)
    finding = one("program-writable")
    assert (finding.severity, finding.subject) == ("risk", str(well.path))
    assert finding.remedy == f"chmod o-w {opened}"
    assert finding.what.startswith("everybody may change")
    assert any(other.id == "engine-not-asked" for other in found())
    assert well.calls == [], "a docker that others may have changed was run"
    mended("program-writable")
    assert opened.stat().st_mode & 0o7777 == before


def test_a_sticky_folder_lets_nobody_replace_anything(well: FakeDocker) -> None:
    well.folder.parent.chmod(0o1777)
    assert found() == []


@as_root
def test_a_docker_of_another_user(well: FakeDocker) -> None:
    os.chown(well.path, NOBODY, 0)
    assert "its owner nobody" in one("program-writable").what
    mended("program-writable")


@as_root
def test_a_group_with_others_is_a_risk_and_an_empty_one_a_note(
    well: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    well.path.chmod(0o775)
    assert found() == []  # root's own group
    os.chown(well.path, 0, 54321)
    assert one("program-writable").severity == "note"
    os.chown(well.path, 0, pwd.getpwnam("nobody").pw_gid)
    finding = one("program-writable")
    assert (finding.severity, "nobody" in finding.what) == ("risk", True)
    mended("program-writable")


@as_root
def test_an_access_list_that_lets_another_user_in(well: FakeDocker) -> None:
    entries = [(1, 7, -1), (2, 7, NOBODY), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
    packed = b"".join(struct.pack("<HHi", *entry) for entry in entries)
    os.setxattr(well.path, "system.posix_acl_access", b"\2\0\0\0" + packed)
    finding = one("program-writable")
    assert "the user nobody" in finding.what
    assert finding.remedy == f"setfacl --remove=user:{NOBODY} {well.path}"
    well.path.chmod(0o755)  # the mask
    assert found() == []


def test_a_docker_that_lends_its_owners_rights(well: FakeDocker) -> None:
    well.path.chmod(0o4755)
    assert one("program-setuid").severity == "risk"
    mended("program-setuid")


@pytest.mark.parametrize("sticky", [0, 0o1000], ids=["plain", "sticky"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_entry_of_path_that_everybody_may_fill(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, sticky: int
) -> None:
    entry = tmp_path / "entry"
    entry.mkdir()
    entry.chmod(0o777 | sticky)
    entries = [str(entry), *os.environ["PATH"].split(":")]
    monkeypatch.setenv(
        "PATH", ":".join(entries if place == "before" else [*entries[1:], entries[0]])
    )
    finding = one("path-entry-writable")
    assert (finding.severity, finding.subject) == ("risk", str(entry))
    assert ("before the real one" in finding.why) == (place == "before")
    if sticky:  # others have things there
        assert finding.remedy == f"export PATH={well.folder}:/usr/bin:/bin"
    else:
        mended("path-entry-writable")


def test_an_entry_of_path_that_everybody_may_make(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}/open/not/there:{os.environ['PATH']}")
    (tmp_path / "open").mkdir()
    assert found() == []
    (tmp_path / "open").chmod(0o1777)
    finding = one("path-entry-writable")
    assert (finding.severity, finding.subject) == ("risk", f"{tmp_path}/open/not/there")
    assert finding.remedy == f"export PATH={well.folder}:/usr/bin:/bin"


@pytest.mark.parametrize("entry", ["", ".", "bin"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_entry_of_path_that_means_the_working_directory(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path / "home")
    entries = [entry, str(well.folder)]
    monkeypatch.setenv("PATH", ":".join(entries if place == "before" else reversed(entries)))
    finding = one("path-entry-relative")
    assert finding.severity == ("risk" if place == "before" else "note")
    assert finding.remedy == f"export PATH={well.folder}"
    assert [other.id for other in found()] == ["path-entry-relative"]

    planted = Path(entry, "docker")
    planted.parent.mkdir(exist_ok=True)
    planted.write_text("#!/bin/sh\ntouch ran\n")
    planted.chmod(0o755)
    assert one("docker-in-working-directory").subject == str(planted.resolve())
    assert not Path("ran").exists()


@pytest.mark.parametrize("what", ["folder", "plugin"])
def test_a_plugin_that_everybody_may_change(well: FakeDocker, home: Path, what: str) -> None:
    plugins = home / ".docker" / "cli-plugins"
    plugins.mkdir()
    (plugins / "docker-x").touch(mode=0o755)
    (plugins if what == "folder" else plugins / "docker-x").chmod(0o777)
    assert one("plugin-writable").severity == "risk"
    assert well.calls == [], "docker was run, which starts its plugins"
    mended("plugin-writable")


def test_plugins_of_other_folders(well: FakeDocker, home: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more").chmod(0o777)
    settings = home / ".docker" / "config.json"
    settings.write_text(json.dumps({"cliPluginsExtraDirs": [str(tmp_path / "more")]}))
    assert one("plugin-writable").subject == str(tmp_path / "more")


def test_a_credential_helper(well: FakeDocker, home: Path, tmp_path: Path) -> None:
    (home / ".docker" / "config.json").write_text('{"credHelpers": {"r.example": "mine"}}')
    finding = one("credential-helper-missing")
    assert (finding.severity, finding.subject) == ("note", "docker-credential-mine")
    helper = well.add("docker-credential-mine")
    assert found() == []
    helper.chmod(0o757)
    assert one("credential-helper-writable").severity == "risk"
    mended("credential-helper-writable")


@pytest.mark.parametrize("what", [".docker", ".docker/config.json"])
def test_settings_that_everybody_may_change(well: FakeDocker, home: Path, what: str) -> None:
    (home / ".docker" / "config.json").write_text("{}")
    (home / what).chmod(0o777)
    assert one("settings-writable").severity == "risk"
    mended("settings-writable")


AUTHS = {"auths": {"r.example": {"auth": "bWU6c2VjcmV0"}, "empty.example": {}}}


def test_passwords_that_everybody_may_read(
    well: FakeDocker, passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(passable))
    settings = passable / "config.json"
    settings.write_text(json.dumps(AUTHS))
    settings.chmod(0o644)
    finding = one("credentials-readable")
    assert (finding.severity, finding.subject) == ("risk", str(settings))
    assert "r.example" in finding.why
    assert "empty.example" not in finding.why
    passable.chmod(0o700)
    assert one("credentials-readable").severity == "note"
    mended("credentials-readable")
    assert one("credentials-plain").severity == "note"
    assert "c2VjcmV0" not in str(found())

    settings.write_text(json.dumps({**AUTHS, "credsStore": "x"}))
    assert "credentials-plain" not in {finding.id for finding in found()}
    settings.write_text('{"auths": {"r.example": {}}}')
    settings.chmod(0o644)
    assert found() == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("{"),
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.write_text("[" * 100_000),
    ],
    ids=["half", "folder", "pipe", "deep"],
)
def test_settings_that_cannot_be_read(
    well: FakeDocker, home: Path, spoil: Callable[[Path], Any]
) -> None:
    spoil(home / ".docker" / "config.json")
    assert one("settings-unreadable").severity == "unknown"


def test_keys_that_everybody_may_read(
    well: FakeDocker, passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(passable))
    key = passable / "contexts/tls/abc/docker/key.pem"
    key.parent.mkdir(parents=True)
    key.write_text("key")
    key.chmod(0o644)
    assert one("key-readable").severity == "risk"
    mended("key-readable")

    certificates = passable / "certificates"
    certificates.mkdir()
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    (certificates / "key.pem").touch(mode=0o644)
    assert one("key-readable").subject == str(certificates / "key.pem")


NETWORK = [
    ({"DOCKER_HOST": "tcp://server:2375"}, "tcp-without-tls", "export DOCKER_HOST=ssh://server"),
    ({"DOCKER_HOST": "http://server"}, "tcp-without-tls", "export DOCKER_HOST=ssh://server"),
    ({"DOCKER_HOST": "tcp://127.0.0.1:2375"}, "tcp-without-tls", "unset DOCKER_HOST"),
    (
        {"DOCKER_HOST": "tcp://server:2376", "DOCKER_TLS": "1"},
        "tls-not-verified",
        "export DOCKER_TLS_VERIFY=1",
    ),
    ({"DOCKER_HOST": "tcp://server:2376", "DOCKER_TLS_VERIFY": "1"}, None, None),
    ({"DOCKER_HOST": "ssh://me@server"}, None, None),
]


@pytest.mark.parametrize(("environment", "id", "remedy"), NETWORK)
def test_an_engine_of_the_network(
    well: FakeDocker,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    id: str | None,
    remedy: str | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    expected = [(id, "risk", environment["DOCKER_HOST"], remedy)] if id else []
    assert [(o.id, o.severity, o.subject, o.remedy) for o in found()] == expected


def test_a_password_in_an_address_is_not_shown(well: FakeDocker) -> None:
    findings = found(Docker(host="tcp://me:c4nary@server:2375"))
    assert "tcp-without-tls" in {finding.id for finding in findings}
    assert "c4nary" not in str(findings)


CONTEXTS: list[tuple[dict[str, Any], bool, str | None]] = [
    ({"Host": "tcp://server:2375"}, False, "tcp-without-tls"),
    ({"Host": "tcp://server:2376"}, True, None),
    ({"Host": "tcp://server:2376", "SkipTLSVerify": True}, True, "tls-not-verified"),
    ({"Host": "tcp://server:2376", "SkipTLSVerify": True}, False, "tls-not-verified"),
    ({"Host": "ssh://server"}, False, None),
]


@pytest.mark.parametrize("chosen", [False, True], ids=["not used", "used"])
@pytest.mark.parametrize(("docker", "keys", "id"), CONTEXTS)
def test_a_context(
    well: FakeDocker, home: Path, docker: dict[str, Any], keys: bool, id: str | None, chosen: bool
) -> None:
    contexts = home / ".docker" / "contexts"
    (contexts / "meta/abc").mkdir(parents=True)
    about = {"Name": "far away", "Endpoints": {"docker": docker}}
    (contexts / "meta/abc/meta.json").write_text(json.dumps(about))
    if chosen:
        (home / ".docker/config.json").write_text('{"currentContext": "far away"}')
    if keys:
        (contexts / "tls/abc/docker").mkdir(parents=True)
        (contexts / "tls/abc/docker/ca.pem").touch()
    findings = [finding for finding in found() if finding.subject.startswith("tcp:")]
    assert [finding.id for finding in findings] == ([id] if id else [])
    for finding in findings:
        assert "the context far away" in finding.what
        assert "'far away'" in finding.remedy


def test_a_socket_that_is_open_to_all(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with listening(path, 0o666):
        finding = one("socket-open")
        assert (finding.severity, finding.subject) == ("risk", str(path))
        mended("socket-open")


def test_a_socket_that_everybody_may_replace(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/sock")
    with listening(folder / "sock", 0o600):
        assert one("socket-replaceable").severity == "risk"
        mended("socket-replaceable")


@as_root
def test_who_is_in_a_sockets_group(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with listening(path, 0o660):
        assert found() == []
        os.chown(path, 0, pwd.getpwnam("nobody").pw_gid)
        finding = one("socket-group")
        assert (finding.severity, finding.why) == (
            "note",
            "who is in the group is root on this machine",
        )
        assert "nobody" in finding.what
        assert "usermod --gid GROUP nobody" in finding.remedy


def test_a_temporary_folder_that_is_not_sticky(
    well: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(folder))
    assert one("temporary-folder-open").remedy == f"chmod +t {folder}"
    mended("temporary-folder-open")
    assert list(folder.iterdir()) == []


def test_a_state_folder_that_everybody_may_change(well: FakeDocker, home: Path) -> None:
    state = home / "state" / "dockcli"
    state.mkdir(parents=True)
    assert found() == []
    state.chmod(0o777)
    assert one("state-folder-writable").severity == "risk"
    mended("state-folder-writable")


def test_findings_are_values_with_the_worst_first(well: FakeDocker, home: Path) -> None:
    well.path.chmod(0o757)
    (home / ".docker" / "config.json").write_text('{"credsStore": "none"}')
    severities = [finding.severity for finding in found()]
    assert severities == ["risk", "unknown", "note"]
    finding = found()[0]
    assert finding.as_json()["id"] == "program-writable"
    with pytest.raises(AttributeError):
        finding.id = "other"  # type: ignore[misc]
    assert examine(Docker()) == examine()
