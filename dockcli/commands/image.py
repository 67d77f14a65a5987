"""``docker image``."""

from __future__ import annotations

from dockcli import argv
from dockcli.call import Call
from dockcli.commands import image_moving as moving
from dockcli.commands.answers import identifier, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed
from dockcli.objects import Image
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from dockcli.aio.handles import AsyncImage
    from dockcli.commands.signatures import (
        ImageBuildVerb,
        ImageHistoryVerb,
        ImageInspectVerb,
        ImageLoadVerb,
        ImageLsVerb,
        ImagePullVerb,
        ImagePushVerb,
        ImageSaveVerb,
    )
    from dockcli.models.image import ImageInspect, ImageLayer, ImageRemoval, Push
    from dockcli.models.prune import ImagesPruned
    from dockcli.spec.options import (
        ImageImportOptions,
        ImagePruneOptions,
        ImageRmOptions,
        ImageTagOptions,
    )
    from dockcli.spec.values import ImageRef, Word


def _inspect(self: ImageGroup[Any], *images: ImageRef, **options: Any) -> Call[Any]:
    """Tell everything about one or more images.

    One name gives an `ImageInspect`, several give a list of them, by one process. Raises
    NoSuchImage, whose ``found`` has those that are there. Source: ``docker image inspect``,
    https://docs.docker.com/reference/cli/docker/image/inspect/
    """
    from dockcli.models.image import ImageInspect

    names = at_least_one("image", map(argv.image, images))
    return self._inspection(names, options, ImageInspect.parse)


def _ls(self: ImageGroup[Any], *repository: ImageRef, **options: Any) -> Call[Any]:
    """List images, or those of one *repository*, each in full and once, with all its tags.

    Two processes however many there are. Raises EngineUnreachable, DockerFailed for a filter that
    docker does not know. Source: ``docker image ls`` and ``docker image inspect``,
    https://docs.docker.com/reference/cli/docker/image/ls/
    """
    inspect = self.client.call.image.inspect
    names = map(argv.image, repository)
    return self._listing(options, names, column="{{.ID}}", inspect=inspect, no_trunc=True)


def _history(self: ImageGroup[Any], image: ImageRef, **options: Any) -> Call[Any]:
    """The steps that an image was made in, the last one first; sizes in bytes.

    With ``human=True`` docker rounds the sizes. Raises NoSuchImage. Source:
    ``docker image history``, https://docs.docker.com/reference/cli/docker/image/history/
    """
    from dockcli.models.image import ImageLayer

    names, human = [argv.image(image)], options.get("human") is True
    return self._rows("history", options, ImageLayer.parse, names, no_trunc=True, human=human)


class ImageGroup(Group[Mode]):
    """``docker image``."""

    name = "image"

    inspect: ImageInspectVerb[ImageInspect] = Verb(_inspect)
    ls: ImageLsVerb[list[ImageInspect]] = Verb(_ls)
    history: ImageHistoryVerb[list[ImageLayer]] = Verb(_history)

    build: ImageBuildVerb[Image, AsyncImage] = Verb(moving.build)
    pull: ImagePullVerb[Image, AsyncImage] = Verb(moving.pull)
    push: ImagePushVerb[Push] = Verb(moving.push)
    save: ImageSaveVerb = Verb(moving.save)
    load: ImageLoadVerb[list[Image], list[AsyncImage]] = Verb(moving.load)

    @verb
    def rm(self, *images: ImageRef, **options: Unpack[ImageRmOptions]) -> Call[ImageRemoval]:
        """Remove one or more images; what was untagged and what was deleted.

        Raises NoSuchImage, InUse. Source: ``docker image rm``,
        https://docs.docker.com/reference/cli/docker/image/rm/
        """
        names = at_least_one("image", map(argv.image, images))
        return self._call("rm", options, names, parse=_removal)

    @verb
    def tag(
        self, image: ImageRef, target: ImageRef, **options: Unpack[ImageTagOptions]
    ) -> Call[None]:
        """Give an image another name.

        Raises NoSuchImage. Source: ``docker image tag``,
        https://docs.docker.com/reference/cli/docker/image/tag/
        """
        return self._call("tag", options, [argv.image(image), argv.image(target)], parse=nothing)

    @verb
    def prune(self, **options: Unpack[ImagePruneOptions]) -> Call[ImagesPruned]:
        """Remove all images without a name that nothing uses, with ``all=True`` all unused ones.

        The answer is what was removed, and the bytes that were freed, rounded by docker. docker is
        not let ask whether you are sure: there is no terminal, and a call says so. Raises
        EngineUnreachable, DockerFailed for a filter that docker does not know. Source:
        ``docker image prune``, https://docs.docker.com/reference/cli/docker/image/prune/
        """
        from dockcli.models.prune import images_pruned

        unasked = {**options, "force": options.get("force") is not False}
        return self._call("prune", unasked, parse=images_pruned)

    @verb
    def import_(
        self, source: Word, *repository: ImageRef, **options: Unpack[ImageImportOptions]
    ) -> Call[Image]:
        """Make an image of a tar archive: a file, a URL, or ``-`` with the archive in ``stdin=``.

        Raises EngineUnreachable, DockerFailed for what is no such archive, or cannot be fetched.
        Source: ``docker image import``, https://docs.docker.com/reference/cli/docker/image/import/
        """
        names: list[str] = [argv.image(name) for name in repository]
        return self._call(
            "import",
            options,
            [argv.operand(source), *names],
            parse=lambda completed: Image(identifier(completed), self.client, names),
            labelled=True,
        )


def _removal(completed: Completed) -> ImageRemoval:
    from dockcli.models.image import ImageRemoval

    said = [line.partition(": ") for line in lines(completed)]
    return ImageRemoval(
        untagged=tuple(what for did, _, what in said if did == "Untagged"),
        deleted=tuple(what for did, _, what in said if did == "Deleted"),
    )
