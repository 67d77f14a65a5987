"""The cookbook: the document word for word, and every block of a page on the real engine."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dockcli import Docker
from dockcli.engine import apt, programs
from dockcli.recipes.catalogue import NAMES, recipe
from dockcli.recipes.stage import Stage, Wishes
from tests.cookbook import DOCUMENT, PAGES, TOP, blocks, commands, page, substituted, substitutions
from tests.engine.conftest import missing

Shell = Callable[..., subprocess.CompletedProcess[bytes]]

DATA = (
    "what_would_be_lost",
    "rescue",
    "backup",
    "restore",
    "copies",
    "migrate",
    "folders",
    "anonymous",
)
USES = ("nightly", "scopes", "ssh", *DATA)
PYTHON = [(name, block.text) for name in (*NAMES, *USES) for block in blocks(page(name), "python")]


def numbered(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{name}-{number}" for number, (name, _) in enumerate(pairs)]


def shell_of(name: str) -> list[str]:
    return [block.text for block in blocks(page(name), "sh")]


def rehearsed(name: str) -> Stage:
    stage = Stage(recipe(name), Docker(), Wishes(dry_run=True))
    with stage:
        recipe(name).play(stage)
    return stage


# --- the document, word for word


@pytest.mark.parametrize("text", [block.text for block in blocks(DOCUMENT)])
def test_a_block_of_the_document_stands_on_a_page(text: str) -> None:
    assert [name for name in NAMES if text in [one.text for one in blocks(page(name), "document")]]


def test_every_command_of_the_document_is_a_step_of_a_recipe() -> None:
    played = {step.document for name in NAMES for step in rehearsed(name).transcript.steps}
    assert set(commands()) - played == set()


def test_the_files_of_the_document_are_ours_but_for_the_base_image() -> None:
    dockerfile, script = (block.text for block in blocks(DOCUMENT)[:2])
    ours = (TOP / "Dockerfile.random").read_text(encoding="utf-8")
    assert ours.partition("\n\n")[2].strip() == dockerfile.partition("\n\n")[2].strip()
    assert ours.startswith("ARG BASE=alpine:3.20\nFROM ${BASE}\n")
    assert dockerfile.startswith("FROM alpine:3.20\n")
    packaged = TOP / "dockcli" / "recipes" / "files" / "random.sh"
    assert packaged.read_text(encoding="utf-8").strip() == script.strip()


# --- what runs in its place


@pytest.mark.parametrize("name", NAMES)
def test_what_runs_is_made_of_the_document_by_the_table(name: str) -> None:
    found = blocks(page(name))
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.kind == "document":
            assert following is not None
            assert following.kind == "sh"
            assert following.text == substituted(block.text)


def test_every_substitution_says_why_and_is_needed() -> None:
    texts = [block.text for block in blocks(DOCUMENT)]
    for one in substitutions():
        assert one.why
        before, texts = texts, [one.document.sub(one.runs, text) for text in texts]
        assert texts != before, one


# --- the blocks, on the engine


@pytest.fixture
def free(docker: Docker) -> Callable[[str], list[list[str]]]:
    """The commands by which a page removes what it makes; none of that may be there already, or it
    is another's and would be removed."""

    def look(name: str) -> list[list[str]]:
        lines = re.findall(r"^docker (?:container|volume|image) rm .*", page(name), re.M)
        found = [shlex.split(line, comments=True) for line in lines]
        assert found or not shell_of(name), "a page shows how to clean up"
        for _, kind, _, *names in found:
            for one in names:
                if not one.startswith(("-", "$")):
                    assert docker.raw(kind, "inspect", one, check=False).returncode != 0, one
        return found

    return look


@pytest.fixture
def mended(
    free: Callable[[str], list[list[str]]], docker: Docker
) -> Iterator[Callable[[str], None]]:
    """Sees to it that what a page makes is not there, before and after it has failed."""
    known: list[list[str]] = []
    yield lambda name: known.extend(free(name))
    for words in known:
        docker.raw(*words[1:], check=False)


