"""``dockcli volume`` and ``dockcli data`` as a shell has them: what is printed, and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockcli import Docker

Make = Callable[..., str]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def cli(docker: Docker) -> Docker:
    """The one that a shell finds."""
    return docker


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run ``dockcli`` with these words."""

    def run(*words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
        options = {"capture_output": True, "stdin": subprocess.DEVNULL, "check": False, **more}
        names = ("XDG_STATE_HOME", "GNUPGHOME")
        state = {name: os.environ[name] for name in names if name in os.environ}
        command = [sys.executable, "-m", "dockcli.cli", *words]
        return subprocess.run(command, env={**environment, **state}, **options)  # type: ignore[call-overload, no-any-return]

    return run


@pytest.fixture
def data(docker: Docker, volume: Make, folder: Callable[[str], bytes]) -> str:
    """A volume with a file of three bytes."""
    name = volume("data")
    Path(os.fsdecode(folder(name)), "notes").write_bytes(b"hi\n")
    return name


def test_there_and_back(run: Run, data: str, volume: Make, tmp_path: Path) -> None:
    archive, other = str(tmp_path / "data.tar.zst"), volume("other", create=False)
    made = run("volume", "backup", data, archive, "--json")
    assert (made.returncode, made.stderr) == (0, made.stderr)
    answer = json.loads(made.stdout)
    assert (answer["volume"], answer["archive"], answer["bytes"]) == (data, archive, 3)
    assert run("volume", "verify", archive).returncode == 0
    listed = run("volume", "ls", archive)
    assert listed.stdout.splitlines()[-1].endswith(b" notes")
    assert run("volume", "extract", archive, "notes").stdout == b"hi\n"
    restored = run("volume", "restore", archive, other, "--json")
    assert json.loads(restored.stdout)["volume"] == other
    again = run("volume", "restore", archive, other)
    assert (again.returncode, again.stdout) == (2, b"")
    assert b"--overwrite" in again.stderr
    assert run("volume", "restore", archive, other, "--overwrite").returncode == 0
    same = run("volume", "diff", data, other)
    assert (same.returncode, same.stdout) == (0, b"")


def test_through_a_pipe(run: Run, data: str, volume: Make) -> None:
    other = volume("other", create=False)
    made = run("volume", "backup", data, "-", "--compression", "gz")
    assert made.stdout[:2] == b"\x1f\x8b"
    assert b"notes" not in made.stderr
    assert run("volume", "restore", "-", other, input=made.stdout, stdin=None).returncode == 0
    assert run("volume", "diff", data, other).returncode == 0


def test_a_damaged_archive_is_exit_code_one(run: Run, data: str, tmp_path: Path) -> None:
    archive = tmp_path / "data.tar"
    run("volume", "backup", data, str(archive))
    archive.write_bytes(archive.read_bytes()[:-600])
    for words in (("verify",), ("ls",), ("extract",)):
        done = run("volume", *words, str(archive), *(["notes"] if words == ("extract",) else []))
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.startswith(b"dockcli: ")


def test_a_difference_is_exit_code_one(
    run: Run, data: str, volume: Make, folder: Callable[[str], bytes]
) -> None:
    other = volume("other", create=False)
    assert run("volume", "clone", data, other).returncode == 0
    Path(os.fsdecode(folder(other)), "more").write_text("x")
    found = run("volume", "diff", data, other)
    assert found.returncode == 1
    assert b"+ more" in found.stdout.splitlines()
    as_json = json.loads(run("volume", "diff", data, other, "--json").stdout)
    assert as_json["same"] is False
    assert run("volume", "diff", data, "no-such-volume").returncode == 2


@pytest.fixture
def own_gpg(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring of the test's own, with a short path: gpg's agent has a socket in it."""
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        monkeypatch.setenv("GNUPGHOME", home)
        yield
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)


@pytest.mark.usefixtures("own_gpg")
def test_a_pipe_is_encrypted_by_its_key(run: Run, data: str, volume: Make, tmp_path: Path) -> None:
    other, key = volume("other", create=False), tmp_path / "key"
    key.write_text("correct horse\n")
    given = ("--passphrase-file", str(key))
    made = run("volume", "backup", data, "-", *given)
    assert made.returncode == 0, made.stderr
    assert b"notes" not in made.stdout
    piped = {"input": made.stdout, "stdin": None}
    assert run("volume", "restore", "-", other, *given, **piped).returncode == 0
    assert run("volume", "diff", data, other).returncode == 0


def test_snapshots(run: Run, data: str, volume: Make, folder: Callable[[str], bytes]) -> None:
    notes = Path(os.fsdecode(folder(data)), "notes")
    assert run("volume", "snapshot", data, "one").returncode == 0
    volume("data.snapshot.one", create=False)
    notes.write_text("two")
    assert run("volume", "restore-snapshot", data, "one").returncode == 0
    assert notes.read_text() == "hi\n"
    listed = json.loads(run("volume", "snapshots", data, "--json").stdout)
    assert [(one["of"], one["name"]) for one in listed] == [(data, "one")]
    assert run("volume", "remove-snapshot", data, "one").returncode == 0
    assert run("volume", "restore-snapshot", data, "one").returncode == 2


def test_older_ones_go(run: Run, data: str, tmp_path: Path) -> None:
    pattern = str(tmp_path / "%Y-%m-%dT%H-%M-%S.tar")
    for _ in range(3):
        done = run("volume", "backup", data, pattern, "--keep-last", "2", "--quiet")
        assert done.returncode == 0
    assert len(list(tmp_path.glob("20*.tar"))) == 2
    assert (
        run("volume", "backup", data, str(tmp_path / "x.tar"), "--keep-last", "2").returncode == 2
    )


def test_what_would_be_lost(run: Run, docker: Docker, base: str, data: str, tmp_path: Path) -> None:
    risky, safe = f"{data}-risky", f"{data}-safe"
    docker.run(
        base, "sh", "-c", "mkdir -p /srv; echo x >/srv/x; exec sleep 99", name=risky, detach=True
    )
    docker.run(base, "sleep", "99", name=safe, detach=True, volume=[f"{data}:/data"])
    try:
        docker.container.wait_for(risky, file="/srv/x")
        page = tmp_path / "page.html"
        done = run("data", risky, "--fail-if-at-risk", "--html", str(page))
        assert done.returncode == 1
        assert "/srv" in done.stdout.decode()
        assert "/srv" in page.read_text()
        assert run("data", "--fail-if-at-risk", safe).returncode == 0
        told = json.loads(run("data", safe, "--json").stdout)
        assert told["at_risk"] is False
        (mounted,) = [p for p in told["containers"][0]["paths"] if p["path"] == "/data"]
        assert (mounted["source"], mounted["name"]) == ("volume", data)
        assert run("data").returncode == 0
        missing = run("data", "no-such-container")
        assert (missing.returncode, missing.stdout) == (1, b"")
    finally:
        docker.container.rm(risky, safe, force=True)


def test_a_rescue(run: Run, docker: Docker, base: str, volume: Make) -> None:
    name, kept = volume("web", create=False), volume("kept", create=False)
    write = "mkdir -p /srv/d; echo mine >/srv/d/f; trap exit TERM; sleep 99 & wait"
    docker.run(base, "sh", "-c", write, name=name, detach=True, label={"a": "b"})
    try:
        done = run("data", "rescue", name, "/srv/d", kept, "--quiet")
        assert done.returncode == 0, done.stderr
        there = docker.container.inspect(name)
        assert there.running
        assert dict(there.labels)["a"] == "b"
        assert [(m.name, m.destination) for m in there.mounts] == [(kept, "/srv/d")]
        assert run("data", name, "--fail-if-at-risk").returncode == 0
    finally:
        docker.container.rm(name, force=True)


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "no-such-volume", "x.tar"),
        ("backup", "/etc", "x.tar"),
        ("backup", "data", "x.zip"),
        ("restore", "missing.tar", "data"),
        ("verify", "missing.tar"),
        ("clone", "same", "same"),
        ("migrate", "data"),
        ("from-bind", "/no/such/folder", "data", "--chown", "root"),
        ("extract", "missing.tar", "x", "-o", "/no/such/folder/x"),
    ],
)
def test_bad_input_is_one_line(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("volume", *words, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(b"dockcli: ")
