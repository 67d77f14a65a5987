"""The negative control: on containers that do share their folder, or where something did change,
the recipe's own claims come out false. A claim that cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.completed import Completed
from dockcli.recipes import isolation
from dockcli.recipes.isolation import Isolation
from dockcli.recipes.stage import Stage, Wishes
from dockcli.runner import Job, Runner


@pytest.fixture
def shared(cli: Docker, unique: Callable[[str], str]) -> Iterator[str]:
    """A volume for both containers' ``/home``."""
    volume = cli.volume.create(unique("shared"))
    yield volume.name
    volume.rm()


def played(stage: Stage, **control: Any) -> Isolation:
    with stage:
        return isolation.play(stage, **control)


def verdicts(result: Isolation) -> dict[str, bool | None]:
    return {claim.id: claim.holds for claim in result.claims}


def test_claims_on_a_shared_folder_do_not_hold(cli: Docker, cli_base: str, shared: str) -> None:
    result = played(Stage(isolation.RECIPE, cli, Wishes()), share=shared)
    assert not result.ok
    false = {claim for claim, holds in verdicts(result).items() if holds is False}
    # Two that share all of it still begin alike; the next control is for that one.
    assert false == set(verdicts(result)) - {"equal-at-first"}


When = Callable[[Job], bool]
Meddle = Callable[[Job], None]


class Meddler:
    """A runner that does something behind the recipe's back, after the call that *when* means."""

    def __init__(self, runner: Runner, when: When, meddle: Meddle) -> None:
        self._runner, self._when, self._meddle = runner, when, meddle

    def run(self, job: Job) -> Completed:
        completed = self._runner.run(job)
        if self._when(job):
            self._when = lambda _: False
            self._meddle(job)
        return completed


def nth(count: int, *words: str) -> When:
    """The *count*-th call of ``docker`` *words*."""
    seen = 0

    def when(job: Job) -> bool:
        nonlocal seen
        seen += job.argv[1 : len(words) + 1] == words
        return seen == count

    return when


def meddled(
    client: Docker, when: Callable[[Job], bool], meddle: Callable[[Job], None]
) -> Isolation:
    return played(
        Stage(isolation.RECIPE, client.but(runner=Meddler(client.runner, when, meddle)), Wishes())
    )


def test_two_fresh_containers_of_which_one_was_changed_are_not_equal(
    docker: Docker, base: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark.write_text("changed")

    def change(job: Job) -> None:
        newest = docker.raw("container", "ls", "-aq", "--latest").text.strip()
        docker.container.cp(mark, f"{newest}:/home/random.sh")

    # The own base image is the first that is created, then the two fresh ones.
    result = meddled(docker, nth(2, "container", "create"), change)
    assert verdicts(result)["equal-at-first"] is False
    assert not result.ok


def test_an_image_whose_layer_was_written_to_is_not_unchanged(docker: Docker, base: str) -> None:
    """Nothing that docker has changes an image; its disk does."""

    def write(job: Job) -> None:
        layers = docker.image.inspect("random").raw["GraphDriver"]["Data"]
        found = [Path(one, "home/random.sh") for one in layers["UpperDir"].split(":")]
        with found[0].open("a") as file:
            file.write("# more\n")

    result = meddled(docker, nth(1, "container", "diff"), write)
    false = {claim for claim, holds in verdicts(result).items() if holds is False}
    assert false == {"image-unchanged"}


def test_a_container_that_another_one_changes_is_not_unchanged(
    docker: Docker, base: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark.write_text("changed\n")
    result = meddled(
        docker,
        lambda job: job.argv[-1] == "random1:/home/number.txt",
        lambda job: docker.container.cp(mark, "random2:/home/number.txt"),
    )
    false = {claim for claim, holds in verdicts(result).items() if holds is False}
    assert false == {"others-unchanged"}
