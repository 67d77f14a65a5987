"""The document's lines, and what was really run for each."""

import sys

from dockcli.recipes import bind_mount_shell
from dockcli.report import line

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = bind_mount_shell.run(prefix="cookbook")
for step in result.steps:
    if step.document:
        print(step.document, "->", line(step))
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
