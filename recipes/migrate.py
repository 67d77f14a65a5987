"""All volumes that have a name to another engine; the source stays.

migrate.py [URL [VOLUME]...]    such as ssh://me@server; without, it is tried on this engine
"""

import os
import re
import sys

from dockcli import Docker, docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

ANONYMOUS = re.compile("[0-9a-f]{64}")
FILL = "echo paid >/d/order; ln /d/order /d/same; chmod 4755 /d/order; chown 7:8 /d"


def named():
    """The volumes that have a name."""
    names = [one.name for one in docker.volume.ls()]
    return [name for name in names if not ANONYMOUS.fullmatch(name)]


def migrate(volume, there, name=None):
    """Whether it has arrived: one that fails does not keep the others from it."""
    try:
        moved = docker.volume.migrate(volume, to=there, name=name, pause=True)
    except DockcliError as error:
        print(f"{volume}: {error}", file=sys.stderr)
        return False
    lost = f", without {', '.join(moved.loses)}" if moved.loses else ""
    print(f"{volume}: {len(moved.manifest.entries)} entries, {moved.manifest.bytes} B{lost}")
    return True


def rehearse():
    """Whether what arrives is what was sent."""
    name = f"migrate-{os.getpid()}"
    base = provide(docker, print).reference
    with docker.volume.create(name, label={"team": "shop"}):
        docker.run(base, "sh", "-c", FILL, volume=f"{name}:/d", rm=True)
        try:
            arrived = migrate(name, docker, f"{name}-there")
            same = arrived and docker.volume.diff(name, f"{name}-there").same
            labels = arrived and docker.volume.inspect(f"{name}-there").labels.get("team")
        finally:
            docker.volume.rm(f"{name}-there", force=True)
    holds = same and labels == "shop"
    print("holds" if holds else "does not hold", "- what has arrived is what was sent")
    return 0 if holds else 1


def main(words):
    try:
        if not words:
            return rehearse()
        there = Docker(host=words[0])
        print(f"engine {there.version().server} there")
        done = [migrate(name, there) for name in words[1:] or named()]
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
