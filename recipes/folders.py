"""What is bound into a container becomes a volume, owned by the user that the container runs as.

folders.py [CONTAINER PATH VOLUME]    without, it is tried with a folder of its own
"""

import os
import sys
import tempfile

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError, InvalidArgument


def copy(container, path, volume):
    """Copy the folder that is bound at *path*; the container is stopped meanwhile, if it runs."""
    told = docker.container.inspect(container)
    bound = [one.source for one in told.mounts if (one.type, one.destination) == ("bind", path)]
    if not bound:
        raise InvalidArgument(f"nothing of the host is bound at {path} of {container}")
    owner = ids(container) if told.running else None
    if told.running:
        docker.stop(container)
    try:
        return docker.volume.from_bind(bound[0], volume, chown=owner)
    finally:
        if told.running:
            docker.start(container)


def ids(container):
    """Who the container's program is, in numbers."""
    return docker.exec(container, "sh", "-c", "echo $(id -u):$(id -g)").text.strip()


def rehearse():
    """Whether the container's user owns the copy."""
    name = f"folders-{os.getpid()}"
    base = provide(docker, print).reference
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "order"), "w", encoding="utf-8") as file:
            file.write("paid\n")
        try:
            docker.run(
                *(base, "sleep", "300"),
                name=name,
                user="7:8",
                volume=f"{folder}:/d",
                stop_signal="KILL",
                detach=True,
            )
            print("owners:", copy(name, "/d", name).owners)
            look = ("sh", "-c", "cat /d/order; stat -c %u:%g /d/order")
            seen = docker.run(base, *look, volume=f"{name}:/d", rm=True).text
        finally:
            docker.rm(name, force=True, missing_ok=True)
            docker.volume.rm(name, force=True)
    holds = seen == "paid\n7:8\n"
    print("holds" if holds else "does not hold", "- the copy is the container's own")
    return 0 if holds else 1


def main(words):
    if len(words) not in (0, 3):
        print("usage: folders.py [CONTAINER PATH VOLUME]", file=sys.stderr)
        return 2
    try:
        if not words:
            return rehearse()
        print("owners:", copy(*words).owners)
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
