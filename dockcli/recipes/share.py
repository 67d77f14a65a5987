"""A folder on a network share, for the distributed bind mount: found to be remote in the mount
table, not taken on trust. Or one made for this run: sshfs to an OpenSSH server on loopback.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dockcli.engine import apt, programs
from dockcli.errors import EngineFailed, NoEngine, Refused

if TYPE_CHECKING:
    from dockcli.recipes.stage import Stage

_DISKS = "9p afs beegfs ceph cifs glusterfs gpfs lustre nfs nfs4 smb3"
_FUSE = "ceph cephfs curlftpfs davfs glusterfs juicefs rclone s3fs sshfs"
REMOTE = frozenset([*_DISKS.split(), *(f"fuse.{name}" for name in _FUSE.split())])
"""File systems whose data is on another end of a network, by the kernel's names."""

_SECONDS = 10.0  # for a server to answer and for a share to be mounted
_PROGRAMS = {"sshd": "openssh-server", "sshfs": "sshfs", "ssh": "openssh-client"}
_PRIVILEGE_SEPARATION = "/run/sshd"  # Debian's; without its service nobody has made it
_SYSTEMD = "/run/systemd/system"


class Mount(NamedTuple):
    """A line of a mount table: ``root`` of the file system on ``device`` is seen at ``point``."""

    point: str
    device: str
    root: str
    kind: str
    source: str
    options: str

    @property
    def remote(self) -> bool:
        return self.kind in REMOTE

    def __str__(self) -> str:
        return f"{self.kind} ({self.source})"


class Share(NamedTuple):
    """A *folder* on a network share, and its *mount*; *served* is where the server has it, if it is
    this machine."""

    folder: str
    mount: Mount
    served: str | None = None


class NoShare(Exception):
    """There is no network share; the message is the reason."""


def mounts(table: str) -> list[Mount]:
    """The lines of a ``/proc/self/mountinfo``."""
    found = []
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if len(fields) >= 6 and len(kind) >= 3:
            point, root = _decoded(fields[4]), _decoded(fields[3])
            found.append(Mount(point, fields[2], root, kind[0], _decoded(kind[1]), kind[2]))
    return found


def here() -> list[Mount]:
    """This machine's mount table; nothing on a system that has no /proc."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return mounts(file.read())
    except OSError:
        return []


def mount_of(path: str, table: list[Mount]) -> Mount | None:
    """Which of *table* the absolute *path* is on: the deepest, and of those the last."""
    found = None
    for one in table:
        inside = f"{path}/".startswith(f"{one.point.rstrip('/')}/")
        if inside and (found is None or len(one.point) >= len(found.point)):
            found = one
    return found


def find(stage: Stage) -> Share:
    """The share that the user named or wants to have made; it ends with *stage*.

    Raises NoShare with the reason, Refused for wishes that cannot be meant.
    """
    named, demo = stage.wishes.share, stage.wishes.demo_share
    if named is not None and demo:
        raise Refused("--share names a share and --demo-share makes one: give one of them")
    if named is not None:
        return _named(stage, os.path.abspath(named))
    if demo:
        return _demo(stage)
    raise NoShare(
        "there is no network share here: name a folder that is on one with --share DIR, "
        "or have one made with --demo-share"
    )


def _named(stage: Stage, folder: str) -> Share:
    """A folder of our own in the user's; nothing else there is touched."""
    if not os.path.isdir(folder):
        raise Refused(f"--share {folder}: there is no such folder")
    mount = mount_of(os.path.realpath(folder), here())
    if mount is None:
        raise NoShare("this system has no mount table that tells what is a network share")
    if not mount.remote:
        raise NoShare(f"{folder} is on no network share: by the mount table it is on {mount}")
    if stage.wishes.dry_run:
        return Share(folder, mount)
    try:
        own = tempfile.mkdtemp(prefix="dockcli-", dir=folder)
        stage.later.callback(shutil.rmtree, own, ignore_errors=True)
        os.chmod(own, 0o1777)  # noqa: S103 - many servers take a container's root for nobody
    except OSError as error:
        raise NoShare(f"{folder} cannot be written: {error.strerror}") from None
    return Share(own, mount)


def _demo(stage: Stage) -> Share:
    folder = os.path.join(stage.folder, "share")
    if stage.wishes.dry_run:
        return Share(os.path.join(folder, "mounted"), Mount("", "", "", "fuse.sshfs", "", ""))
    if not os.path.exists("/dev/fuse"):
        raise NoShare("no share can be made here: this system has no /dev/fuse")
    demo = _Demo(folder)
    stage.later.callback(demo.close)
    try:
        _make_sure_of_programs(stage.note)
        share = demo.open()
    except (EngineFailed, NoEngine, OSError, subprocess.SubprocessError) as error:
        raise NoShare(f"no share could be made here: {error}") from None
    stage.note(f"demo share: {share.mount} on {share.mount.point}")
    return share


