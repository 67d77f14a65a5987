"""Reads what BuildKit prints with ``--progress=plain``.

::

    #7 [two 2/3] RUN make
    #7 0.355 what make writes, with its seconds
    #7 ...                          another vertex has the word
    #4 sha256:35b9… 2.10MB / 31.47MB 0.6s
    #7 DONE 12.4s

All sizes are rounded.
"""

from __future__ import annotations

import re

from dockcli.models.human import size
from dockcli.models.progress import Progress
from dockcli.progress.steps import Step
from dockcli.progress.text import Lines, pieces

_LINE = re.compile(r"#(\d{1,9}) (.*)")
_OUTPUT = re.compile(r"\d+\.\d*(?:e[+-]\d+)?(?: (.*))?")
_END = re.compile(r"(DONE|CACHED|CANCELED)(?: \d+\.\d+s)?|(ERROR): (.*)")
_SECONDS = re.compile(r"\d+\.\d+s")
_SIZE = re.compile(r"\d+(?:\.\d+)?[kKMGTPE]?i?B")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MAKES = re.compile(r"(?:writing image|exporting manifest(?: list)?) (sha256:[0-9a-f]{64})")


class BuildKit:
    """One build; give it docker's stderr, or both streams."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._steps: dict[str, Step] = {}
        self._names: dict[str, str] = {}
        self._named = True  # a vertex that has the word is named first
        self._digest = False  # the old client prints its digest after the name
        self._images: dict[str, str] = {}

    def feed(self, data: bytes) -> list[Progress]:
        """What *data* tells."""
        return [one for line in self._lines.feed(data) for one in self._line(line)]

    def close(self) -> list[Progress]:
        """What is left at the end."""
        return [one for line in self._lines.close() for one in self._line(line)]

    def _line(self, line: str) -> list[Progress]:
        line = line.removesuffix("\r")
        if not line:
            self._named = True
            return []
        match = _LINE.fullmatch(line)
        if match is None:
            return [Progress("build", text=one, raw=line) for one in pieces(line)]
        id, said = match.groups()
        if id == "0":  # what buildx says of itself
            return [Progress("build", text=said, raw=line)]
        if self._named or id not in self._steps:
            self._named = False
            if self._names.setdefault(id, said) == said:
                return self._name(id, said, line)
        digest, self._digest = self._digest, False
        if said == "..." or (digest and _DIGEST.fullmatch(said)):
            return []
        return self._said(self._steps[id], said, line)

    def _name(self, id: str, name: str, line: str) -> list[Progress]:
        self._digest = True
        if id in self._steps:
            return []
        self._steps[id] = step = Step.named(id, name)
        return [step.tell("STARTED", line)]

    def _said(self, step: Step, said: str, line: str) -> list[Progress]:
        output = _OUTPUT.fullmatch(said)
        if output:
            # An old client does not end the last line of what a program wrote before its own.
            text, mark, end = (output[1] or "").rpartition(f"#{step.id} ")
            ended = self._end(step, end, line) if mark else []
            return [*self._written(step, text if ended else output[1] or "", line), *ended]
        return self._end(step, said, line) or [self._status(step, said, line)]

    def _written(self, step: Step, text: str, line: str) -> list[Progress]:
        return [step.tell(raw=line, text=one) for one in pieces(text)]

    def _end(self, step: Step, said: str, line: str) -> list[Progress]:
        match = _END.fullmatch(said)
        if match is None:
            return []
        image = self._images.pop(step.id, "")
        return [
            step.tell(
                match[1] or match[2],
                line,
                done=True,
                cached=match[1] == "CACHED",
                error=match[3] or "",
                image=image,
            )
        ]

    def _status(self, step: Step, said: str, line: str) -> Progress:
        """``extracting sha256:… 1.05MB / 31.47MB 0.2s done``, each of its ends may be missing."""
        if said.startswith("WARN: "):
            return step.tell("WARN", line, text=said[6:])
        words = said.split(" ")
        done = words[-1] == "done"
        if done:
            words.pop()
        if words and _SECONDS.fullmatch(words[-1]):
            words.pop()
        total = current = None
        if len(words) > 2 and words[-2] == "/" and _SIZE.fullmatch(words[-1]):
            total = size(words.pop())
            words.pop()
        if words and _SIZE.fullmatch(words[-1]):
            current = size(words.pop())
        makes = _MAKES.fullmatch(" ".join(words))
        if makes:
            self._images[step.id] = makes[1]
        part = words.pop() if words and _DIGEST.fullmatch(words[-1]) else ""
        status = " ".join(words).removesuffix(":")
        return step.tell(
            status,
            line,
            current=current,
            total=total,
            approximate=current is not None,
            done=done,
            part=part or status,
            image=makes[1] if makes else "",
        )
