"""The layers that all containers of an image have in common, lowest first."""

import sys

from dockcli.recipes import image_layers

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}

result = image_layers.run(prefix="cookbook")
print("layers:", *(layer[:19] for layer in result.layers))
for claim in result.claims:
    print(VERDICTS[claim.holds], "-", claim.text)
sys.exit(0 if result.ok else 1)
