"""Is the backup one? Each archive is restored into a volume for the purpose, and compared.

restore.py [ARCHIVE]...    without, it is tried with an archive of its own
"""

import os
import sys
import tempfile

from dockcli import docker
from dockcli.data.archive import DamagedArchive
from dockcli.engine.base import provide
from dockcli.errors import DockcliError

FILL = "echo paid >/d/order; ln -s order /d/last; chmod 600 /d/order; chown 1000:1000 /d/order"


def holds(archive):
    """Whether *archive* comes back as it is."""
    scratch = f"restore-test-{os.getpid()}"
    try:
        restored = docker.volume.restore(archive, scratch)
        difference = docker.volume.diff(archive, scratch)
    except DockcliError as error:
        print(f"does not hold - {archive}: {error}")
        return False
    finally:
        docker.volume.rm(scratch, force=True)
    for line in difference.lines():
        print(f"  {line}")
    about = f"{len(restored.manifest.entries)} entries, {restored.manifest.bytes} B"
    print("holds" if difference.same else "does not hold", f"- {archive}: {about}")
    return difference.same


def rehearse():
    """Whether an archive of our own comes back, and one that was cut off is refused."""
    name = f"restore-{os.getpid()}"
    base = provide(docker, print).reference
    with docker.volume.create(name), tempfile.TemporaryDirectory() as folder:
        docker.run(base, "sh", "-c", FILL, volume=f"{name}:/d", rm=True)
        whole, cut = os.path.join(folder, "whole.tar.gz"), os.path.join(folder, "cut.tar.gz")
        docker.volume.backup(name, whole)
        with open(whole, "rb") as file, open(cut, "wb") as part:
            part.write(file.read()[:-100])
        try:
            docker.volume.restore(cut, f"{name}-cut")
        except DamagedArchive as error:
            print(f"holds - what was cut off is refused: {error}")
            return 0 if holds(whole) else 1
        docker.volume.rm(f"{name}-cut", force=True)
        print("does not hold - what was cut off was restored")
        return 1


def main(words):
    try:
        if not words:
            return rehearse()
        done = [holds(one) for one in words]
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
