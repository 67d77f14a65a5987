"""``python -m dockcli.recipes``: the list, some of them, all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from dockcli import Docker
from dockcli.recipes.catalogue import NAMES

Shell = Callable[..., subprocess.CompletedProcess[bytes]]
RECIPES = (sys.executable, "-m", "dockcli.recipes")


def test_the_list_names_every_recipe(docker: Docker, shell: Shell) -> None:
    done = shell(*RECIPES)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == list(NAMES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("isolaton",), "isolation"),
        (("--json",), "--json goes with --all"),
        (("--nope",), "--nope"),
        (("--all", "--script", "--json"), "--script"),
    ],
)
def test_what_is_not_understood_is_refused(
    docker: Docker, shell: Shell, words: tuple[str, ...], said: str
) -> None:
    done = shell(*RECIPES, *words)
    assert done.returncode == 2
    assert done.stdout == b""
    assert said in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


def test_all_of_them_give_one_object(docker: Docker, base: str, shell: Shell) -> None:
    done = shell(*RECIPES, "--all", "--json", "--prefix", "all", timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert answer.keys() == {"schema", "ok", "recipes"}
    assert (answer["schema"], answer["ok"]) == (1, True)
    assert [one["recipe"] for one in answer["recipes"]] == list(NAMES)
    unseen = [
        claim["id"]
        for one in answer["recipes"]
        for claim in one["claims"]
        if claim["holds"] is not True
    ]
    assert unseen == ["distributed-bind"]  # there is no share


def test_some_of_them_are_summed_up(docker: Docker, base: str, shell: Shell) -> None:
    done = shell(*RECIPES, "isolation", "volume_lifecycle", "--prefix", "some")
    assert done.returncode == 0, done.stderr.decode()
    last = done.stdout.decode().splitlines()[-2:]
    assert last == ["isolation: 5 of 5 claims hold", "volume_lifecycle: 8 of 8 claims hold"]