def _make_sure_of_programs(note: Callable[[str], None]) -> None:
    missing = [package for name, package in _PROGRAMS.items() if programs.find(name) is None]
    if not missing:
        return
    install = f"apt-get install --yes {' '.join(missing)}"
    if os.getuid() != 0:
        raise NoEngine(f"{', '.join(missing)} missing, which only root can install: sudo {install}")
    if not apt.available():
        raise NoEngine(f"{', '.join(missing)} missing, and no apt-get that could install them")
    if "openssh-server" in missing and os.path.isdir(_SYSTEMD):
        note("masking ssh.service: installing openssh-server shall open no port (systemctl unmask)")
        programs.run("systemctl", "mask", "ssh.service", "ssh.socket")
    apt.install(missing, note)


class _Demo:
    """An OpenSSH server for this run alone, and a folder of its own mounted from it by sshfs.

    Both processes end with this one, also when it is killed: sshfs unmounts as it ends.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._served, self._mounted = (os.path.join(folder, name) for name in ("served", "mounted"))
        self._point = os.path.realpath(self._mounted)
        self._running: list[subprocess.Popen[bytes]] = []

    def open(self) -> Share:
        """Start both. Raises NoShare with the reason."""
        for path in (self._folder, self._served, self._mounted):
            os.mkdir(path, 0o700)
        for key in ("host_key", "user_key"):
            programs.run(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "dockcli", "-f", self._in(key)
            )
        # A locked account gets in with PAM alone, and some containers only without it. Another
        # program may also be quicker with the port.
        reason = NoShare("no server was started")
        for pam in ("no", "yes", "no"):
            made = self._make_privilege_separation()
            try:
                self._start(_free_port(), pam if os.getuid() == 0 else "no")
            except NoShare as error:
                reason = error
                self._end_processes()
                continue
            finally:
                if made:  # needed until one has logged in, and there is only one
                    with suppress(OSError):
                        os.rmdir(_PRIVILEGE_SEPARATION)
            mount = next(one for one in here() if one.point == self._point)
            return Share(self._mounted, mount, self._served)
        raise reason

    def close(self) -> None:
        """Unmount, end both, and leave nothing."""
        if self._is_mounted():
            fusermount = "fusermount3" if programs.find("fusermount3") else "fusermount"
            for how in ("-u", "-uz"):  # lazily, where a container that stays still has it
                with suppress(EngineFailed, NoEngine):
                    programs.run(fusermount, how, self._mounted)
                    break
        self._end_processes()

    def _make_privilege_separation(self) -> bool:
        """Make the folder that sshd wants to find, if it is not there."""
        if os.getuid() != 0 or not apt.available():
            return False
        try:
            os.mkdir(_PRIVILEGE_SEPARATION, 0o755)
        except FileExistsError:
            return False
        return True

    def _start(self, port: int, pam: str) -> None:
        account = pwd.getpwuid(os.getuid()).pw_name
        self._write("known_hosts", f"[127.0.0.1]:{port} {self._read('host_key.pub')}")
        self._write("sshd_config", self._config(port, pam, account))
        self._run("sshd", "-D", "-e", "-f", self._in("sshd_config"))
        self._wait(lambda: _answers(port), "sshd")
        options = {
            "allow_other": None,  # the engine's root, where this is not root
            "port": port,
            "IdentityFile": self._in("user_key"),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self._in("known_hosts"),
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
        }
        words = [f"-o{k}" if v is None else f"-o{k}={v}" for k, v in options.items()]
        remote = f"{account}@127.0.0.1:{self._served}"
        self._run("sshfs", "-f", "-F", os.devnull, *words, remote, self._mounted)
        # It mounts before it has connected: what the server has must be seen through it.
        self._write("served/ready", "")
        self._wait(lambda: os.path.exists(os.path.join(self._mounted, "ready")), "sshfs")
        os.unlink(self._in("served/ready"))

    def _config(self, port: int, pam: str, account: str) -> str:
        """For one account, by one key, from this machine, and for files alone."""
        return f"""\
Port {port}
ListenAddress 127.0.0.1
HostKey "{self._in("host_key")}"
AuthorizedKeysFile "{self._in("user_key.pub")}"
PidFile none
StrictModes no
UsePAM {pam}
AllowUsers {account}
PermitRootLogin prohibit-password
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
DisableForwarding yes
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""

    def _run(self, name: str, *words: str) -> None:
        with open(self._in("log"), "ab") as log:
            self._running.append(
                subprocess.Popen(
                    # The kernel ends it when this process is gone, however it went.
                    [programs.need("setpriv"), "--pdeathsig", "TERM", programs.need(name), *words],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, "PATH": programs.search_path(), "LC_ALL": "C"},
                )
            )

    def _wait(self, done: Callable[[], bool], name: str) -> None:
        """Until *done*, or until the last process has ended instead."""
        until = time.monotonic() + _SECONDS
        while not done():
            if self._running[-1].poll() is not None or time.monotonic() > until:
                said = self._read("log").strip().splitlines()
                reason = said[-1] if said else "not up in time"
                raise NoShare(f"no share could be made here: {name}: {reason}")
            time.sleep(0.02)

    def _is_mounted(self) -> bool:
        return any(one.point == self._point for one in here())

    def _end_processes(self) -> None:
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def _in(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _read(self, name: str) -> str:
        with open(self._in(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def _write(self, name: str, text: str) -> None:
        with open(self._in(name), "w", encoding="utf-8") as file:
            file.write(text)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _decoded(field: str) -> str:
    """The kernel writes blanks and backslashes as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
