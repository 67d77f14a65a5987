"""``docker buildx``: builds by BuildKit, and the builders that do them.

The builder is named in front of the verb, as on docker's own command line:
``docker.buildx(builder="big").build(".", load=True)``. buildx is a plugin of docker's: where it is
not installed, the first call raises PluginMissing; docker's own builder is `docker.build`. Checked
by argv and by replay of recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import QUOTING, Call, IdFile
from dockcli.commands.answers import itself, lines, nothing, rows
from dockcli.commands.buildx_history import BuildxHistoryGroup, BuildxImagetoolsGroup
from dockcli.commands.buildx_tools import BuildxDapGroup, BuildxDebugGroup, BuildxPolicyGroup
from dockcli.commands.cli_plugin import CliPluginGroup
from dockcli.commands.group import Mode, Verb, verb
from dockcli.completed import Completed
from dockcli.errors import InvalidArgument, UnreadableOutput
from dockcli.objects import Image

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.aio.handles import AsyncImage
    from dockcli.commands.signatures import BuildxBuildVerb, BuildxDuVerb, BuildxLsVerb
    from dockcli.models.buildx import Builder, BuildxVersion, CachePruned, CacheRecord
    from dockcli.spec.options import (
        BuildxBakeOptions,
        BuildxCreateOptions,
        BuildxDialStdioOptions,
        BuildxInspectOptions,
        BuildxInstallOptions,
        BuildxOptions,
        BuildxPruneOptions,
        BuildxRmOptions,
        BuildxStopOptions,
        BuildxUninstallOptions,
        BuildxUseOptions,
        BuildxVersionOptions,
    )
    from dockcli.spec.values import Ref, Word


def _build(self: BuildxGroup[Any], context: Word, **options: Any) -> Call[Image] | Call[Completed]:
    """Build from a Dockerfile, to wherever ``output=``, ``push=`` or ``load=`` say.

    *context* is a folder, a URL, or ``-`` with the Dockerfile or a tar archive in ``stdin=``. With
    ``load=True`` the answer is the `Image`; else a `Completed` with what the builder wrote: only a
    builder of the driver ``docker`` hands what it built to the engine without being told. buildx's
    own ``--check`` is ``check_=True``. Raises PluginMissing, DockerFailed with the builder's output
    when a step fails. Source: ``docker buildx build``,
    https://docs.docker.com/reference/cli/docker/buildx/build/
    """
    call: Call[Any] = self._call(
        "build",
        options,
        [argv.operand(context)],
        parse=itself,
        labelled=True,
        speaker=QUOTING,
    )
    if options.get("load") is not True:
        return call
    if options.get("check_") or options.get("call") not in (None, "build"):
        raise InvalidArgument("check_= and call= build nothing: there is no image to load=")

    def image(completed: Completed, written: str) -> Image:
        if not written:
            raise UnreadableOutput(completed, "buildx wrote no image id")
        return Image(written, self.client, argv.values(call.argv, "tag"))

    return call.replace(id_file=IdFile("iidfile", argv.given(options, "iidfile")), parse=image)


def _ls(self: BuildxGroup[Any], **options: Any) -> Call[Any]:
    """List the builders and their nodes.

    A builder that cannot be reached has an ``error``. Raises PluginMissing, DockerFailed. Source:
    ``docker buildx ls``, https://docs.docker.com/reference/cli/docker/buildx/ls/
    """
    from dockcli.models.buildx import Builder

    return self._told("ls", options, parse=rows(Builder.parse))


def _du(self: BuildxGroup[Any], **options: Any) -> Call[Any]:
    """List the records of the builder's cache.

    Sizes are in bytes, rounded by buildx. ``verbose=True`` gives buildx's text. Raises
    PluginMissing, DockerFailed for a builder that is not there or does not run. Source:
    ``docker buildx du``, https://docs.docker.com/reference/cli/docker/buildx/du/
    """
    from dockcli.models.buildx import CacheRecord

    return self._told("du", options, parse=rows(CacheRecord.parse), unless=("verbose",))


class BuildxGroup(CliPluginGroup[Mode]):
    """``docker buildx``."""

    name = "buildx"

    def __call__(self, **options: Unpack[BuildxOptions]) -> BuildxGroup[Mode]:
        """The same verbs with these flags of buildx's own: which builder.

        Source: ``docker buildx``, https://docs.docker.com/reference/cli/docker/buildx/
        """
        return self._with_flags(options)

    @property
    def history(self) -> BuildxHistoryGroup[Mode]:
        """``docker buildx history``."""
        return self.below(BuildxHistoryGroup)

    @property
    def imagetools(self) -> BuildxImagetoolsGroup[Mode]:
        """``docker buildx imagetools``."""
        return self.below(BuildxImagetoolsGroup)

    @property
    def policy(self) -> BuildxPolicyGroup[Mode]:
        """``docker buildx policy``."""
        return self.below(BuildxPolicyGroup)

    @property
    def dap(self) -> BuildxDapGroup[Mode]:
        """``docker buildx dap``."""
        return self.below(BuildxDapGroup)

    @property
    def debug(self) -> BuildxDebugGroup[Mode]:
        """``docker buildx debug``."""
        return self.below(BuildxDebugGroup)

    build: BuildxBuildVerb[Image, AsyncImage] = Verb(_build)
    ls: BuildxLsVerb[list[Builder]] = Verb(_ls)
    du: BuildxDuVerb[list[CacheRecord]] = Verb(_du)

    @verb
    def bake(self, *target: Word, **options: Unpack[BuildxBakeOptions]) -> Call[Completed]:
        """Build the targets of a file; what the builder wrote.

        ``print=True`` and ``list=`` build nothing; ``stdout`` has what they tell. buildx's own
        ``--check`` is ``check_=True``. Raises PluginMissing, DockerFailed with the builder's output
        when a step fails. Source: ``docker buildx bake``,
        https://docs.docker.com/reference/cli/docker/buildx/bake/
        """
        return self._words("bake", options, map(argv.operand, target), speaker=QUOTING)

    @verb
    def create(self, *endpoint: Word, **options: Unpack[BuildxCreateOptions]) -> Call[str]:
        """Make a builder, on a context or an engine's address; its name.

        With ``append=True`` or ``leave=True`` it changes the nodes of ``name=`` instead. Raises
        PluginMissing, DockerFailed for a name that is taken or a node that cannot be. Source:
        ``docker buildx create``, https://docs.docker.com/reference/cli/docker/buildx/create/
        """
        name = argv.given(options, "name") or ""
        return self._call(
            "create",
            options,
            map(argv.operand, endpoint),
            parse=lambda completed: next(reversed(lines(completed)), name),
        )

    @verb
    def inspect(self, *name: Ref, **options: Unpack[BuildxInspectOptions]) -> Call[Builder]:
        """Tell of a builder, or of the current one.

        Read from the lines that buildx prints: it has no other form. Raises PluginMissing,
        DockerFailed for a builder that is not there. Source: ``docker buildx inspect``,
        https://docs.docker.com/reference/cli/docker/buildx/inspect/
        """
        return self._call("inspect", options, map(argv.builder, name), parse=_read_builder)

    @verb
    def use(self, *name: Ref, **options: Unpack[BuildxUseOptions]) -> Call[None]:
        """Let the builds that name no builder go to this one from now on.

        Raises PluginMissing, DockerFailed for a builder that is not there. Source:
        ``docker buildx use``, https://docs.docker.com/reference/cli/docker/buildx/use/
        """
        return self._call("use", options, map(argv.builder, name), parse=nothing)

    @verb
    def stop(self, *name: Ref, **options: Unpack[BuildxStopOptions]) -> Call[None]:
        """Stop a builder, or the current one; its next build starts it again.

        Raises PluginMissing, DockerFailed for a builder that is not there. Source:
        ``docker buildx stop``, https://docs.docker.com/reference/cli/docker/buildx/stop/
        """
        return self._call("stop", options, map(argv.builder, name), parse=nothing)

    @verb
    def rm(self, *name: Ref, **options: Unpack[BuildxRmOptions]) -> Call[list[str]]:
        """Remove builders, or the current one, with their caches; the names that buildx removed.

        buildx asks before it removes ``all_inactive=True``; the call is the answer, so ``--force``
        is given then unless the caller says ``force=False``. Raises PluginMissing, DockerFailed for
        a builder that is not there. Source: ``docker buildx rm``,
        https://docs.docker.com/reference/cli/docker/buildx/rm/
        """
        asks: dict[str, Any] = {"force": True} if options.get("all_inactive") else {}
        names = map(argv.builder, name)
        return self._call("rm", {**asks, **options}, names, parse=_removed)

    @verb
    def prune(self, **options: Unpack[BuildxPruneOptions]) -> Call[CachePruned]:
        """Remove what of the builder's cache is dangling, with ``all=True`` all of it.

        buildx asks before it does; the call is the answer, so ``--force`` is given unless the
        caller says ``force=False``. The sum is in bytes, rounded by buildx. Raises PluginMissing,
        DockerFailed for a builder that is not there or does not run. Source:
        ``docker buildx prune``, https://docs.docker.com/reference/cli/docker/buildx/prune/
        """
        return self._call("prune", {"force": True, **options}, parse=_read_pruned)

    @verb
    def version(self, **options: Unpack[BuildxVersionOptions]) -> Call[BuildxVersion]:
        """The version of the plugin.

        Raises PluginMissing, DockerFailed. Source: ``docker buildx version``,
        https://docs.docker.com/reference/cli/docker/buildx/version/
        """
        return self._call("version", options, parse=_read_version)

    @verb
    def dial_stdio(self, **options: Unpack[BuildxDialStdioOptions]) -> Call[Completed]:
        """Pass ``stdin=`` on to the builder's BuildKit, and what that answers to ``stdout``.

        Raises PluginMissing, DockerFailed for a builder that is not there or does not run. Source:
        ``docker buildx dial-stdio``,
        https://docs.docker.com/reference/cli/docker/buildx/dial-stdio/
        """
        return self._words("dial-stdio", options)

    @verb
    def install(self, **options: Unpack[BuildxInstallOptions]) -> Call[None]:
        """Let ``docker builder`` be buildx, which it is by itself since docker 23.

        Raises PluginMissing, DockerFailed. Source: ``docker buildx install``,
        https://docs.docker.com/reference/cli/docker/buildx/
        """
        return self._call("install", options, parse=nothing)

    @verb
    def uninstall(self, **options: Unpack[BuildxUninstallOptions]) -> Call[None]:
        """Take back what `install` did.

        Raises PluginMissing, DockerFailed. Source: ``docker buildx uninstall``,
        https://docs.docker.com/reference/cli/docker/buildx/
        """
        return self._call("uninstall", options, parse=nothing)


def _removed(completed: Completed) -> list[str]:
    """buildx tells of what it removed on stderr."""
    said = completed.error_text.splitlines()
    return [line.removesuffix(" removed") for line in said if line.endswith(" removed")]


def _read_builder(completed: Completed) -> Builder:
    from dockcli.models.buildx import builder

    return builder(completed)


def _read_pruned(completed: Completed) -> CachePruned:
    from dockcli.models.buildx import pruned

    return pruned(completed)


def _read_version(completed: Completed) -> BuildxVersion:
    from dockcli.models.buildx import version

    return version(completed)
