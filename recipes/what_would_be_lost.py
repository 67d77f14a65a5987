"""Before `docker rm -v`: what it would take, and how each of it is kept.

what_would_be_lost.py [CONTAINER]...    without, it is tried with a container of its own
"""

import os
import sys

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

KEEPING = {
    "layer": "dockcli data rescue {0} {1} VOLUME  # its folder",
    "anonymous": "dockcli volume name {2} NAME",
}
FILL = "for at in /home /state /cache; do echo kept >$at/file; done"


def tell(*containers):
    """Print what would be lost of containers; whether there is any."""
    survey = docker.container.data(*containers)
    for one in survey.containers:
        for path in one.at_risk:
            print(f"{one.name} loses {path.path} ({path.size} B), lost by {path.lost_by[0]}")
            print("  to keep it:", KEEPING[path.source].format(one.name, path.path, path.name))
    return bool(survey.at_risk)


def rehearse():
    """Whether what is told is what is then gone."""
    name = f"lost-{os.getpid()}"
    base = provide(docker, print).reference
    mounts = [f"{name}:/state", "/cache"]
    try:
        docker.run(base, "sh", "-c", FILL, name=name, volume=mounts)
        told = docker.container.data(name).containers[0]
        tell(name)
        docker.rm(name, volumes=True)
        left = {volume.name for volume in docker.volume.ls()}
        lost = {path.path for path in told.at_risk}
        gone = {path.path for path in told.paths if path.name and path.name not in left}
    finally:
        docker.rm(name, force=True, volumes=True, missing_ok=True)
        docker.volume.rm(name, force=True)
    holds = lost == {"/home/file", "/cache"} and "/cache" in gone and "/state" not in gone
    print("holds" if holds else "does not hold", "- what is gone is what was told")
    return 0 if holds else 1


def main(words):
    try:
        return (1 if tell(*words) else 0) if words else rehearse()
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
