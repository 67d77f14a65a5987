"""Builds by a builder that was chosen: docker has two, and they differ in what VOLUME does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dockcli.errors import BinaryNotFound
from dockcli.runner import find_program
from dockcli.scope import TAG

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.recipes.stage import Stage

LEGACY, BUILDKIT = "the legacy builder", "BuildKit"

_SWITCH = {LEGACY: "0", BUILDKIT: "1"}
# How each begins its report. podman's own builder says STEP.
_BEGINS = {LEGACY: re.compile(r"^Step 1/\d+ : ", re.M), BUILDKIT: re.compile(r"^#1 \[", re.M)}
_CACHE_OF_A_BUILD = ("local source for ", "from local", "dockcli-base:")


class Built(NamedTuple):
    """A build: by the *builder* that was wanted, else "" and the *reason*."""

    builder: str
    reason: str = ""


def build(stage: Stage, wanted: str, folder: str, tag: str, run: str) -> Built:
    """Build *folder* as *tag* by the builder *wanted*, with the first docker that has it.

    Asked by doing it: not every docker on PATH has a client for BuildKit. *run* is the command in
    the Dockerfile's RUN; by it the cache of the build is told from others'.
    """
    reasons = []
    for binary in _dockers(stage):
        client = stage.another(binary, {"DOCKER_BUILDKIT": _SWITCH[wanted]})
        with _no_cache_left(stage, client, run):
            call = client.call.image.build(
                folder, tag=tag, build_arg={"BASE": stage.base}, label={TAG: tag}
            )
            completed: Any = call.replace(check=False).run()  # the result itself, not its image
        if completed.returncode:
            reasons.append(f"{binary}: {completed.error_text.strip().splitlines()[0]}")
        elif any(_BEGINS[wanted].search(text) for text in (completed.text, completed.error_text)):
            return Built(wanted)
        else:
            reasons.append(f"{binary} built it by another builder")
    return Built("", "; ".join(reasons))


def _dockers(stage: Stage) -> Iterator[str]:
    """The recipe's own docker, then every other on PATH that reaches the same engine."""
    own = stage.client.binary
    yield own
    if not (engine := _engine(stage.client)):
        return
    path = os.environ.get("PATH", os.defpath)
    seen = {os.path.realpath(find_program(own, path))}
    for folder in path.split(os.pathsep):
        with suppress(BinaryNotFound):
            other = find_program("docker", folder)
            if os.path.realpath(other) not in seen:
                seen.add(os.path.realpath(other))
                if _engine(stage.another(other)) == engine:
                    yield other


def _engine(client: Docker) -> str:
    """The engine's id; "" for podman, which has no engine and no id."""
    return client.raw("info", "--format={{.ID}}", check=False).text.strip()


@contextmanager
def _no_cache_left(stage: Stage, client: Docker, run: str) -> Iterator[None]:
    """Remove from BuildKit's cache what the build inside adds to it; images do not need it.

    No label reaches that cache: what is new in it counts, if it is a base image's or a context's
    (which every build has) or that of *run*.
    """
    if stage.wishes.dry_run:
        yield
        return
    quiet = client.but(runner=None)  # like all that clears up, no step of the recipe
    theirs = _cache(quiet, run)
    try:
        yield
    finally:
        ours: set[str] = set()
        while (left := _cache(quiet, run) - theirs) and left != ours:
            ours = left  # what others are built on can only go after them
            for id in left:
                words = ("prune", "--all", "--force", f"--filter=id={id}")
                quiet.raw("builder", *words, check=False, deadline=60)


def _cache(client: Docker, run: str) -> set[str]:
    """The ids of what a build may have put into BuildKit's cache; empty where there is none."""
    words = ("df", "--verbose", "--format={{json .BuildCache}}")
    try:
        found = json.loads(client.raw("system", *words, check=False, deadline=60).text) or []
    except ValueError:
        return set()
    parts = (*_CACHE_OF_A_BUILD, run)
    return {one["ID"] for one in found if any(part in one["Description"] for part in parts)}
