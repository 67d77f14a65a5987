"""A container made anew: from what ``docker container inspect`` tells to another one like it.

::

    told = docker.container.inspect("web").raw
    image = docker.image.inspect(told["Image"]).raw
    other = make(docker, plan(told, image), "web-2")
    assert differences(told, other.inspect().raw) == []

What no option says is found by comparing the two, never passed over: a key that docker adds to its
inspect tomorrow is compared too.
"""

from __future__ import annotations

from dockcli.data.anew.compare import differences, normal
from dockcli.data.anew.errors import CannotBeMadeAnew
from dockcli.data.anew.make import Plan, is_podman, make, plan

__all__ = ["CannotBeMadeAnew", "Plan", "differences", "is_podman", "make", "normal", "plan"]
