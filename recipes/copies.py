"""A command with a way back: a snapshot of a volume before, and the volume as before if it fails.

copies.py [VOLUME COMMAND [WORD]...]    without, it is tried with a volume of its own
"""

import os
import subprocess
import sys

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

UPGRADE = """
import sys
from dockcli import docker
words = sys.argv[1], "sh", "-c", "echo half >/d/schema; echo odd >/d/new; exit 3"
sys.exit(docker.run(*words, volume=sys.argv[2], rm=True, check=False).returncode)
"""


def with_a_way_back(volume, command):
    """Run *command*; its exit code. The snapshot stays only if the way back fails too."""
    name = f"before-{os.getpid()}"
    snapshot = docker.volume.snapshot(volume, name, stop=True)
    print(f"{volume} as it is now: {snapshot.volume}", flush=True)
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        for line in docker.volume.diff(snapshot.volume, volume).lines():
            print(f"  {line}")
        docker.volume.restore_snapshot(volume, name, stop=True)
        print(f"exit code {code}: {volume} is as before")
    docker.volume.remove_snapshot(volume, name)
    return code


def rehearse():
    """Whether what a command that fails has done is undone."""
    name = f"copies-{os.getpid()}"
    base = provide(docker, print).reference
    with docker.volume.create(name):
        docker.run(base, "sh", "-c", "echo 1 >/d/schema", volume=f"{name}:/d", rm=True)
        code = with_a_way_back(name, [sys.executable, "-c", UPGRADE, base, f"{name}:/d"])
        now = docker.run(base, "cat", "/d/schema", volume=f"{name}:/d", rm=True).text
    holds = code == 3 and now == "1\n" and not docker.volume.snapshots(name)
    print("holds" if holds else "does not hold", "- a command that failed has changed nothing")
    return 0 if holds else 1


def main(words):
    if len(words) == 1:
        print("usage: copies.py [VOLUME COMMAND [WORD]...]", file=sys.stderr)
        return 2
    try:
        return with_a_way_back(words[0], words[1:]) if words else rehearse()
    except (DockcliError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
