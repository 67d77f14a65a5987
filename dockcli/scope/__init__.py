"""What is made in a scope is labelled with its owner, and removed at its end; what a killed owner
left is removed by the scope's guard, or found by that label and removed by whoever comes next.

Nothing else is ever touched: removal is by exact id or name, of objects that carry the label of a
scope that has ended or of an owner that is provably dead.
"""

from __future__ import annotations

from dockcli.scope.labels import KEEP, MARKS, OWNER, SCOPE, TAG
from dockcli.scope.orphans import end_orphans
from dockcli.scope.removal import Made, is_left_over, labelled, reclaim, remove
from dockcli.scope.scope import Scope
from dockcli.scope.traces import Traces

__all__ = [
    "KEEP",
    "MARKS",
    "OWNER",
    "SCOPE",
    "TAG",
    "Made",
    "Scope",
    "Traces",
    "end_orphans",
    "is_left_over",
    "labelled",
    "reclaim",
    "remove",
]
