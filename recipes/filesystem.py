"""What would be lost with a container, path by path."""

import sys

from dockcli.recipes import filesystem

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = filesystem.run(prefix="cookbook")
for place in result.places:
    print("left" if place.left else "lost", place.path, place.source)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
