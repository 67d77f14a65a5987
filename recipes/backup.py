"""Each night: the volumes of this engine into a folder, verified and rotated.

backup.py [FOLDER [VOLUME]...]    all volumes that have a name, where none is given;
                                  without FOLDER it is tried with a volume of its own
"""

import os
import re
import sys
import tempfile

from dockcli import docker
from dockcli.data.errors import RotationStopped
from dockcli.data.rotation import Keep
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

KEEP = Keep(last=7, weekly=4, monthly=12)
ANONYMOUS = re.compile("[0-9a-f]{64}")
CHANGE = '[ -z "$1" ] || echo "$1" >>/d/orders'


def named():
    """The volumes that have a name, without snapshots."""
    volumes = [one for one in docker.volume.ls() if "dockcli.snapshot.of" not in one.labels]
    return [one.name for one in volumes if not ANONYMOUS.fullmatch(one.name)]


def back_up(volume, folder):
    """Whether all went well: one that cannot be read does not keep the others from it."""
    archive = os.path.join(folder, f"{volume}-%Y-%m-%dT%H-%M-%S.tar.zst")
    try:
        made = docker.volume.backup(volume, archive, pause=True, keep=KEEP, skip_unchanged=True)
    except RotationStopped as stopped:  # look into it: something is wrong, or was
        print(stopped, file=sys.stderr)
        return False
    except DockcliError as error:
        print(f"{volume}: {error}", file=sys.stderr)
        return False
    kept = "as before" if made.unchanged else f"{made.bytes} B"
    print(f"{volume}: {made.archive}, {kept}, {len(made.manifest.entries)} entries")
    return True


def rehearse():
    """Whether a second backup is made only when something has changed, and both verify."""
    name = f"backup-{os.getpid()}"
    base = provide(docker, print).reference
    with docker.volume.create(name), tempfile.TemporaryDirectory() as folder:
        counts = []
        for word in ("paid", "", "sent"):
            docker.run(base, "sh", "-c", CHANGE, "sh", word, volume=f"{name}:/d", rm=True)
            back_up(name, folder)
            counts.append(len(os.listdir(folder)))
        for archive in os.listdir(folder):
            docker.volume.verify(os.path.join(folder, archive))
    print("holds" if counts == [1, 1, 2] else "does not hold", "- one archive for each change")
    return 0 if counts == [1, 1, 2] else 1


def main(words):
    try:
        if not words:
            return rehearse()
        done = [back_up(volume, words[0]) for volume in words[1:] or named()]
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
