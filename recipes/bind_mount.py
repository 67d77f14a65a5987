"""Who may write to the host's folder from a container, as seen on this engine."""

import sys

from dockcli.recipes import bind_mount

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = bind_mount.run(prefix="cookbook")
for claim in result.claims:
    if claim.id in ("root-unless-told", "least-privileged-let-in", "root-writes"):
        print(claim.evidence)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
