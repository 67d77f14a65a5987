"""Run the tutorial's first example, and stop where one of its statements does not hold."""

import sys

from dockcli.recipes import isolation

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = isolation.run(prefix="cookbook")
print("numbers:", *result.numbers)
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
