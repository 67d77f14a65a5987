"""Docker's own words for states and kinds, as enums that no new word can break."""

from __future__ import annotations

from enum import Enum


class Words(str, Enum):
    """The base: a word that docker has added since is the member ``UNKNOWN``."""

    @classmethod
    def _missing_(cls, value: object) -> Words:
        return cls["UNKNOWN"]
