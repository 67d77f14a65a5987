"""Is it worth keeping a result in a container? Only as long as the container is kept."""

import sys

from dockcli.recipes import writable_layer

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = writable_layer.run(prefix="cookbook")
for claim in result.claims:
    if claim.id in ("result-kept", "result-gone"):
        print(claim.evidence)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
