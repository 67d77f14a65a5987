"""The mutations fit the code as it is: each can be made, and the tests that must notice exist."""

from __future__ import annotations

import pytest

from tests.mutations import ROOT, Mutation, load

ALL = load()


@pytest.mark.parametrize("mutation", ALL, ids=lambda one: f"{one.promise} {one.why}")
def test_a_mutation_can_be_made(mutation: Mutation) -> None:
    broken = mutation.applied()
    assert broken != (ROOT / mutation.file).read_text(encoding="utf-8")
    compile(broken, mutation.file, "exec")
    assert mutation.why


@pytest.mark.parametrize("mutation", ALL, ids=lambda one: f"{one.promise} {one.why}")
def test_the_tests_that_have_to_notice_exist(mutation: Mutation) -> None:
    assert mutation.ids
    for one in mutation.ids:
        path, _, name = one.partition("::")
        assert path.startswith("tests/engine/") == mutation.engine
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {name.partition('[')[0]}(" in text if name else True


def test_no_two_mutations_are_the_same() -> None:
    assert len({(one.file, one.find, one.replace) for one in ALL}) == len(ALL)