@pytest.fixture
def with_dockcli(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment in which ``dockcli`` is this one, installed or not."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "dockcli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dockcli.cli "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(folder), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path}


@pytest.mark.parametrize("name", [*NAMES, "nightly", "scopes", *DATA])
def test_the_shell_lines_of_a_page_run_and_leave_nothing(
    name: str,
    docker: Docker,
    base: str,
    shell: Shell,
    helper_image: None,
    with_dockcli: dict[str, str],
    mended: Callable[[str], None],
    tmp_path: Path,
) -> None:
    mended(name)
    script = "\n".join(shell_of(name))
    assert script, "each page has lines for a shell"
    done = shell("sh", "-eu", "-c", script, cwd=tmp_path, env={**with_dockcli, "BASE": base})
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    for expected in re.findall(r"  # (.+)$", script, re.M):
        assert expected in said


@pytest.mark.parametrize(("name", "code"), PYTHON, ids=numbered(PYTHON))
def test_a_python_block_of_a_page_runs_and_leaves_nothing(
    name: str,
    code: str,
    docker: Docker,
    base: str,
    shell: Shell,
    helper_image: None,
    mended: Callable[[str], None],
    tmp_path: Path,
) -> None:
    mended(name)
    for script in shell_of(name):
        if script.startswith("cat >"):  # the document's files, which the block finds beside it
            assert shell("sh", "-eu", "-c", script, cwd=tmp_path).returncode == 0
    code = code.replace('"alpine:3.20"', repr(base))  # the machine may have a stand-in for it
    done = shell(sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    for expected in re.findall(r"^ *print\(.*\)  # (.*)$", code, re.M):
        assert expected in done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_python_beside_the_shell(name: str) -> None:
    assert "from dockcli import" in "".join(code for one, code in PYTHON if one == name)


# --- the transcripts


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_shows_every_claim_of_the_recipe(name: str) -> None:
    (block,) = blocks(page(name), "text")
    lines = block.text.splitlines()
    claims = rehearsed(name).transcript.claims
    said = [line for line in lines if line.startswith("holds: ")]
    assert said == [f"holds: {claim.text} ({claim.id})" for claim in claims]
    assert lines[0] == f"# {recipe(name).section}. {recipe(name).title}"
    assert lines[-1].startswith(f"{len(claims)} of {len(claims)} claims hold, on engine ")


# --- the index and the scripts


@pytest.mark.parametrize("name", [*NAMES, *USES])
def test_the_index_has_a_page_and_a_script_for_each(name: str) -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert f"]({name}.md)" in index
    assert f"]({name}.py)" in index
    assert (PAGES / f"{name}.md").is_file()
    assert (PAGES / f"{name}.py").is_file()


def test_the_index_has_every_file_and_no_other() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((\w[\w.]*)\)", index))
    assert linked == {path.name for path in PAGES.iterdir() if path.is_file()} - {"README.md"}


# --- the nightly script


NIGHTLY = str(PAGES / "nightly.py")


def test_the_nightly_script_checks_lists_and_exports(
    docker: Docker, base: str, shell: Shell, unique: Callable[[str], str], tmp_path: Path
) -> None:
    name, file = unique("state"), tmp_path / "state.tar"
    volume = docker.volume.create(name)
    try:
        docker.run(base, "sh", "-c", "echo kept >/v/state", volume=f"{volume}:/v", rm=True)
        done = shell(sys.executable, NIGHTLY, name, str(file), cwd="/")
        assert done.returncode == 0, done.stderr.decode()
        said = done.stdout.decode()
        assert f"no container uses {name}, made " in said
        assert f"{name} is in {file}: {file.stat().st_size} B" in said
        assert said.count("  holds - ") == sum(
            len(rehearsed(one).transcript.claims)
            for one in ("volume_lifecycle", "volume_instruction")
        ) - said.count("  not shown here - ")
        with tarfile.open(file) as archive:
            assert archive.extractfile("./state").read() == b"kept\n"  # type: ignore[union-attr]
        assert file.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [file]
        assert docker.volume.inspect(name).name == name
    finally:
        volume.rm()


def test_the_nightly_script_makes_no_volume_of_a_name_that_is_not_there(
    docker: Docker, base: str, shell: Shell, unique: Callable[[str], str], tmp_path: Path
) -> None:
    file = tmp_path / "state.tar"
    file.write_bytes(b"of yesterday")
    done = shell(sys.executable, NIGHTLY, unique("none"), str(file), cwd="/")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].count("no such volume") == 1
    assert file.read_bytes() == b"of yesterday"
    assert list(tmp_path.iterdir()) == [file]


# --- docker over SSH


class Server:
    """An OpenSSH server of the test's own, on loopback, and an ``ssh`` that gets into it."""

    def __init__(self, folder: Path, docker_host: str | None) -> None:
        self._folder, self._docker_host = folder, docker_host
        self.account = pwd.getpwuid(os.getuid()).pw_name
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        for key in ("host_key", "user_key"):
            programs.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        (folder / "bin").mkdir()
        (folder / "bin" / "ssh").write_text(
            f'#!/bin/sh\nexec {programs.need("ssh")} -F {folder}/ssh_config "$@"\n'
        )
        (folder / "bin" / "ssh").chmod(0o755)

    def start(self, pam: str) -> bool:
        """Whether somebody gets in."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        host_key = (self._folder / "host_key.pub").read_text()
        self._write("known_hosts", f"[127.0.0.1]:{self.port} {host_key}")
        self._write(
            "ssh_config",
            f"Host *\nIdentityFile {self._folder}/user_key\nIdentitiesOnly yes\nBatchMode yes\n"
            f"UserKnownHostsFile {self._folder}/known_hosts\nStrictHostKeyChecking yes\n",
        )
        reaches = f"SetEnv DOCKER_HOST={self._docker_host}\n" if self._docker_host else ""
        self._write(
            "sshd_config",
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self._folder}/host_key\n"
            f"AuthorizedKeysFile {self._folder}/user_key.pub\nPidFile none\nStrictModes no\n"
            f"AllowUsers {self.account}\nPasswordAuthentication no\nUsePAM {pam}\n{reaches}",
        )
        with self.log.open("ab") as log:
            words = [programs.need("sshd"), "-D", "-e", "-f", str(self._folder / "sshd_config")]
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 10
        while self._process.poll() is None and time.monotonic() < until:
            if (
                subprocess.run(self._words("true"), capture_output=True, check=False).returncode
                == 0
            ):
                return True
            time.sleep(0.1)
        return False

    def _words(self, command: str) -> list[str]:
        ssh = str(self._folder / "bin" / "ssh")
        return [ssh, "-p", str(self.port), f"{self.account}@127.0.0.1", command]

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

    @property
    def url(self) -> str:
        return f"ssh://{self.account}@127.0.0.1:{self.port}"

    def environment(self, known: dict[str, str]) -> dict[str, str]:
        """The environment in which ``ssh`` is ours, and docker reaches no engine but by it."""
        path = os.pathsep.join([str(self._folder / "bin"), known.get("PATH", os.defpath)])
        nowhere = f"unix://{self._folder}/nowhere.sock"
        return {**known, "PATH": path, "DOCKER_HOST": nowhere}


def make_sure_of_sshd() -> None:
    needed = {"sshd": "openssh-server", "ssh": "openssh-client"}
    packages = [package for name, package in needed.items() if programs.find(name) is None]
    if not packages:
        return
    if os.getuid() != 0 or not apt.available() or Path("/run/systemd/system").exists():
        missing(f"apt-get install {' '.join(packages)}")  # systemd would open a port
    apt.install(packages, print)


@pytest.fixture
def server(docker: Docker, environment: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    make_sure_of_sshd()
    separation = Path("/run/sshd")  # Debian's; without the service nobody has made it
    made = os.getuid() == 0 and not separation.exists()
    if made:
        separation.mkdir(mode=0o755)
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    one = Server(folder, environment.get("DOCKER_HOST"))
    try:
        for pam in ("no", "yes"):  # a locked account gets in by PAM alone, a container's without
            if one.start(pam):
                break
            one.stop()
        else:
            missing(f"an OpenSSH server: {one.log.read_text()[-300:]}")
        yield one
    finally:
        one.stop()
        if made:
            with suppress(OSError):
                separation.rmdir()


def test_the_script_works_where_only_docker_over_ssh_is_there(
    docker: Docker, base: str, shell: Shell, server: Server, environment: dict[str, str]
) -> None:
    env = server.environment(environment)
    done = shell(sys.executable, str(PAGES / "ssh.py"), server.url, cwd="/", env=env, timeout=200)
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert f"engine {docker.version().server} there" in said
    claims = rehearsed("isolation").transcript.claims
    assert [line for line in said.splitlines() if line.startswith("holds - ")] == [
        f"holds - {claim.text}" for claim in claims
    ]
    assert "Accepted publickey" in server.log.read_text()


def test_a_client_reaches_an_engine_over_ssh(
    docker: Docker, base: str, server: Server, environment: dict[str, str]
) -> None:
    client = Docker(host=server.url, env=server.environment(environment))
    assert client.run(base, "cat", stdin="over ssh", rm=True).text == "over ssh"
    assert client.version() == docker.version()


def test_a_volume_migrates_over_ssh(
    docker: Docker,
    base: str,
    helper_image: None,
    shell: Shell,
    server: Server,
    environment: dict[str, str],
    unique: Callable[[str], str],
) -> None:
    name, there = unique("data"), unique("there")
    env = {**server.environment(environment), "DOCKER_HOST": environment.get("DOCKER_HOST", "")}
    with docker.volume.create(name, label={"team": "shop"}):
        docker.run(base, "sh", "-c", "echo paid >/d/order", volume=f"{name}:/d", rm=True)
        try:
            words = ("migrate", name, f"--to-host={server.url}", f"--name={there}")
            done = shell(sys.executable, "-m", "dockcli.cli", "volume", *words, env=env)
            assert done.stdout.decode() == f"{there}: arrived and verified\n", done.stderr
            assert docker.volume.diff(name, there).same
            assert docker.volume.inspect(there).labels["team"] == "shop"
        finally:
            docker.volume.rm(there, force=True)
    assert "Accepted publickey" in server.log.read_text()


def test_the_ssh_script_says_what_it_needs(shell: Shell) -> None:
    for words in ([], ["server"], ["ssh://one", "ssh://two"]):
        done = shell(sys.executable, str(PAGES / "ssh.py"), *words, cwd="/")
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr == b"usage: ssh.py ssh://[USER@]HOST[:PORT]\n"


def test_the_ssh_script_says_what_went_wrong_in_one_line(
    docker: Docker, base: str, shell: Shell, server: Server, environment: dict[str, str]
) -> None:
    server.stop()
    env = server.environment(environment)
    done = shell(sys.executable, str(PAGES / "ssh.py"), server.url, cwd="/", env=env)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert str(server.port).encode() in done.stderr
