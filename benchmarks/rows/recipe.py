"""The document's first example, beside a shell script with every docker command of the same run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, Way
from benchmarks.stage import Stage
from dockcli.completed import Completed
from dockcli.recipes import isolation
from dockcli.runner import Job, Runner

_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_FOLDER = re.compile(r"/[^\s:=]*/dockcli-[0-9a-f]{8}-[^/\s]+")


class Script:
    """A runner that writes down what runs, as a shell script that does the same again.

    What a command reads from its working folder is kept in *kept* as it was when it ran.
    """

    def __init__(self, runner: Runner, kept: Path) -> None:
        self.lines: list[str] = []
        self._runner, self._kept = runner, kept
        self._folders: dict[str, Path] = {}
        self._lists: dict[tuple[str, ...], str] = {}
        self._ids: dict[str, str] = {}

    def run(self, job: Job) -> Completed:
        """A `Runner`'s method."""
        for folder in _FOLDER.findall(" ".join(job.words)):
            mine = self._folders.setdefault(folder, self._kept / str(len(self._folders)))
            shutil.copytree(folder, mine, dirs_exist_ok=True)
        # docker wants no file to be there that it writes a container's id to
        line = self._line([word for word in job.words if not word.startswith("--cidfile=")])
        done = self._runner.run(job)
        self.lines.append(self._asked(line, job.words, done))
        return done

    def _line(self, words: list[str]) -> str:
        for ids, variable in reversed(self._lists.items()):
            if ids and tuple(words[-len(ids) :]) == ids:
                return f"{self._line(words[: -len(ids)])} ${variable}"
        return " ".join(map(self._word, words))

    def _word(self, word: str) -> str:
        for folder, mine in self._folders.items():
            word = word.replace(folder, str(mine))
        parts, at = [], 0
        for match in _ID.finditer(word):
            if (variable := self._ids.get(match[0])) is not None:
                parts += [shlex.quote(word[at : match.start()]), f'"${variable}"']
                at = match.end()
        rest = word[at:]
        return "".join(
            [*(part for part in parts if part != "''"), shlex.quote(rest) if rest else ""]
        )

    def _asked(self, line: str, words: tuple[str, ...], done: Completed) -> str:
        """*line* with what later lines need of its answer."""
        if done.returncode:
            return f"{line} || :"
        variable = f"a{len(self.lines)}"
        if file := next((word for word in words if word.startswith("--iidfile=")), None):
            path = file.partition("=")[2]
            self._ids[Path(path).read_text().strip()] = variable
            return f"{line}\nread -r {variable} <{self._word(path)} || :"
        ids = tuple(done.stdout.decode("utf-8", "replace").split())
        if not ids or not all(map(_ID.fullmatch, ids)) or "rm" in words:
            return line
        self._lists[ids] = variable
        if len(ids) == 1:
            self._ids.setdefault(ids[0], variable)
        return f"{variable}=$({line})"


def rows(stage: Stage) -> Iterator[Row]:
    docker = stage.docker

    def ours() -> None:
        found = isolation.run(docker, prefix=stage.name("own"), base=stage.base)
        assert all(claim.holds for claim in found.claims)

    ours()  # what only the first run does, such as making the base image, is none of the script's
    script = Script(docker.runner, stage.folder / "kept")
    isolation.run(docker.but(runner=script), prefix=stage.name("script"), base=stage.base)
    path = stage.folder / "isolation.sh"
    path.write_text("\n".join(script.lines) + "\n", encoding="utf-8")

    def theirs() -> None:
        subprocess.run(
            ["sh", "-e", str(path)],
            env=stage.environment,
            stdin=subprocess.DEVNULL,
            check=True,
            capture_output=True,
        )

    theirs()
    yield Row(
        "isolation",
        "`isolation` from start to verdict",
        [Way("dockcli", ours), Way("shell script", theirs)],
        base=("shell script",),
        target=1.1,
        goal="≤ 1.1 × a shell script with every docker command of the run, claims and clean-up too",
        rounds=5,
        facts={"commands": len(script.lines)},
        note=f"The script is written from a run of the recipe: its {len(script.lines)} commands in "
        "their order, with the ids of its own objects. What is a program's own work (the digests "
        "of four exports) only dockcli does.",
    )
