"""The memory of a process of its own: what was once resident, by the kernel's account."""

from __future__ import annotations

import subprocess
import sys

ENVIRONMENT: dict[str, str] = {}
"""What the processes find; set once the engine is known."""


_TOLD = """
import re
print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
"""


def peak(code: str) -> int:
    """The most bytes that a Python process which does *code* has had at any time."""
    # Told by itself: what the system tells of a child begins with what its parent had.
    done = subprocess.run(
        [sys.executable, "-c", code + _TOLD],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(done.stdout.split()[-1]) * 1024
