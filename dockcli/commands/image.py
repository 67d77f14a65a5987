"""``docker image``: build, ls, inspect, rm, tag, pull, import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, overload

from dockcli import argv
from dockcli.call import QUOTING, Call, IdFile
from dockcli.commands.answers import identifier, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput
from dockcli.objects import Image

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.image import ImageInspect, ImageRemoval
    from dockcli.spec.options import (
        ImageBuildOptions,
        ImageImportOptions,
        ImageInspectOptions,
        ImageLsOptions,
        ImagePullOptions,
        ImageRmOptions,
        ImageTagOptions,
    )
    from dockcli.spec.values import Ref, Word


class Inspect(Protocol):
    """One name gives one model, several give a list."""

    @overload
    def __call__(self, image: Ref, /, **options: Unpack[ImageInspectOptions]) -> ImageInspect: ...
    @overload
    def __call__(
        self, image: Ref, second: Ref, /, *more: Ref, **options: Unpack[ImageInspectOptions]
    ) -> list[ImageInspect]: ...


class InspectCall(Protocol):
    """The same, not run yet."""

    @overload
    def __call__(
        self, image: Ref, /, **options: Unpack[ImageInspectOptions]
    ) -> Call[ImageInspect]: ...
    @overload
    def __call__(
        self, image: Ref, second: Ref, /, *more: Ref, **options: Unpack[ImageInspectOptions]
    ) -> Call[list[ImageInspect]]: ...


def _inspect(self: ImageGroup[Any], *images: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more images.

    One name gives an `ImageInspect`, several give a list of them, by one process. Raises
    NoSuchImage, whose ``found`` has those that are there. Source: ``docker image inspect``,
    https://docs.docker.com/reference/cli/docker/image/inspect/
    """
    from dockcli.models.image import ImageInspect

    names = at_least_one("image", map(argv.image, images))
    return self._inspection(names, options, ImageInspect.parse)


class ImageGroup(Group[Mode]):
    """``docker image``."""

    name = "image"

    inspect: Verb[Inspect, InspectCall] = Verb(_inspect)

    @verb
    def build(self, context: Word, **options: Unpack[ImageBuildOptions]) -> Call[Image]:
        """Build an image from a Dockerfile; the image.

        *context* is a folder, a URL, or ``-`` with the Dockerfile or a tar archive in ``stdin=``.
        Raises DockerFailed with the builder's output when a step fails. Source:
        ``docker image build``, https://docs.docker.com/reference/cli/docker/buildx/build/
        """
        call = self._call(
            "build",
            options,
            [argv.operand(context)],
            parse=lambda completed: Image(identifier(completed), self.client),
            labelled=True,
            speaker=QUOTING,
        )
        if options.get("quiet"):
            return call  # the id is all that docker prints

        def image(completed: Completed, written: str) -> Image:
            # Each builder prints the id in a way of its own; both write it to a file when asked.
            name = written or argv.given(options, "tag")
            if not name:
                raise UnreadableOutput(completed, "docker wrote no image id")
            return Image(name, self.client)

        id_file = IdFile("iidfile", argv.given(options, "iidfile"))
        return call.replace(id_file=id_file, parse=image)

    @verb
    def ls(self, *repository: Ref, **options: Unpack[ImageLsOptions]) -> Call[list[ImageInspect]]:
        """List images, or those of one *repository*, each in full and once, with all its tags.

        Two processes however many there are. Source: ``docker image ls`` and
        ``docker image inspect``, https://docs.docker.com/reference/cli/docker/image/ls/
        """
        inspect = self.client.call.image.inspect
        names = map(argv.image, repository)
        return self._listing(options, names, column="{{.ID}}", inspect=inspect, no_trunc=True)

    @verb
    def rm(self, *images: Ref, **options: Unpack[ImageRmOptions]) -> Call[ImageRemoval]:
        """Remove one or more images; what was untagged and what was deleted.

        Raises NoSuchImage, InUse. Source: ``docker image rm``,
        https://docs.docker.com/reference/cli/docker/image/rm/
        """
        names = at_least_one("image", map(argv.image, images))
        return self._call("rm", options, names, parse=_removal)

    @verb
    def tag(self, image: Ref, target: Ref, **options: Unpack[ImageTagOptions]) -> Call[None]:
        """Give an image another name.

        Raises NoSuchImage. Source: ``docker image tag``,
        https://docs.docker.com/reference/cli/docker/image/tag/
        """
        return self._call("tag", options, [argv.image(image), argv.image(target)], parse=nothing)

    @verb
    def pull(self, image: Ref, **options: Unpack[ImagePullOptions]) -> Call[Image]:
        """Fetch an image from its registry; the image.

        Raises NoSuchImage, DockerFailed for a registry that is not reached. Source:
        ``docker image pull``, https://docs.docker.com/reference/cli/docker/image/pull/
        """
        name = argv.image(image)
        return self._call("pull", options, [name], parse=lambda completed: Image(name, self.client))

    @verb
    def import_(
        self, source: Word, *repository: Ref, **options: Unpack[ImageImportOptions]
    ) -> Call[Image]:
        """Make an image of a tar archive: a file, a URL, or ``-`` with the archive in ``stdin=``.

        Source: ``docker image import``, https://docs.docker.com/reference/cli/docker/image/import/
        """
        return self._call(
            "import",
            options,
            [argv.operand(source), *map(argv.image, repository)],
            parse=lambda completed: Image(identifier(completed), self.client),
        )


def _removal(completed: Completed) -> ImageRemoval:
    from dockcli.models.image import ImageRemoval

    said = [line.partition(": ") for line in lines(completed)]
    return ImageRemoval(
        untagged=tuple(what for did, _, what in said if did == "Untagged"),
        deleted=tuple(what for did, _, what in said if did == "Deleted"),
    )
