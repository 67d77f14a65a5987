"""``--script``: a run as a plain shell script that does the same without dockcli.

What docker gave in that run (ids) and what this machine gave (folders) become variables; dockcli's
labels become one of the script's own, by which it removes at its end what it has made.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from dockcli.recipes.result import Result, Step

_LABEL = "--label=dockcli."
_MANY = 12  # lines of an answer that only dockcli reads: an inspect's
_OWN_BASE = re.compile(r"dockcli-base:[0-9a-f]+")

_HEAD = """\
#!/bin/sh
# {titles}
# Made from a run of dockcli's recipe; runs without dockcli. BASE=… names another base image.
set -eu
BASE=${{BASE:-{base}}}
HERE=$(mktemp -d)
MADE="dockcli.script=$$"
clean_up() {{
    for one in $({docker} container ls --all --quiet --filter "label=$MADE"); do
        {docker} container rm --force --volumes "$one"
    done
    for one in $({docker} volume ls --quiet --filter "label=$MADE"); do
        {docker} volume rm "$one"
    done
    for one in $({docker} image ls --quiet --filter "label=$MADE"); do
        {docker} image rm --force "$one"
    done
    rm -rf "$HERE"
}} >/dev/null
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"""


def script(results: Sequence[Result], folders: Sequence[str]) -> str:
    """The script for *results*; *folders* are those that the runs had for a time."""
    first = results[0]
    known: dict[str, str] = {first.engine.base_image.reference: "BASE"}
    known.update(dict.fromkeys(folders, "HERE"))
    docker = next((step.argv[0] for r in results for step in r.steps if step.made), "docker")
    head = _HEAD.format(
        titles="; ".join(f"{result.section}. {result.title}" for result in results),
        base=shlex.quote(first.engine.base_image.reference),
        docker=shlex.quote(docker),
    )
    lines = [line for result in results for step in result.steps for line in _lines(step, known)]
    return "\n".join([head, *lines, ""])


def _lines(step: Step, known: dict[str, str]) -> Iterator[str]:
    if step.document:
        yield f"\n# {step.document}"
    if step.content is not None:
        yield from _file(step, known)
        return
    if step.script is not None:
        yield from _typed(step, known)
        return
    words = [_word(word, known) for word in step.argv if not word.startswith(_LABEL)]
    if len(words) < len(step.argv):  # what is labelled is made in this run
        first = next(i for i, word in enumerate(step.argv) if word.startswith(_LABEL))
        words.insert(first, '--label="$MADE"')
    command = " ".join(words)
    if not step.made:
        much = not step.document and step.stdout.count("\n") > _MANY
        yield command + (" >/dev/null" if much else "") + (" || :" if step.returncode else "")
        return
    name = f"MADE_{sum(value.startswith('MADE_') for value in known.values()) + 1}"
    known[step.made] = name
    if "build" in step.argv[:3]:
        command = command.replace(" build ", " build --quiet ", 1)
    yield f"{name}=$({command})"


def _typed(step: Step, known: dict[str, str]) -> Iterator[str]:
    """What was done on a terminal, without one: keys come in time, for vi reads ahead."""
    if not step.script:
        return
    command = " ".join(_word(word, known) for word in step.script)
    if not step.keys:
        yield command
        return
    keys = " ".join(f"sleep 1; printf {shlex.quote(_octal(key))};" for key in step.keys)
    yield f"{{ {keys} }} | {command} >/dev/null"


def _octal(keys: str) -> str:
    """*keys* as printf takes them."""
    return "".join(f"\\{ord(c):03o}" if c in "\\%" or c < " " else c for c in keys)


def _file(step: Step, known: dict[str, str]) -> Iterator[str]:
    """A file that the recipe writes on this machine."""
    path = _word(step.argv[-1], known)
    yield f'mkdir -p "$(dirname {path})"'
    yield f"printf %s {shlex.quote(step.content or '')} >{path}"


def _word(word: str, known: dict[str, str]) -> str:
    """*word* for the shell, with what is known by a variable as that variable."""
    word = _OWN_BASE.sub(next(iter(known)), word)
    names = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, names)))
    quoted, at = [], 0
    for match in pattern.finditer(word):
        if match.start() > at:
            quoted.append(shlex.quote(word[at : match.start()]))
        quoted.append(f'"${{{known[match[0]]}}}"')
        at = match.end()
    if at < len(word) or not word:
        quoted.append(shlex.quote(word[at:]))
    return "".join(quoted)
