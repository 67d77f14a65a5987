"""``docker context``: the engines that this user's docker knows by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, itself, lines
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import ContextInspectVerb, ContextLsVerb
    from dockcli.models.context import ContextInspect, ContextRow
    from dockcli.spec.options import (
        ContextCreateOptions,
        ContextExportOptions,
        ContextImportOptions,
        ContextRmOptions,
        ContextShowOptions,
        ContextUpdateOptions,
        ContextUseOptions,
    )
    from dockcli.spec.values import Ref, Word

_CURRENT = "default"  # stands for the one that docker itself takes where none is named


def _inspect(self: ContextGroup[Any], *contexts: Ref, **options: Any) -> Call[Any]:
    """Tell everything about one or more contexts; without a name, about the current one.

    One gives a `ContextInspect`, several give a list of them, by one process. Raises NoSuchContext,
    whose ``found`` has those that are there. Source: ``docker context inspect``,
    https://docs.docker.com/reference/cli/docker/context/inspect/
    """
    from dockcli.models.context import ContextInspect

    names = list(map(argv.context, contexts))
    call = self._inspection(names or [_CURRENT], options, ContextInspect.parse)
    return call if names else call.replace(argv=call.argv[:-1])


def _ls(self: ContextGroup[Any], **options: Any) -> Call[Any]:
    """List the contexts, and which of them is the current one.

    Raises DockerFailed. Source: ``docker context ls``,
    https://docs.docker.com/reference/cli/docker/context/ls/
    """
    from dockcli.models.context import ContextRow

    return self._rows("ls", options, ContextRow.parse)


class ContextGroup(Group[Mode]):
    """``docker context``.

    They are files of the user's: `use` changes what every docker of that user does from then on,
    while ``Docker(context=…)`` changes nothing.
    """

    name = "context"

    inspect: ContextInspectVerb[ContextInspect] = Verb(_inspect)
    ls: ContextLsVerb[list[ContextRow]] = Verb(_ls)

    @verb
    def create(self, context: Ref, **options: Unpack[ContextCreateOptions]) -> Call[str]:
        """Give an engine a name; the name.

        ``docker={"host": "ssh://me@server"}`` says where it is. Raises NameConflict. Source:
        ``docker context create``, https://docs.docker.com/reference/cli/docker/context/create/
        """
        return self._call("create", options, [argv.context(context)], parse=identifier)

    @verb
    def export(
        self, context: Ref, *file: Word, **options: Unpack[ContextExportOptions]
    ) -> Call[Completed]:
        """Write a context with its keys as a tar archive: to *file*, or for ``"-"`` to ``stdout``.

        Without *file* docker writes ``CONTEXT.dockercontext`` into its working directory. A file
        that is there is not replaced; of a context that is not, docker leaves an empty one behind.
        Raises NoSuchContext. Source: ``docker context export``,
        https://docs.docker.com/reference/cli/docker/context/export/
        """
        words = [argv.context(context), *map(argv.operand, file)]
        return self._call("export", options, words, parse=itself)

    @verb
    def import_(
        self, context: Ref, file: Word, **options: Unpack[ContextImportOptions]
    ) -> Call[str]:
        """Make a context of a *file* that `export` wrote, or of ``stdin=`` (``"-"``); its name.

        Raises NameConflict. Source: ``docker context import``,
        https://docs.docker.com/reference/cli/docker/context/import/
        """
        words = [argv.context(context), argv.operand(file)]
        return self._call("import", options, words, parse=identifier)

    @verb
    def rm(self, *contexts: Ref, **options: Unpack[ContextRmOptions]) -> Call[list[str]]:
        """Remove one or more contexts; the names that docker removed.

        The current one is removed only with ``force=True``. Raises NoSuchContext, InUse. Source:
        ``docker context rm``, https://docs.docker.com/reference/cli/docker/context/rm/
        """
        names = at_least_one("context", map(argv.context, contexts))
        return self._call("rm", options, names, parse=lines)

    @verb
    def show(self, **options: Unpack[ContextShowOptions]) -> Call[str]:
        """The name of the current context.

        Raises DockerFailed. Source: ``docker context show``,
        https://docs.docker.com/reference/cli/docker/context/show/
        """
        return self._call("show", options, parse=identifier)

    @verb
    def update(self, context: Ref, **options: Unpack[ContextUpdateOptions]) -> Call[str]:
        """Change a context; its name.

        Raises NoSuchContext. Source: ``docker context update``,
        https://docs.docker.com/reference/cli/docker/context/update/
        """
        return self._call("update", options, [argv.context(context)], parse=identifier)

    @verb
    def use(self, context: Ref, **options: Unpack[ContextUseOptions]) -> Call[str]:
        """Make a context the current one, for every docker of this user from now on; its name.

        ``DOCKER_HOST`` and ``Docker(host=…)`` still come first. Raises NoSuchContext. Source:
        ``docker context use``, https://docs.docker.com/reference/cli/docker/context/use/
        """
        return self._call("use", options, [argv.context(context)], parse=identifier)
