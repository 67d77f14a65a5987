"""What the groups of docker's own plugins, ``docker buildx`` and ``docker compose``, share."""

from __future__ import annotations

from dockcli import argv
from dockcli.call import DOCKER, Call, Speaker
from dockcli.commands.answers import itself, rows
from dockcli.commands.group import Group, Mode
from dockcli.completed import Completed
from dockcli.typed import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from dockcli.commands.answers import Parse

G = TypeVar("G", bound="CliPluginGroup[Any]")


class CliPluginGroup(Group[Mode]):
    """A group of a plugin; its first call asks whether the plugin is installed."""

    def _with_flags(self: G, options: Mapping[str, Any]) -> G:
        """The same group with these global flags of the plugin, behind those that it has."""
        same = type(self)(self.tree)
        same.plugin_flags = (*self.plugin_flags, *argv.flags(self.name, options).words)
        return same

    def _words(
        self,
        verb: str,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        speaker: Speaker = DOCKER,
    ) -> Call[Completed]:
        """A verb whose answer is what was written."""
        return self._call(verb, options, operands, parse=itself, speaker=speaker)

    def _told(
        self,
        verb: str,
        options: Mapping[str, Any],
        operands: Iterable[str] = (),
        *,
        parse: Callable[[Completed], Any],
        unless: Iterable[str] = (),
        **always: Any,
    ) -> Call[Any]:
        """A verb that answers in JSON.

        With the caller's own ``format=``, ``quiet=True`` or one of *unless*, the plugin's text.
        """
        if any(options.get(keyword) for keyword in unless):
            return self._words(verb, options, operands)
        return self._json(verb, options, operands, parse=parse, format="json", **always)


def rows_or_null(parse: Parse[Any]) -> Callable[[Completed], list[Any]]:
    """One model for each row of a JSON array, or for each line; Go's ``null`` is an empty list."""
    read = rows(parse)
    return lambda completed: [] if completed.stdout.strip() == b"null" else read(completed)
