"""Each sentence of the document has claims that prove it, and each claim has a sentence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dockcli import Docker
from dockcli.recipes.catalogue import NAMES, recipe
from dockcli.recipes.result import Claim
from dockcli.recipes.stage import Stage, Wishes
from tests.cookbook import DOCUMENT, PAGES, blocks, page, sentences

TABLE: list[dict[str, Any]] = json.loads((PAGES / "statements.json").read_text(encoding="utf-8"))
BEYOND: dict[str, str] = json.loads((PAGES / "beyond.json").read_text(encoding="utf-8"))
"""Claims that go beyond the document's sentences, each with its reason."""
MARKERS = {"과정"}
"""List items that are no sentences."""


def plain(text: str) -> str:
    return " ".join(text.split())


def claims_of(name: str) -> list[Claim]:
    """The claims of a recipe, by a rehearsal: nothing is run."""
    stage = Stage(recipe(name), Docker(), Wishes(dry_run=True))
    with stage:
        recipe(name).play(stage)
    return stage.transcript.claims


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return {f"{name}.{claim.id}": claim for name in NAMES for claim in claims_of(name)}


def test_the_table_has_every_sentence_in_order_and_no_other() -> None:
    assert [(one["section"], one["sentence"]) for one in TABLE] == sentences()


def test_all_of_the_prose_is_sentences() -> None:
    prose = DOCUMENT
    for block in blocks(DOCUMENT):
        prose = prose.replace(f"```{block.kind}\n{block.text}```", "")
    left = plain(" ".join(re.sub(r"(?m)^(#.*|<br>)$|^ *(-|\d\.) ", "", prose).split()))
    for _, sentence in sentences():
        assert sentence in left
        left = left.replace(sentence, "", 1)
    assert set(left.split()) == MARKERS


def test_each_sentence_has_claims_that_are_there(claims: dict[str, Claim]) -> None:
    for one in TABLE:
        assert one["claims"], one["sentence"]
        assert len(set(one["claims"])) == len(one["claims"])
        assert set(one["claims"]) <= claims.keys(), one["sentence"]
        assert one.keys() <= {"section", "sentence", "claims", "note"}
        assert one.get("note", "One sentence.").count(".") == 1, one.get("note")


def test_each_claim_has_a_sentence_or_a_reason_to_have_none(claims: dict[str, Claim]) -> None:
    named = {claim for one in TABLE for claim in one["claims"]}
    assert claims.keys() - named == BEYOND.keys()
    assert all(BEYOND.values())


def test_what_the_document_says_is_in_the_document(claims: dict[str, Claim]) -> None:
    document = plain(DOCUMENT)
    assert [id for id, claim in claims.items() if plain(claim.document_says) not in document] == []
    assert [id for id, claim in claims.items() if not claim.document_says] == []


def test_a_rehearsal_holds_nothing(claims: dict[str, Claim]) -> None:
    assert {claim.holds for claim in claims.values()} == {None}


def test_a_claim_s_id_is_its_own() -> None:
    for name in NAMES:
        ids = [claim.id for claim in claims_of(name)]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one["claims"][0])
def test_a_sentence_is_quoted_on_a_page_of_a_recipe_that_proves_it(one: dict[str, Any]) -> None:
    pages = {claim.partition(".")[0] for claim in one["claims"]}
    assert [name for name in pages if one["sentence"] in page(name)]
