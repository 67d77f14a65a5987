"""Which volumes without a name hold something, whose they were, and how they get one.

anonymous.py    removes nothing but what it has made itself to try it
"""

import os
import sys

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError


def suggested(origin):
    """A name for a volume, after the container that had it and where: ``web-cache``."""
    holder = next(iter((*origin.containers, *origin.gone)), None)
    if holder is None or not holder.name:
        return "NAME"
    return holder.name + holder.path.replace("/", "-")


def tell():
    """List those that are not empty."""
    for origin in docker.volume.origins():
        if origin.entries:
            held = ", ".join(map(repr, origin.entries[:3]))
            print(f"{origin.volume}: {len(origin.entries)} names ({held}), {origin.image or '?'}")
            print(f"  dockcli volume name {origin.volume} {suggested(origin)}")


def rehearse():
    """Whether a container that is gone is still known, and its volume can be used by a name."""
    name = f"anonymous-{os.getpid()}"
    base = provide(docker, print).reference
    fill = ("sh", "-c", "echo warm >/cache/page")
    with docker.container.create(base, *fill, name=name, volume="/cache") as app:
        volume = app.inspect().mounts[0].name
        docker.start(app, attach=True)
        docker.rm(app)
    try:
        (origin,) = docker.volume.origins(volume)
        called = suggested(origin)
        docker.volume.give_name(volume, f"{name}-cache", move=True)
        page = docker.run(base, "cat", "/c/page", volume=f"{name}-cache:/c", rm=True).text
    finally:
        docker.volume.rm(volume, f"{name}-cache", force=True)
    holds = called == f"{name}-cache" and page == "warm\n"
    print("holds" if holds else "does not hold", "- its container is known, its content has a name")
    return 0 if holds else 1


def main():
    try:
        code = rehearse()
        tell()
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
