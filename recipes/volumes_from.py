"""What two containers with the same mounts may rely on, and what they may not."""

import sys

from dockcli.recipes import volumes_from

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = volumes_from.run(prefix="cookbook")
for claim in result.claims:
    if claim.id in ("read-in-other", "writers-overwrite"):
        print(claim.evidence)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
