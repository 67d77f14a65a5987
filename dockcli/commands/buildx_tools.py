"""``docker buildx policy``, ``dap`` and ``debug``: policies for builds, and debuggers.

Checked by argv.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.cli_plugin import CliPluginGroup
from dockcli.commands.group import Mode, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.spec.options import (
        BuildxDapAttachOptions,
        BuildxDapBuildOptions,
        BuildxDebugBuildOptions,
        BuildxDebugOptions,
        BuildxPolicyEvalOptions,
        BuildxPolicyTestOptions,
    )
    from dockcli.spec.values import Word


class BuildxPolicyGroup(CliPluginGroup[Mode]):
    """``docker buildx policy``."""

    name = "buildx policy"

    @verb
    def eval(self, source: Word, **options: Unpack[BuildxPolicyEvalOptions]) -> Call[Completed]:
        """Tell what a policy says to a source, such as ``docker-image://alpine``.

        Raises PluginMissing, DockerFailed for a policy that cannot be read. Source:
        ``docker buildx policy eval``,
        https://docs.docker.com/reference/cli/docker/buildx/policy/eval/
        """
        return self._words("eval", options, [argv.operand(source)])

    @verb
    def test(self, path: Word, **options: Unpack[BuildxPolicyTestOptions]) -> Call[Completed]:
        """Run the tests of a policy; what the policy says to each of them.

        Raises PluginMissing, DockerFailed when a test fails. Source: ``docker buildx policy test``,
        https://docs.docker.com/reference/cli/docker/buildx/policy/test/
        """
        return self._words("test", options, [argv.operand(path)])


class BuildxDapGroup(CliPluginGroup[Mode]):
    """``docker buildx dap``: debuggers for editors, by the debug adapter protocol."""

    name = "buildx dap"

    @verb
    def build(self, *context: Word, **options: Unpack[BuildxDapBuildOptions]) -> Call[Completed]:
        """Build under a debugger that an editor talks to, by stdin and stdout.

        Raises PluginMissing, DockerFailed with the builder's output when a step fails. Source:
        ``docker buildx dap build``, https://docs.docker.com/reference/cli/docker/buildx/dap/build/
        """
        return self._words("build", options, map(argv.operand, context), speaker=QUOTING)

    @verb
    def attach(self, path: Word, **options: Unpack[BuildxDapAttachOptions]) -> Call[Completed]:
        """Connect to the socket of a debugger that runs already.

        Raises PluginMissing, DockerFailed where nothing listens. Source:
        ``docker buildx dap attach``, https://docs.docker.com/reference/cli/docker/buildx/dap/
        """
        return self._words("attach", options, [argv.operand(path)])


class BuildxDebugGroup(CliPluginGroup[Mode]):
    """``docker buildx debug``, which has flags of its own in front of its one command:
    ``docker.buildx.debug(invoke="/bin/sh").build(".")``."""

    name = "buildx debug"
    debug_flags: tuple[str, ...] = ()

    def __call__(self, **options: Unpack[BuildxDebugOptions]) -> BuildxDebugGroup[Mode]:
        """The same with these flags behind ``debug``: what to start, and when.

        Source: ``docker buildx debug``,
        https://docs.docker.com/reference/cli/docker/buildx/debug/
        """
        same: BuildxDebugGroup[Mode] = BuildxDebugGroup(self.tree)
        same.plugin_flags = self.plugin_flags
        same.debug_flags = (*self.debug_flags, *argv.flags(self.name, options).words)
        return same

    @verb
    def build(self, context: Word, **options: Unpack[BuildxDebugBuildOptions]) -> Call[Completed]:
        """Build, and start a shell for the one who debugs when a step fails.

        Raises PluginMissing, DockerFailed with the builder's output when a step fails. Source:
        ``docker buildx debug build``,
        https://docs.docker.com/reference/cli/docker/buildx/debug/build/
        """
        call = self._words("build", options, [argv.operand(context)], speaker=QUOTING)
        return self._with_debug_flags(call)

    def _with_debug_flags(self, call: Call[Completed]) -> Call[Completed]:
        """*call* with the flags of ``debug`` in front of its ``build``."""
        return call.replace(
            argv=_with_words(call.argv, call.flags_at - 1, self.debug_flags),
            flags_at=call.flags_at + len(self.debug_flags),
        )


def _with_words(line: tuple[str, ...], at: int, words: tuple[str, ...]) -> tuple[str, ...]:
    return (*line[:at], *words, *line[at:])
