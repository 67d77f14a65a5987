"""A shell in a container, on a terminal, as a person has it: lines are typed, vi is used."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dockcli.errors import CallError
from dockcli.terminal import ENTER, ESCAPE

if TYPE_CHECKING:
    from dockcli.recipes.stage import Stage
    from dockcli.terminal import Terminal

_ROWS = 8  # a small window: what vi shows in it is for a transcript
_CONTROL = r"(?:\x1b\[[0-9;?]*[A-Za-z])*"
_PROMPT = rf"[#$] {_CONTROL}\Z"
_NEXT_PROMPT = rf"\n((?:.|\n)*?)[^\n]*{_PROMPT}"  # after the line's own echo, and what it said


class Shell:
    """A shell that has been entered. Each line typed is a step; in a rehearsal nobody answers."""

    def __init__(self, stage: Stage, container: str, terminal: Terminal | None) -> None:
        self._stage, self._container, self._terminal = stage, container, terminal
        self._folder = ""  # how to get to where it is, for --script

    def cd(self, document: str | None, folder: str) -> None:
        """Go to *folder*. Raises CallError when the shell complains."""
        begun, line = time.monotonic(), f"cd {folder}"
        said = self.line(line)
        self._folder += f"{line} && "
        self._stage.transcript.typed(document, line, said, time.monotonic() - begun, script=())
        if said and self._terminal:
            raise CallError(self._terminal.completed(), said.strip())

    def vi(self, document: str | None, path: str) -> Vi:
        """Open a file in vi."""
        if self._terminal:
            self._terminal.send(f"vi {path}{ENTER}")
        script = self._stage.docker.container.exec(
            self._container, "/bin/sh", "-c", f"{self._folder}vi {path}", interactive=True
        )
        return Vi(self._stage, self._terminal, document, path, script.argv)

    def leave(self) -> None:
        """Type exit, and see the shell end."""
        if self._terminal:
            self._terminal.send(f"exit{ENTER}")
            self._terminal.wait()

    def line(self, line: str) -> str:
        """Type *line*, which is no step; what it has said when the next prompt comes."""
        if self._terminal is None:
            return ""
        self._terminal.send(line + ENTER)
        return self._terminal.expect(_NEXT_PROMPT)[1].replace("\r\n", "\n")


class Vi:
    """An open vi. ``shown`` is what it has on the screen."""

    def __init__(
        self,
        stage: Stage,
        terminal: Terminal | None,
        document: str | None,
        path: str,
        script: tuple[str, ...],
    ) -> None:
        self._stage, self._terminal = stage, terminal
        self._document, self._line, self._script = document, f"vi {path}", script
        self._keys: list[str] = []
        self._name = re.escape(path.rpartition("/")[2])
        self._begun = time.monotonic()
        if terminal:
            opened = terminal.see(rf"^- .*{self._name}|not found$")[0]
            if opened.endswith("not found"):
                raise CallError(terminal.completed(), "the image has no vi: choose another base")
        self.shown = terminal.screen if terminal else ""

    def write(self, text: str) -> None:
        """Type i, then *text*, then Escape."""
        self._keys.append(f"i{text}{ESCAPE}")
        if self._terminal:
            # vi takes what follows Escape at once for the rest of a function key: wait for each.
            self._terminal.send("i")
            self._terminal.see(rf"^I .*{self._name}")
            self._terminal.send(text)
            self._terminal.see(re.escape(text))
            self._terminal.send(ESCAPE)
            self._terminal.see(rf"^- .*{self._name}")
            self.shown = self._terminal.screen

    def save(self) -> None:
        """Type :wq."""
        self._leave(":wq")

    def quit(self) -> None:
        """Type :q."""
        self._leave(":q")

    def _leave(self, command: str) -> None:
        keys = command + ENTER
        if self._terminal:
            self._terminal.send(keys)
            self._terminal.expect(_PROMPT)
        self._stage.transcript.typed(
            self._document,
            self._line,
            self.shown,
            time.monotonic() - self._begun,
            script=self._script,
            keys=(*self._keys, keys),
        )


@contextmanager
def shell(stage: Stage, document: str, container: str) -> Iterator[Shell]:
    """Enter a container as the document's line *document* does, and leave it at the end."""
    call = stage.docker.container.exec(container, "/bin/sh", interactive=True, tty=True)
    with stage.transcript.terminal(document, call, rows=_ROWS) as terminal:
        if terminal:
            terminal.expect(_PROMPT)
        inside = Shell(stage, container, terminal)
        yield inside
        inside.leave()
