"""What a script pays before docker is even started."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dockcli
from benchmarks.measure import Row, Way, child
from benchmarks.stage import Stage

BARE = "bare Python"
_NEAR = ("dockcli", "subprocess")  # whose limit is near, so that chance is not to decide it
_RAW = """\
import json, subprocess
done = subprocess.run(["docker", "version", "--format={{json .}}"], capture_output=True, check=True)
json.loads(done.stdout)
"""


def rows(stage: Stage) -> Iterator[Row]:
    compileall.compile_dir(Path(dockcli.__file__).parent, quiet=2)
    environment = stage.environment

    def python(name: str, code: str) -> Way:
        return Way(name, child(code, environment))

    modules = {
        "docker-py": "import docker",
        "python-on-whales": "import python_on_whales",
        "testcontainers": "import testcontainers.core.container",
        "podman-py": "import podman",
    }
    yield Row(
        "import",
        "`import dockcli`, over bare Python",
        [
            python("dockcli", "import dockcli"),
            python(BARE, ""),
            *(python(name, code) for name, code in modules.items()),
            python("dockcli, its client too", "from dockcli import docker"),
        ],
        base=("docker-py",),
        target=1 / 5,
        goal="≤ 1/5 of docker-py's",
        over=BARE,
        rounds=20,
        note="Nothing is loaded before it is used; the row with the client says what is then.",
    )
    with _podman(stage) as socket:
        scripts = {
            "dockcli": "from dockcli import docker; docker.version()",
            "subprocess": _RAW,
            "docker-py": "import docker; docker.from_env().version()",
            "python-on-whales": "from python_on_whales import docker; docker.version()",
            "testcontainers": "from testcontainers.core.docker_client import DockerClient as C; "
            "C().client.version()",
        }
        if socket:
            scripts["podman-py"] = (
                f"import podman; podman.PodmanClient(base_url='unix://{socket}').version()"
            )
        yield Row(
            "script",
            "a script that asks `version` once, the whole process",
            [
                Way(name, child(code, environment), rounds=120 if name in _NEAR else 15)
                for name, code in scripts.items()
            ],
            base=("subprocess",),
            target=1.2,
            goal="≤ 1.2 × the bare `subprocess.run` script",
            rounds=120,
            note="podman-py asks its own engine, podman's." if socket else "No podman is here.",
        )


@contextmanager
def _podman(stage: Stage) -> Iterator[str]:
    """The socket of a podman service, "" where there is no podman that runs."""
    if shutil.which("podman") is None:
        yield ""
        return
    socket = f"{stage.folder}/podman.sock"
    words = ["podman", f"--root={stage.folder}/root", f"--runroot={stage.folder}/runroot"]
    process = subprocess.Popen(
        [*words, "system", "service", "--time=0", f"unix://{socket}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 10
        while not os.path.exists(socket) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        ask = f"import podman; podman.PodmanClient(base_url='unix://{socket}').version()"
        asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, check=False)
        yield socket if asked.returncode == 0 else ""
    finally:
        process.terminate()
        process.wait()
        with suppress(OSError):
            subprocess.run(["umount", f"{stage.folder}/root/overlay"], capture_output=True)
