"""The document's comparison as a table for a page, as measured on this engine."""

import sys

from dockcli.recipes import volume_vs_bind

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = volume_vs_bind.run(prefix="cookbook")
print("| | volume | bind mount |", "|---|---|---|", sep="\n")
for row in result.rows:
    print("|", row.about, "|", row.volume, "|", row.bind, "|")
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
