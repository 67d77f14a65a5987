"""``--dry-run``: answers in docker's place, so that a recipe shows its commands and runs none.

The answers are only good enough to go on with; none of them is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from dockcli.completed import Completed
from dockcli.runner import Job

NUMBER = b"31267\n"
IMAGE = "IMAGE_ID"


class Rehearsal:
    """A runner that runs nothing."""

    def run(self, job: Job) -> Completed:
        words = [word for word in job.argv[1:] if not word.startswith("-")]
        for word in job.words:
            flag, _, path = word.partition("=")
            if flag in ("--iidfile", "--cidfile"):
                with open(path, "w", encoding="ascii") as file:
                    file.write(IMAGE)
        answer = _ANSWERS.get(" ".join(words[:2]), _nothing)
        return Completed(job.argv, 0, answer(words[2:]), b"", 0.0)


def _nothing(words: list[str]) -> bytes:
    return b""


def _container_id(words: list[str]) -> bytes:
    return b"CONTAINER_ID\n"


def _image_id(words: list[str]) -> bytes:
    return IMAGE.encode()


def _containers(words: list[str]) -> bytes:
    data = {"Type": "volume", "Name": "VOLUME_ID", "Destination": "/data"}
    about = {"Image": IMAGE, "Mounts": [data]}
    return json.dumps([{"Id": name, "Name": f"/{name}", **about} for name in words]).encode()


def _images(words: list[str]) -> bytes:
    return json.dumps([{"Id": IMAGE, "RepoTags": words} for _ in words]).encode()


def _volume_name(words: list[str]) -> bytes:
    return words[-1].encode() if words else b"VOLUME_ID"


def _volumes(words: list[str]) -> bytes:
    return json.dumps([{"Name": name} for name in words]).encode()


def _change(words: list[str]) -> bytes:
    return b"A /home/number.txt\n"


def _exit_codes(words: list[str]) -> bytes:
    return b"0\n" * len(words)


_ANSWERS: dict[str, Callable[[list[str]], bytes]] = {
    "container create": _container_id,
    "container diff": _change,
    "container inspect": _containers,
    "container run": _container_id,
    "container wait": _exit_codes,
    "image build": _image_id,
    "image inspect": _images,
    "image ls": _image_id,
    "volume create": _volume_name,
    "volume inspect": _volumes,
}
