"""Whether the public interface is complete in types, as pyright sees it. `make typing` runs this.

The shorthands (``run = ContainerGroup.run``) and verbs that a group takes from another file have
types that are inferred, so pyright calls them ambiguous; none may be unknown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    pyright = Path(sys.executable).with_name("pyright")
    words = [pyright, "--pythonpath", sys.executable, "--ignoreexternal", "--outputjson"]
    # of this tree, in front of what an editable install puts beside it; with --verifytypes
    # pyright looks for other packages by the python on PATH, whatever --pythonpath says
    beside = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PATH": os.pathsep.join([str(beside), os.environ.get("PATH", os.defpath)]),
    }
    done = subprocess.run(
        [*words, "--verifytypes", "dockcli"], env=environment, stdout=subprocess.PIPE, check=False
    )
    found = json.loads(done.stdout)["typeCompleteness"]
    counts = found["exportedSymbolCounts"]
    print(f"public symbols: {counts}, complete: {found['completenessScore']:.1%}")
    if counts["withUnknownType"] or counts["withKnownType"] < 5000:
        sys.exit("the public interface is not complete in types: pyright --verifytypes dockcli")


if __name__ == "__main__":
    main()
