"""Does a build step after VOLUME keep what it writes? It depends on the builder."""

import sys

from dockcli.recipes import volume_instruction

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = volume_instruction.run(prefix="cookbook")
for claim in result.claims:
    if "build" in claim.id:
        print(claim.evidence)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
