"""What a recipe gives back: its steps, its claims, and the JSON that they print as."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dockcli.engine.base import BaseImage

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A command that ran, and what it said; ``document`` is the document's own line for it.

    ``made`` is the id of what it made, if anything. A step with ``content`` is no command but a
    file that the recipe wrote; its path is the last word of ``argv``.

    A line typed into a shell on a terminal has for its ``script`` the command that does the same
    from outside, and the ``keys`` for it, with a pause before each; the terminal itself has none.
    """

    argv: tuple[str, ...]
    returncode: int | None
    stdout: str
    stderr: str
    seconds: float | None
    document: str | None = None
    made: str = ""
    content: str | None = None
    script: tuple[str, ...] | None = None
    keys: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints for it."""
        return {
            "argv": list(self.argv),
            "returncode": self.returncode,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "seconds": self.seconds,
            "document": self.document,
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, and whether it was seen to hold; None is "not shown here", with the reason as
    evidence. ``document_says`` is the document's own sentence."""

    id: str
    text: str
    document_says: str
    holds: bool | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Engine:
    """Which docker it was: the versions of both sides, and the image that stood for `alpine`."""

    client: str
    server: str
    base_image: BaseImage


@dataclass(frozen=True, slots=True)
class Result:
    """A recipe that has run."""

    recipe: str
    title: str
    section: str
    engine: Engine
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]

    @property
    def ok(self) -> bool:
        """Whether no claim was seen not to hold. (A step that fails ends the run.)"""
        return bool(self.claims) and all(claim.holds is not False for claim in self.claims)


def as_json(result: Result, *, ok: bool | None = None) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    return {
        "schema": SCHEMA,
        "recipe": result.recipe,
        "title": result.title,
        "section": result.section,
        "ok": result.ok if ok is None else ok,
        "engine": asdict(result.engine),
        "steps": [step.as_json() for step in result.steps if step.content is None],
        "claims": [asdict(claim) for claim in result.claims],
    }
