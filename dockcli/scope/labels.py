"""The labels of what is made for a time."""

from __future__ import annotations

OWNER = "dockcli.owner"
SCOPE = "dockcli.scope"
KEEP = "dockcli.keep"
TAG = "dockcli.tag"
"""The label with an image's one tag that is dockcli's; any other tag on it is the user's."""
