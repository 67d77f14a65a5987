"""Run the tutorial's first example, and stop where one of its statements does not hold."""

import sys

from dockcli.recipes import isolation

result = isolation.run(prefix="cookbook")
print("numbers:", *result.numbers)
for claim in result.claims:
    print("holds" if claim.holds else "does not hold", "-", claim.text)
sys.exit(0 if result.ok else 1)
