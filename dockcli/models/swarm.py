"""A swarm that was made, as ``docker swarm init`` tells of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NODE = re.compile(r"current node \((\w+)\) is now a manager")
_JOIN = re.compile(r"docker swarm join --token (\S+) (\S+)")
_KEY = re.compile(r"^\s*(SWMKEY-\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SwarmInit:
    """A new swarm, and its first node.

    ``worker_token`` and ``address`` are what another engine needs to join: ``docker swarm join
    --token WORKER_TOKEN ADDRESS``. ``unlock_key`` is "" unless the swarm was made with
    ``autolock=True``. ``raw`` is all that docker said.
    """

    node_id: str
    worker_token: str = field(repr=False)
    address: str
    unlock_key: str = field(repr=False)
    raw: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> SwarmInit | None:
        """None where *text* does not say that there is a swarm now."""
        node, join, key = (shape.search(text) for shape in (_NODE, _JOIN, _KEY))
        if node is None:
            return None
        return cls(
            node_id=node[1],
            worker_token=join[1] if join else "",
            address=join[2] if join else "",
            unlock_key=key[1] if key else "",
            raw=text,
        )
