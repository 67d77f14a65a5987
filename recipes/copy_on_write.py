"""What the first byte costs that is appended to a large file of the image."""

import sys

from dockcli.recipes import copy_on_write

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = copy_on_write.run(prefix="cookbook")
print(f"file: {result.file_size:,} B; one byte more costs: {result.grown or 0:,} B")
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
