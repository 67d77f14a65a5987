"""Each night: does this engine still keep our data as we rely on it, and what lies about unused?

nightly.py [VOLUME FILE]    with both, VOLUME is written to FILE as a tar archive
"""

import os
import sys

from plumbum import ProcessExecutionError

from dockcli import docker
from dockcli.errors import DockcliError
from dockcli.recipes import volume_instruction, volume_lifecycle

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}


def check(recipe):
    """Play a recipe; the claims that do not hold are what an upgrade has changed."""
    result = recipe.run(prefix="nightly")
    engine = result.engine
    print(f"{result.recipe} on engine {engine.server} with client {engine.client}:")
    for claim in result.claims:
        print(" ", VERDICTS[claim.holds], "-", claim.text)
        if claim.holds is False:
            print("   ", claim.evidence)
    return result


def unused():
    """The volumes that no container has, the oldest first."""
    volumes = docker.volume.ls(filter={"dangling": "true"})
    return sorted(volumes, key=lambda volume: str(volume.created))


def export(volume, file, image):
    """Write *volume* to *file*: a helper container packs it, the bytes go straight to the file."""
    docker.volume.inspect(volume)  # or --volume would make one of that name
    call = docker.call.run(
        image,
        *("tar", "-c", "-C", "/volume", "."),
        volume=f"{volume}:/volume:ro",
        rm=True,
        network="none",
        log_driver="none",  # docker would keep a copy of all of it
    )
    os.umask(0o077)
    try:
        (call.plumbum() > f"{file}.part")()
        os.replace(f"{file}.part", file)
    finally:
        if os.path.exists(f"{file}.part"):
            os.unlink(f"{file}.part")


def main(words):
    if len(words) not in (0, 2):
        print("usage: nightly.py [VOLUME FILE]", file=sys.stderr)
        return 2
    results = [check(recipe) for recipe in (volume_lifecycle, volume_instruction)]
    for volume in unused():
        print(f"no container uses {volume.name}, made {volume.created}")
    if words:
        volume, file = words
        try:
            export(volume, file, results[0].engine.base_image.reference)
        except (DockcliError, ProcessExecutionError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{volume} is in {file}: {os.path.getsize(file)} B")
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
