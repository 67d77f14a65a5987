"""``docker completion``: scripts with which a shell completes docker's command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli.call import Call
from dockcli.commands.answers import itself
from dockcli.commands.group import Group, Mode, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from dockcli.spec.options import (
        CompletionBashOptions,
        CompletionFishOptions,
        CompletionPowershellOptions,
        CompletionZshOptions,
    )


class CompletionGroup(Group[Mode]):
    """``docker completion``."""

    name = "completion"

    @verb
    def bash(self, **options: Unpack[CompletionBashOptions]) -> Call[Completed]:
        """The script for bash, in ``stdout``.

        Raises DockerFailed. Source: ``docker completion bash``,
        https://docs.docker.com/reference/cli/docker/completion/bash/
        """
        return self._script("bash", options)

    @verb
    def fish(self, **options: Unpack[CompletionFishOptions]) -> Call[Completed]:
        """The script for fish, in ``stdout``.

        Raises DockerFailed. Source: ``docker completion fish``,
        https://docs.docker.com/reference/cli/docker/completion/fish/
        """
        return self._script("fish", options)

    @verb
    def powershell(self, **options: Unpack[CompletionPowershellOptions]) -> Call[Completed]:
        """The script for PowerShell, in ``stdout``.

        Raises DockerFailed. Source: ``docker completion powershell``,
        https://docs.docker.com/reference/cli/docker/completion/powershell/
        """
        return self._script("powershell", options)

    @verb
    def zsh(self, **options: Unpack[CompletionZshOptions]) -> Call[Completed]:
        """The script for zsh, in ``stdout``.

        Raises DockerFailed. Source: ``docker completion zsh``,
        https://docs.docker.com/reference/cli/docker/completion/zsh/
        """
        return self._script("zsh", options)

    def _script(self, shell: str, options: Mapping[str, Any]) -> Call[Completed]:
        # The tables do not tell which docker has it: the newer ones leave it out of their help.
        return self._call(shell, options, parse=itself).replace(needs=None)
