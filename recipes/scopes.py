"""A check in a scope: whatever it makes is gone afterwards, also when it is killed in the middle.

scopes.py [SECONDS]    with a number, it waits for so long in its middle: try `kill -9` then
"""

import sys
import time

from dockcli import docker
from dockcli.engine.base import provide
from dockcli.errors import DockcliError


def check(s, base, seconds):
    """Whether one container reaches another by its name, in a network of their own."""
    page = s.temporary_folder() / "index.html"
    page.write_text("it works\n")
    network = s.network.create(f"check-{s.id}")
    web = ("httpd", "-f", "-p", "80", "-h", "/www")
    mounts = [f"{page.parent}:/www:ro"]
    one = s.run(base, *web, detach=True, network=network, network_alias="web", volume=mounts)
    print(f"made in scope {s.id}, owner {one.inspect().labels['dockcli.owner']}", flush=True)
    time.sleep(seconds)
    ask = "for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://web/ && exit; sleep 1; done; exit 1"
    return s.run(base, "sh", "-c", ask, network=network, rm=True).text == "it works\n"


def main(words):
    if len(words) > 1 or not all(word.isdigit() for word in words):
        print("usage: scopes.py [SECONDS]", file=sys.stderr)
        return 2
    try:
        base = provide(docker, print).reference
        with docker.scope() as s:
            works = check(s, base, int(words[0]) if words else 0)
        mine = {"label": f"dockcli.scope={s.id}"}
        left = [*docker.ps(all=True, filter=mine), *docker.network.ls(filter=mine)]
    except (DockcliError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("holds" if works and not left else "does not hold", "- it works, and nothing is left")
    return 0 if works and not left else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
