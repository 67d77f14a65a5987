"""A folder of a container's writable layer into a volume, and the container anew with it.

rescue.py [CONTAINER PATH VOLUME]    without, it is tried with a container of its own
"""

import os
import sys

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

FILL = "mkdir -p /home/orders; echo paid >/home/orders/1; exec sleep 300"
SETTINGS = ("Env", "Cmd", "Labels", "User", "WorkingDir", "Hostname")


def rescue(container, path, volume):
    """Rescue it, and tell what is at risk before and after."""
    risks = [f"before: {one.path} is at risk" for one in docker.container.data(container).at_risk]
    print(*risks, sep="\n")
    print(docker.container.rescue(container, path, volume, progress=print))
    for one in docker.container.data(container).at_risk:
        print(f"after: {one.path} is at risk")


def settings(container):
    """What somebody has set of a container."""
    config = docker.container.inspect(container).raw["Config"]
    return {name: config[name] for name in SETTINGS}


def rehearse():
    """Whether the container is as before, but for the volume, and has its data."""
    name = f"rescue-{os.getpid()}"
    base = provide(docker, print).reference
    given = {"env": {"PRICE": "7"}, "label": {"team": "shop"}, "stop_signal": "KILL"}
    try:
        app = docker.run(base, "sh", "-c", FILL, name=name, detach=True, **given)
        app.wait_for(file="/home/orders/1", deadline=30)
        before = settings(name)
        rescue(name, "/home/orders", name)
        same = settings(name) == before
        paid = docker.exec(name, "cat", "/home/orders/1").text == "paid\n"
        safe = not docker.container.data(name).at_risk
    finally:
        docker.rm(name, force=True, missing_ok=True)
        docker.volume.rm(name, force=True)
    holds = same and paid and safe
    print("holds" if holds else "does not hold", "- all is as before, and nothing is at risk")
    return 0 if holds else 1


def main(words):
    if len(words) not in (0, 3):
        print("usage: rescue.py [CONTAINER PATH VOLUME]", file=sys.stderr)
        return 2
    try:
        if not words:
            return rehearse()
        rescue(*words)
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
