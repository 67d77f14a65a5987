"""``docker manifest``: lists of one image for several platforms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import itself, lines, nothing
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import ManifestInspectVerb
    from dockcli.models.registry import ManifestInspect
    from dockcli.spec.options import (
        ManifestAnnotateOptions,
        ManifestCreateOptions,
        ManifestPushOptions,
        ManifestRmOptions,
    )
    from dockcli.spec.values import ImageRef


def _inspect(self: ManifestGroup[Any], *manifest: ImageRef, **options: Any) -> Call[Any]:
    """Tell what a manifest, or a list of them, holds; two names mean the second in the first list.

    A list of this user's own that is not pushed yet comes before one in the registry. With
    ``verbose=True`` docker's own text. Raises NoSuchManifest, AuthenticationFailed. Source:
    ``docker manifest inspect``, https://docs.docker.com/reference/cli/docker/manifest/inspect/
    """
    names = at_least_one("manifest", map(argv.image, manifest))
    parse = itself if options.get("verbose") else _read
    return self._call("inspect", options, names, parse=parse)


class ManifestGroup(Group[Mode]):
    """``docker manifest``.

    docker keeps a list as files of the user's until it is pushed. A registry without TLS wants
    ``insecure=True``, also one on this machine.
    """

    name = "manifest"

    inspect: ManifestInspectVerb[ManifestInspect] = Verb(_inspect)

    @verb
    def create(
        self,
        manifest_list: ImageRef,
        *manifests: ImageRef,
        **options: Unpack[ManifestCreateOptions],
    ) -> Call[None]:
        """Make a list, on this machine, of manifests that are in a registry.

        Raises NoSuchManifest, AuthenticationFailed, NameConflict for a list that is there, unless
        ``amend=True``. Source: ``docker manifest create``,
        https://docs.docker.com/reference/cli/docker/manifest/create/
        """
        names = [argv.image(manifest_list), *map(argv.image, manifests)]
        return self._call("create", options, names, parse=nothing)

    @verb
    def annotate(
        self,
        manifest_list: ImageRef,
        manifest: ImageRef,
        **options: Unpack[ManifestAnnotateOptions],
    ) -> Call[None]:
        """Say for which platform a manifest of a list is.

        Raises NoSuchManifest. Source: ``docker manifest annotate``,
        https://docs.docker.com/reference/cli/docker/manifest/annotate/
        """
        names = [argv.image(manifest_list), argv.image(manifest)]
        return self._call("annotate", options, names, parse=nothing)

    @verb
    def push(self, manifest_list: ImageRef, **options: Unpack[ManifestPushOptions]) -> Call[str]:
        """Put a list into its registry; its digest there, "" from podman, which does not tell.

        Raises NoSuchManifest, AuthenticationFailed. Source: ``docker manifest push``,
        https://docs.docker.com/reference/cli/docker/manifest/push/
        """
        return self._call("push", options, [argv.image(manifest_list)], parse=_digest)

    @verb
    def rm(self, *manifest_lists: ImageRef, **options: Unpack[ManifestRmOptions]) -> Call[None]:
        """Remove one or more lists from this machine; what was pushed stays in the registry.

        Raises NoSuchManifest. Source: ``docker manifest rm``,
        https://docs.docker.com/reference/cli/docker/manifest/rm/
        """
        names = at_least_one("manifest list", map(argv.image, manifest_lists))
        return self._call("rm", options, names, parse=nothing)


def _read(completed: Completed) -> ManifestInspect:
    from dockcli.models.fields import json_object
    from dockcli.models.registry import ManifestInspect

    return ManifestInspect.parse(json_object(completed))


def _digest(completed: Completed) -> str:
    last = lines(completed)[-1:]
    return "".join(word.strip() for word in last if re.fullmatch(r"\s*\w+:[0-9a-f]{32,}\s*", word))
