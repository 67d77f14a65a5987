"""What would be lost: every path where a container keeps data, and what destroys it."""

from __future__ import annotations

from dockcli.data.survey.look import survey
from dockcli.data.survey.values import (
    ACTIONS,
    Action,
    ContainerData,
    DataPath,
    Source,
    Survey,
)

__all__ = ["ACTIONS", "Action", "ContainerData", "DataPath", "Source", "Survey", "survey"]
