"""Nothing is written but below the state folder, the temporary folder, and what the caller named.

Shown twice at once: in a mount namespace where all else is read-only, so that what needs to write
elsewhere fails; and by Python's audit events, so that an attempt that failed unnoticed is seen too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import missing

# Says of each file that this process opens for writing, makes, changes or removes, where it is.
AUDIT = r"""
import os, runpy, sys

told = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
one = {"os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "os.utime"}
one |= {"os.setxattr", "os.removexattr"}
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

def tell(path, folder=-1):
    if isinstance(path, int):
        return
    if folder not in (-1, None):
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    os.write(told, os.path.abspath(os.fsdecode(path)).encode() + b"\n")

def hook(event, given):
    if event == "open" and isinstance(given[2], int) and given[2] & writing:
        tell(given[0])
    elif event in one:
        tell(given[0], given[-1] if event in ("os.mkdir", "os.remove", "os.rmdir") else -1)
    elif event in ("os.rename", "os.link", "os.symlink"):
        tell(given[1], given[-1])

sys.addaudithook(hook)
sys.argv = sys.argv[2:]
if sys.argv[0].endswith(".py"):
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""

# All mounts read-only, but for the folders in $WRITABLE; then the words.
READ_ONLY = r"""
set -e
for folder in $WRITABLE; do mount --bind "$folder" "$folder"; done
while read -r _ _ _ _ point _; do
    case "$point" in /dev | /dev/* | /proc | /proc/*) continue ;; esac
    for folder in $WRITABLE; do case "$point" in "$folder" | "$folder"/*) continue 2 ;; esac; done
    mount -o remount,bind,ro "$point" 2>/dev/null || true
done </proc/self/mountinfo
if touch "$FORBIDDEN/x" 2>/dev/null; then echo "it can be written" >&2; exit 99; fi
exec "$@"
"""


class Closed:
    """A machine of which only the state folder, the temporary folder and ``named`` are writable."""

    def __init__(self, top: Path, environment: dict[str, str]) -> None:
        self.top, self.named = top, top / "named"
        self._forbidden = top / "home"
        for name in ("home", "named", "state", "tmp"):
            (top / name).mkdir()
        self._writable = [self.named, top / "state", top / "tmp"]
        self._env = {
            **environment,
            "HOME": str(top / "home"),
            "TMPDIR": str(top / "tmp"),
            "XDG_STATE_HOME": str(top / "state"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WRITABLE": " ".join(map(str, self._writable)),
            "FORBIDDEN": str(self._forbidden),
        }

    def run(self, *words: str) -> list[str]:
        """Run a module or script with its arguments; what it wrote to elsewhere."""
        audit, told = self.top / "audit.py", self.named / "told"
        audit.write_text(AUDIT, encoding="utf-8")
        inside = ("unshare", "--mount", "--propagation=private", "sh", "-c", READ_ONLY, "sh")
        done = subprocess.run(
            [*inside, sys.executable, str(audit), str(told), *words],
            env=self._env,
            cwd=self.named,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        paths = set(told.read_text(encoding="utf-8").splitlines())
        told.unlink()
        allowed = tuple(f"{folder}/" for folder in self._writable)
        return sorted(path for path in paths if not path.startswith((*allowed, "/dev/", "/proc/")))


@pytest.fixture
def closed(environment: dict[str, str]) -> Iterator[Closed]:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        missing("root, and unshare")
    top = Path(tempfile.mkdtemp(prefix="dk-", dir="/tmp"))
    yield Closed(top, environment)
    shutil.rmtree(top)


SCRIPT = """
import sys
from pathlib import Path
from dockcli import docker
base, stem, named = sys.argv[1:]
volume = docker.volume.create(f"{stem}-volume")
try:
    with docker.run(base, "sleep", "60", detach=True, volume=f"{volume}:/v") as web:
        docker.exec(web, "sh", "-c", "echo kept >/v/file")
        web.write_text("/greeting", "hello")
        assert web.read_text("/greeting") == "hello"
        docker.cp(f"{web}:/greeting", f"{named}/greeting")
        docker.export(web, stdout=Path(named, "web.tar"))
        docker.logs(web)
        with web.machine() as m:
            m["ls"]("/")
            m.download("/greeting", f"{named}/downloaded")
        with web.exec("sh", tty=True) as shell:
            shell.send("echo $((6 * 7))\\n")
            shell.see("^42$")
    docker.build("-", stdin=f"FROM {base}\\nLABEL x=y\\n", iidfile=f"{named}/id", quiet=True)
    docker.image.rm(Path(named, "id").read_text().strip(), force=True)
    docker.volume.backup(volume, f"{named}/archive.tar.gz")
    docker.volume.verify(f"{named}/archive.tar.gz")
    docker.volume.restore(f"{named}/archive.tar.gz", f"{stem}-again")
    docker.volume.rm(f"{stem}-again")
finally:
    docker.volume.rm(volume)
"""


@pytest.mark.root
def test_verbs_write_nowhere_else(
    closed: Closed, docker: object, base: str, helper_image: None, unique: Callable[[str], str]
) -> None:
    script = closed.named / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert closed.run(str(script), base, unique("x"), str(closed.named)) == []
    made = {path.name for path in closed.named.iterdir()} - {"script.py"}
    assert made == {"greeting", "web.tar", "downloaded", "id", "archive.tar.gz"}


@pytest.mark.root
@pytest.mark.parametrize("recipe", ["isolation", "volume_lifecycle", "bind_mount", "filesystem"])
def test_recipes_write_nowhere_else(closed: Closed, docker: object, base: str, recipe: str) -> None:
    words = (f"dockcli.recipes.{recipe}", "--json", "--prefix", f"closed-{os.getpid()}")
    assert closed.run(*words) == []
    assert list(closed.named.iterdir()) == []


@pytest.mark.root
def test_the_doctor_writes_nowhere_at_all(closed: Closed, docker: object) -> None:
    code = closed.named / "look.py"
    code.write_text("from dockcli.doctor import examine\nassert examine()\n", encoding="utf-8")
    assert closed.run(str(code)) == []
    assert [path.name for path in closed.named.iterdir()] == ["look.py"]
    assert [*(closed.top / "tmp").iterdir(), *(closed.top / "state").iterdir()] == []
