"""``docker buildx history`` and ``imagetools``: recorded builds, images in registries.

Checked by argv and by replay of recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import nothing
from dockcli.commands.cli_plugin import CliPluginGroup, rows_or_null
from dockcli.commands.group import Mode, Verb, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import (
        BuildxHistoryInspectVerb,
        BuildxHistoryLsVerb,
        BuildxImagetoolsInspectVerb,
    )
    from dockcli.models.buildx_history import BuildInspect, BuildRecord, RegistryImage
    from dockcli.spec.options import (
        BuildxHistoryExportOptions,
        BuildxHistoryImportOptions,
        BuildxHistoryInspectAttachmentOptions,
        BuildxHistoryLogsOptions,
        BuildxHistoryOpenOptions,
        BuildxHistoryRmOptions,
        BuildxHistoryTraceOptions,
        BuildxImagetoolsCreateOptions,
    )
    from dockcli.spec.values import ImageRef, Ref, Word


def _ls(self: BuildxHistoryGroup[Any], **options: Any) -> Call[Any]:
    """List the builds that the builder has records of.

    Raises PluginMissing, DockerFailed for a builder that is not there or does not run. Source:
    ``docker buildx history ls``, https://docs.docker.com/reference/cli/docker/buildx/history/ls/
    """
    from dockcli.models.buildx_history import BuildRecord

    return self._told("ls", options, parse=rows_or_null(BuildRecord.parse))


def _inspect(self: BuildxHistoryGroup[Any], *ref: Ref, **options: Any) -> Call[Any]:
    """Tell of a recorded build, or of the last one.

    Raises PluginMissing, DockerFailed for a record that is not there. Source:
    ``docker buildx history inspect``,
    https://docs.docker.com/reference/cli/docker/buildx/history/inspect/
    """
    return self._told("inspect", options, map(argv.build_record, ref), parse=_read_build)


class BuildxHistoryGroup(CliPluginGroup[Mode]):
    """``docker buildx history``. A build is named by its id, or ``^0``: the last one, ``^1``."""

    name = "buildx history"

    ls: BuildxHistoryLsVerb[list[BuildRecord]] = Verb(_ls)
    inspect: BuildxHistoryInspectVerb[BuildInspect] = Verb(_inspect)

    @verb
    def inspect_attachment(
        self, *ref: Ref, **options: Unpack[BuildxHistoryInspectAttachmentOptions]
    ) -> Call[Completed]:
        """A file that belongs to a recorded build, such as its provenance; ``stdout`` has it.

        *ref* is the build and, where ``type=`` does not say which, the digest of the file. Raises
        PluginMissing, DockerFailed for a record or a file that is not there. Source:
        ``docker buildx history inspect attachment``,
        https://docs.docker.com/reference/cli/docker/buildx/history/inspect/attachment/
        """
        return self._words("inspect attachment", options, map(argv.operand, ref))

    @verb
    def logs(self, *ref: Ref, **options: Unpack[BuildxHistoryLogsOptions]) -> Call[Completed]:
        """What the builder wrote in a recorded build, or in the last one.

        Raises PluginMissing, DockerFailed for a record that is not there. Source:
        ``docker buildx history logs``,
        https://docs.docker.com/reference/cli/docker/buildx/history/logs/
        """
        return self._words("logs", options, map(argv.build_record, ref))

    @verb
    def rm(self, *ref: Ref, **options: Unpack[BuildxHistoryRmOptions]) -> Call[None]:
        """Remove the records of builds, with ``all=True`` of all.

        Raises PluginMissing, DockerFailed for a record that is not there. Source:
        ``docker buildx history rm``,
        https://docs.docker.com/reference/cli/docker/buildx/history/rm/
        """
        return self._call("rm", options, map(argv.build_record, ref), parse=nothing)

    @verb
    def export(self, *ref: Ref, **options: Unpack[BuildxHistoryExportOptions]) -> Call[Completed]:
        """A recorded build as an archive: in ``stdout``, or in the file ``output=``.

        Raises PluginMissing, DockerFailed for a record that is not there. Source:
        ``docker buildx history export``,
        https://docs.docker.com/reference/cli/docker/buildx/history/export/
        """
        return self._words("export", options, map(argv.build_record, ref))

    @verb
    def import_(self, **options: Unpack[BuildxHistoryImportOptions]) -> Call[Completed]:
        """Show archives of builds in Docker Desktop: ``stdin=``, or the files ``file=``.

        Raises PluginMissing, DockerFailed without Docker Desktop. Source:
        ``docker buildx history import``,
        https://docs.docker.com/reference/cli/docker/buildx/history/import/
        """
        return self._words("import", options)

    @verb
    def open(self, *ref: Ref, **options: Unpack[BuildxHistoryOpenOptions]) -> Call[Completed]:
        """Show a recorded build, or the last one, in Docker Desktop.

        Raises PluginMissing, DockerFailed for a record that is not there, or without Docker
        Desktop. Source: ``docker buildx history open``,
        https://docs.docker.com/reference/cli/docker/buildx/history/open/
        """
        return self._words("open", options, map(argv.build_record, ref))

    @verb
    def trace(self, *ref: Ref, **options: Unpack[BuildxHistoryTraceOptions]) -> Call[Completed]:
        """Show the trace of a recorded build, or of the last one, to a browser.

        Raises PluginMissing, DockerFailed for a record that is not there. Source:
        ``docker buildx history trace``,
        https://docs.docker.com/reference/cli/docker/buildx/history/trace/
        """
        return self._words("trace", options, map(argv.build_record, ref))


def _inspect_image(self: BuildxImagetoolsGroup[Any], name: ImageRef, **options: Any) -> Call[Any]:
    """Tell of an image in its registry, without fetching it.

    ``raw=True`` gives the manifest byte for byte, as text. Raises PluginMissing, DockerFailed for
    one that is not there. Source: ``docker buildx imagetools inspect``,
    https://docs.docker.com/reference/cli/docker/buildx/imagetools/inspect/
    """
    names = [argv.image(name)]
    if options.get("raw"):
        return self._words("inspect", options, names)
    return self._json("inspect", options, names, parse=_read_image)


class BuildxImagetoolsGroup(CliPluginGroup[Mode]):
    """``docker buildx imagetools``."""

    name = "buildx imagetools"

    inspect: BuildxImagetoolsInspectVerb[RegistryImage] = Verb(_inspect_image)

    @verb
    def create(
        self, *source: Word, **options: Unpack[BuildxImagetoolsCreateOptions]
    ) -> Call[Completed]:
        """Give images in a registry another name, or join them to one for several platforms.

        With ``dry_run=True`` ``stdout`` has the manifest that would be sent. Raises PluginMissing,
        DockerFailed for an image that no registry has. Source: ``docker buildx imagetools create``,
        https://docs.docker.com/reference/cli/docker/buildx/imagetools/create/
        """
        return self._words("create", options, map(argv.operand, source))


def _read_build(completed: Completed) -> BuildInspect:
    from dockcli.models.buildx_history import BuildInspect
    from dockcli.models.fields import json_object

    return BuildInspect.parse(json_object(completed))


def _read_image(completed: Completed) -> RegistryImage:
    from dockcli.models.buildx_history import RegistryImage
    from dockcli.models.fields import json_object

    return RegistryImage.parse(json_object(completed))
