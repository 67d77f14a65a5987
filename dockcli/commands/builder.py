"""``docker builder``: build, prune."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli.call import Call
from dockcli.commands.group import Group, Mode, verb
from dockcli.commands.image import ImageGroup
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.prune import Pruned
    from dockcli.spec.options import BuilderPruneOptions


class BuilderGroup(Group[Mode]):
    """``docker builder``."""

    name = "builder"

    build = ImageGroup.build

    @verb
    def prune(self, **options: Unpack[BuilderPruneOptions]) -> Call[Pruned]:
        """Remove what of the build cache is dangling, with ``all=True`` all that is not in use.

        The ids of the records, and the bytes that it freed, rounded by docker. docker asks before
        it does; the call is the answer, so ``--force`` is given unless the caller says
        ``force=False``. Raises EngineUnreachable, DockerFailed for a filter that docker does not
        know. Source: ``docker builder prune``,
        https://docs.docker.com/reference/cli/docker/builder/prune/
        """
        return self._call("prune", {"force": True, **options}, parse=_pruned)


def _pruned(completed: Completed) -> Pruned:
    from dockcli.models import buildx
    from dockcli.models.prune import Pruned, pruned

    if "\nTotal:" not in f"\n{completed.text}":
        return pruned(completed, r"\w+")
    cache = buildx.pruned(completed)  # where buildx is installed, this is its command
    return Pruned(cache.ids, cache.reclaimed, completed.text)
