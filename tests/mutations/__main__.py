"""Replays the mutations: ``python -m tests.mutations [p05 ...] [--no-engine] [--write FILE]``.

Breaks one thing at a time in a copy of the tree, never in the tree itself, and runs the tests that
have to notice. Fails when one of them stays green, or a text that is to be broken is gone.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from tests.mutations import ROOT, Mutation, NoLongerApplies, load

NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "dist", "build")
# What says that a mutation is itself no Python, or breaks what every test needs: nobody noticed.
UNFAIR = re.compile(
    r"(\w+\.)?(ImportError|ModuleNotFoundError|NameError|SyntaxError|IndentationError)"
)
NOTICED, SURVIVED, BROKEN, SKIPPED = "noticed", "SURVIVED", "NO MUTATION", "not run"


@dataclass(frozen=True)
class Outcome:
    """What came of one mutation: how it ended, and the test that noticed, or what went wrong."""

    mutation: Mutation
    verdict: str
    by: str = ""


class Copy:
    """A copy of the tree, in which things may be broken."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self._temporary = folder / "t"
        self._report = folder / "report.xml"
        shutil.copytree(ROOT, self.tree, ignore=NOT_COPIED, symlinks=True)

    def outcome(self, mutation: Mutation) -> Outcome:
        """Break it, run its tests, mend it."""
        path = self.tree / mutation.file
        try:
            broken = mutation.applied(self.tree)
            compile(broken, mutation.file, "exec")
        except (NoLongerApplies, SyntaxError) as error:
            return Outcome(mutation, BROKEN, str(error))
        whole = path.read_text(encoding="utf-8")
        path.write_text(broken, encoding="utf-8")
        try:
            return self._judged(mutation)
        finally:
            path.write_text(whole, encoding="utf-8")

    def _judged(self, mutation: Mutation) -> Outcome:
        noticed = []
        for one in mutation.ids:
            code, said = self.pytest([one, *mutation.options, "-x"], engine=mutation.engine)
            red, unfair = self._red()
            if code == 0:
                return Outcome(mutation, SURVIVED, f"{one} stays green")
            if code != 1 or unfair or not red:
                last = unfair or (said.strip().splitlines() or ["pytest said nothing"])[-1]
                return Outcome(mutation, BROKEN, f"{one}: exit code {code}: {last}")
            noticed.append(f"{one.partition('[')[0]}")
        return Outcome(mutation, NOTICED, ", ".join(noticed))

    def pytest(self, arguments: list[str], *, engine: bool = False) -> tuple[int, str]:
        """pytest's exit code on the copy, and what it said."""
        self._report.unlink(missing_ok=True)
        self._temporary.mkdir(exist_ok=True)
        limit = 300 if engine else 60
        options = ["-q", "--tb=short", "-p", "no:cacheprovider", f"--timeout={limit}"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"--junitxml={self._report}", *arguments],
            cwd=self.tree,
            env={**os.environ, **self._environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        shutil.rmtree(self._temporary, ignore_errors=True)
        return done.returncode, done.stdout

    def _environment(self) -> dict[str, str]:
        """Its own tree first; no bytecode, which may be that of the file before it was broken."""
        own = {"PYTHONPATH": str(self.tree), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**own, "TMPDIR": str(self._temporary)}

    def _red(self) -> tuple[bool, str]:
        """Whether a test failed, or found at its end what was left; what makes that unfair."""
        if not self._report.exists():
            return False, ""
        red = False
        for found in ET.parse(self._report).iter():
            if found.tag in ("failure", "error"):
                message = found.get("message", "")
                if UNFAIR.match(message.removeprefix("failed on setup with ").strip('"')):
                    return False, message
                red = red or found.tag == "failure" or message.startswith("failed on teardown")
        return red, ""


def green_before(copy: Copy, mutations: list[Mutation]) -> bool:
    """Whether all their tests pass as things are: else a red one says nothing."""
    for options in sorted({tuple(one.options) for one in mutations}):
        own = [one for one in mutations if tuple(one.options) == options]
        ids = sorted({test for one in own for test in one.ids})
        code, said = copy.pytest([*ids, *options, "--reruns=4"], engine=True)
        if code:
            print(said)
            return False
    return True


def replay(mutations: list[Mutation], *, engine: bool) -> list[Outcome]:
    """What comes of each, one after the other."""
    wanted = [one for one in mutations if engine or not one.engine]
    outcomes = [Outcome(one, SKIPPED, "needs an engine") for one in mutations if one not in wanted]
    with tempfile.TemporaryDirectory(prefix="mut-", ignore_cleanup_errors=True) as folder:
        copy = Copy(Path(folder))
        if not green_before(copy, wanted):
            raise SystemExit("mutations: their tests fail already, with nothing broken")
        for one in wanted:
            outcomes.append(copy.outcome(one))
            print(line(outcomes[-1]), flush=True)
    return sorted(outcomes, key=lambda outcome: mutations.index(outcome.mutation))


def line(outcome: Outcome) -> str:
    """One outcome, for a person who waits."""
    one = outcome.mutation
    return f"{one.promise.upper()}  {outcome.verdict:<11}  {one.why}  [{outcome.by}]"


def table(outcomes: list[Outcome], before: str = "") -> str:
    """All mutations, as a page in Markdown; one that did not run has its row of *before*."""
    ran = {one.mutation: row(one) for one in outcomes if one.verdict != SKIPPED}
    rows = [ran.get(one) or _row_of(before, one) or row(Outcome(one, SKIPPED)) for one in load()]
    noticed = sum("**" not in one for one in rows)
    return "\n".join(
        [
            "# What was broken, and which test noticed",
            "",
            "Made by `make mutations` (`python -m tests.mutations --write docs/mutations.md`): it",
            "breaks one thing at a time in a copy of the tree, and runs the tests that have to",
            "notice. The list is in [`tests/mutations/`](../tests/mutations/); the promises are",
            "those of [SECURITY.md](../SECURITY.md).",
            "",
            f"Python {platform.python_version()}: {len(rows)} broken, {noticed} noticed.",
            "",
            "| promise | what was broken | where | which test noticed |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def row(outcome: Outcome) -> str:
    """The row of one."""
    by = "<br>".join(f"`{one.rpartition('::')[2] or one}`" for one in outcome.by.split(", "))
    told = by if outcome.verdict == NOTICED else f"**{outcome.verdict}**"
    return f"{_start(outcome.mutation)} {told} |"


def _start(one: Mutation) -> str:
    return f"| P{int(one.promise[1:])} | {one.why} | `{one.file}` |"


def _row_of(before: str, mutation: Mutation) -> str:
    """Its row in a page that was made before."""
    start = _start(mutation)
    return next((line for line in before.splitlines() if line.startswith(start)), "")


def main() -> int:
    """Replay what was asked for; 1 when something was not noticed."""
    about = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    about.add_argument("promises", nargs="*", metavar="p05", help="only those of these promises")
    about.add_argument("--no-engine", action="store_true", help="leave out what needs an engine")
    about.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="write the table into FILE; other rows stay",
    )
    asked = about.parse_args()
    outcomes = replay(load(*asked.promises), engine=not asked.no_engine)
    if asked.write:
        before = asked.write.read_text(encoding="utf-8") if asked.write.exists() else ""
        asked.write.write_text(table(outcomes, before), encoding="utf-8")
    counted = {one.verdict: 0 for one in outcomes}
    for one in outcomes:
        counted[one.verdict] += 1
    print("mutations:", ", ".join(f"{number} {verdict}" for verdict, number in counted.items()))
    return int(bool(counted.keys() & {SURVIVED, BROKEN}))


if __name__ == "__main__":
    sys.exit(main())
