"""How long docker takes for a volume: the slowest steps of its life."""

import sys

from dockcli.recipes import volume_lifecycle
from dockcli.report import line

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = volume_lifecycle.run(prefix="cookbook")
for step in sorted(result.steps, key=lambda step: -step.seconds)[:3]:
    print(f"{step.seconds:.2f} s", line(step))
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
