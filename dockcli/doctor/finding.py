"""What `examine` finds, as values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["risk", "unknown", "note"]

SEVERITIES: dict[Severity, str] = {
    "risk": "somebody can do what nobody meant them to do",
    "unknown": "could not be looked at, so nothing is said of it",
    "note": "as it should be, or a matter of taste: good to know",
}
"""How bad a finding is, the worst first, and what each means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. ``id`` is its kind, which stays from release to release.

    ``subject`` is the path, address or name that it is about, ``what`` the fact, ``why`` what it
    means, ``remedy`` the command, or the change, that mends it.
    """

    id: str
    severity: Severity
    subject: str
    what: str
    why: str
    remedy: str

    def as_json(self) -> dict[str, str]:
        """The same for a program."""
        return asdict(self)
