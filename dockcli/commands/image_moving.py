"""``docker image``: the verbs that make and move images, and tell how far they are.

With ``on_progress=`` each is given a `Progress` whenever there is something new to tell; with
``stream=True`` the answer is a `Stream` of them, whose ``answer()`` is the verb's own.
"""

from __future__ import annotations

import os
import re

from dockcli import argv
from dockcli.call import QUOTING, Call, IdFile
from dockcli.commands.answers import identifier, itself, lines
from dockcli.commands.group import Group, at_least_one
from dockcli.commands.live import counted, is_watched, to_output, told
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.objects import Image
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dockcli.bytestream import ByteStream
    from dockcli.models.image import Push
    from dockcli.models.progress import Progress
    from dockcli.spec.values import ImageRef, Word
    from dockcli.stream import Stream

_LOADED = r"Loaded image(?: ID)?: (\S+)"


def build(self: Group[Any], context: Word, **options: Any) -> Call[Image] | Call[Stream[Progress]]:
    """Build an image from a Dockerfile; the image.

    *context* is a folder, a URL, or ``-`` with the Dockerfile or a tar archive in ``stdin=``.
    ``on_progress=`` and ``stream=True`` tell of its steps and what they write. Raises DockerFailed
    with the builder's output when a step fails. Source: ``docker image build``,
    https://docs.docker.com/reference/cli/docker/buildx/build/
    """
    _refuse_quiet(options)
    call: Call[Image] = self._call(
        "build",
        options,
        [argv.operand(context)],
        parse=lambda completed: Image(identifier(completed), self.client, names),
        labelled=True,
        speaker=QUOTING,
    )
    names: list[str] = argv.values(call.argv, "tag")
    if options.get("quiet"):
        return call  # the id is all that docker prints

    def image(completed: Completed, written: str) -> Image:
        # Each builder prints the id in a way of its own; both write it to a file when asked.
        if not (written or names):
            raise UnreadableOutput(completed, "docker wrote no image id")
        return Image(written or names[-1], self.client, names)

    id_file = IdFile("iidfile", argv.given(options, "iidfile"))
    return told(call.replace(id_file=id_file, parse=image), "build")


def pull(self: Group[Any], image: ImageRef, **options: Any) -> Call[Image] | Call[Stream[Progress]]:
    """Fetch an image from its registry; the image, by the name that was asked for.

    ``on_progress=`` and ``stream=True`` tell of its layers, in bytes that docker has rounded. Its
    digest is among ``image.inspect().digests``. ``all_tags=True`` wants the name without a tag, and
    ``image.ls(name)`` lists them all. Raises NoSuchImage, DockerFailed for a registry that is not
    reached. Source: ``docker image pull``,
    https://docs.docker.com/reference/cli/docker/image/pull/
    """
    _refuse_quiet(options)
    name = argv.image(image)
    call: Call[Image] = self._call(
        "pull", options, [name], parse=lambda completed: Image(name, self.client, [name])
    )
    return told(call, "pull", terminal=True)


def push(self: Group[Any], image: ImageRef, **options: Any) -> Call[Push] | Call[Stream[Progress]]:
    """Send an image to its registry; the digest that it has there, and its manifest's bytes.

    ``on_progress=`` and ``stream=True`` tell of its layers, in bytes that docker has rounded.
    Raises NoSuchImage, DockerFailed for a registry that is not reached, or refuses. Source:
    ``docker image push``, https://docs.docker.com/reference/cli/docker/image/push/
    """
    _refuse_quiet(options)
    call: Call[Push] = self._call("push", options, [argv.image(image)], parse=_pushed)
    return told(call, "push", terminal=True)


def save(
    self: Group[Any], *images: ImageRef, **options: Any
) -> Call[Completed] | Call[ByteStream] | Call[Stream[Progress]]:
    """One or more images as a tar archive for `load`: in ``stdout``, or the file ``output=``.

    With ``stream=True`` it is a `ByteStream` to read the archive from, and with ``output=`` a
    `Stream` of how far that is; ``on_progress=`` is told the same, in exact bytes. Of an image that
    is named by its id the archive holds no names. Raises NoSuchImage. Source:
    ``docker image save``, https://docs.docker.com/reference/cli/docker/image/save/
    """
    names = at_least_one("image", map(argv.image, images))

    def call(given: Mapping[str, Any]) -> Call[Completed]:
        return self._call("save", given, names, parse=itself)

    if str(options.get("format") or "").endswith("-dir") and is_watched(options):
        raise InvalidArgument("a folder is not counted: give another format=, or no on_progress=")
    return to_output(call, options, "save", self.client)


def load(self: Group[Any], **options: Any) -> Call[list[Image]] | Call[Stream[Progress]]:
    """Take over the images of an archive that `save` wrote: the file ``input=``, or ``stdin=``.

    The answer is the images, by name, or by id where the archive has none. A name that another
    image has moves to the new one. ``on_progress=`` and ``stream=True`` tell how much of the
    archive docker has read, in exact bytes. Raises DockerFailed for what is no such archive.
    Source: ``docker image load``, https://docs.docker.com/reference/cli/docker/image/load/
    """
    given, what = dict(options), "stdin"
    _refuse_quiet(given)
    if given.get("input") is not None and is_watched(given):
        path = os.path.join(self.client.cwd or "", argv.text(given["input"], "input="))
        if os.path.isfile(path) and os.access(path, os.R_OK):
            # docker is given the same file by its descriptor: how far it has read that can be seen
            if given.get("stdin") is not None:
                raise InvalidArgument("input= and stdin= each are the archive: give one of them")
            from pathlib import Path

            given.update(input=None, stdin=Path(path))
        else:
            what = "rchar"  # docker says itself what is wrong with it

    def images(completed: Completed) -> list[Image]:
        return [Image(name, self.client) for name in _loaded(completed)]

    call: Call[list[Image]] = self._call("load", given, parse=images)
    return counted(call, "load", what) if is_watched(given) else call


def _refuse_quiet(options: Mapping[str, Any]) -> None:
    """Refuse a call that is to be quiet, and to tell how far it is."""
    if options.get("quiet") and is_watched(options):
        raise InvalidArgument("quiet=True tells no progress: give one of the two")


def _pushed(completed: Completed) -> Push:
    from dockcli.models.image import Push

    if b"\x1b" not in completed.stdout:
        return Push.parse(completed.text)
    from dockcli.progress.text import Pieces

    pieces = Pieces()  # on a terminal docker goes to a line to write it
    return Push.parse("\n".join([*pieces.feed(completed.stdout), *pieces.close()]))


def _loaded(completed: Completed) -> list[str]:
    """``Loaded image: shop:1`` or ``Loaded image ID: sha256:…`` a line."""
    said = lines(completed)
    found = [match[1] for match in (re.fullmatch(_LOADED, line) for line in said) if match]
    if said and not found:
        raise UnreadableOutput(completed, "no image loaded")
    return found
