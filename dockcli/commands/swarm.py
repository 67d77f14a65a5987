"""``docker swarm``: init, join, join-token, unlock, unlock-key, update, ca, leave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from dockcli import argv
from dockcli.call import Call
from dockcli.commands.answers import identifier, nothing
from dockcli.commands.group import Group, Mode, verb
from dockcli.completed import Completed
from dockcli.errors import UnreadableOutput

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.models.swarm import SwarmInit
    from dockcli.spec.options import (
        SwarmCaOptions,
        SwarmInitOptions,
        SwarmJoinOptions,
        SwarmJoinTokenOptions,
        SwarmLeaveOptions,
        SwarmUnlockKeyOptions,
        SwarmUnlockOptions,
        SwarmUpdateOptions,
    )
    from dockcli.spec.values import Word

_CERTIFICATES = re.compile(
    r"(?:-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\s*)+", re.ASCII
)


class SwarmGroup(Group[Mode]):
    """``docker swarm``."""

    name = "swarm"

    @verb
    def init(self, **options: Unpack[SwarmInitOptions]) -> Call[SwarmInit]:
        """Make a swarm, with this engine as its first manager; how others join it.

        Raises DockerFailed for an engine that is in a swarm already, or has several addresses and
        no ``advertise_addr=``. Source: ``docker swarm init``,
        https://docs.docker.com/reference/cli/docker/swarm/init/
        """
        return self._call("init", options, parse=_made)

    @verb
    def join(self, manager: Word, **options: Unpack[SwarmJoinOptions]) -> Call[None]:
        """Join the swarm of the *manager* at ``HOST:PORT``; ``token=`` says as what.

        docker takes the token on its command line only, where every user of this machine can read
        it while the call runs. Raises DockerFailed for an engine that is in a swarm already, or a
        manager that is not reached. Source: ``docker swarm join``,
        https://docs.docker.com/reference/cli/docker/swarm/join/
        """
        return self._call("join", options, [argv.operand(manager)], parse=nothing)

    @verb
    def join_token(
        self, role: Literal["worker", "manager"], **options: Unpack[SwarmJoinTokenOptions]
    ) -> Call[str]:
        """The token with which another engine joins as a worker or a manager.

        With ``rotate=True`` a new one: the old one then lets nobody in. Raises NotASwarmManager.
        Source: ``docker swarm join-token``,
        https://docs.docker.com/reference/cli/docker/swarm/join-token/
        """
        words = [argv.swarm_role(role)]
        return self._call("join-token", {**options, "quiet": True}, words, parse=identifier)

    @verb
    def unlock(self, **options: Unpack[SwarmUnlockOptions]) -> Call[None]:
        """Give a manager that was started again the key of its swarm, in ``stdin=``.

        Raises DockerFailed for a wrong key, or a swarm that is not locked. Source:
        ``docker swarm unlock``, https://docs.docker.com/reference/cli/docker/swarm/unlock/
        """
        return self._call("unlock", options, parse=nothing)

    @verb
    def unlock_key(self, **options: Unpack[SwarmUnlockKeyOptions]) -> Call[str]:
        """The key of a swarm that locks itself; with ``rotate=True`` a new one.

        Raises NotASwarmManager, DockerFailed for a swarm that does not lock itself. Source:
        ``docker swarm unlock-key``,
        https://docs.docker.com/reference/cli/docker/swarm/unlock-key/
        """
        return self._call("unlock-key", {**options, "quiet": True}, parse=identifier)

    @verb
    def update(self, **options: Unpack[SwarmUpdateOptions]) -> Call[None]:
        """Change the settings of the swarm. With ``autolock=True`` ask `unlock_key` for the key.

        Without an option docker prints its help and says yes. Raises NotASwarmManager. Source:
        ``docker swarm update``, https://docs.docker.com/reference/cli/docker/swarm/update/
        """
        return self._call("update", options, parse=nothing)

    @verb
    def ca(self, **options: Unpack[SwarmCaOptions]) -> Call[str]:
        """The root certificates of the swarm, as PEM text.

        ``rotate=True`` makes a new one and waits until all nodes have it; with ``detach=True`` too
        docker does not wait, prints none, and the answer is "". Raises NotASwarmManager. Source:
        ``docker swarm ca``, https://docs.docker.com/reference/cli/docker/swarm/ca/
        """
        silent = options.get("rotate") is True and options.get("detach") is True

        def certificates(completed: Completed) -> str:
            found = _CERTIFICATES.search(completed.text)
            if found is None and not silent:
                raise UnreadableOutput(completed, "no certificate")
            return found[0] if found else ""

        return self._call("ca", options, parse=certificates)

    @verb
    def leave(self, **options: Unpack[SwarmLeaveOptions]) -> Call[None]:
        """Leave the swarm; a manager only with ``force=True``. With the last one the swarm ends.

        Raises NotASwarmManager for an engine that is in none, DockerFailed for a manager. Source:
        ``docker swarm leave``, https://docs.docker.com/reference/cli/docker/swarm/leave/
        """
        return self._call("leave", options, parse=nothing)


def _made(completed: Completed) -> SwarmInit:
    from dockcli.models.swarm import SwarmInit

    made = SwarmInit.parse(completed.text)
    if made is None:
        raise UnreadableOutput(completed, "no id of a node")
    return made
