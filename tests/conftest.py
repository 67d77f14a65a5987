"""Lets the tests import their own helpers (``from tests.unit import …``), however they are run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
