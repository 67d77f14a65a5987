"""A recipe on a machine where only `docker` over SSH is there.

ssh.py ssh://[USER@]HOST[:PORT]
"""

import sys

from dockcli import Docker
from dockcli.errors import DockcliError
from dockcli.recipes import isolation

VERDICTS = {True: "holds", False: "does not hold", None: "not shown here"}


def main(words):
    if len(words) != 1 or not words[0].startswith("ssh://"):
        print("usage: ssh.py ssh://[USER@]HOST[:PORT]", file=sys.stderr)
        return 2
    client = Docker(host=words[0])
    try:
        version = client.version()
        print(f"client {version.client} here, engine {version.server} there")
        result = isolation.run(client, prefix="cookbook")
        for claim in result.claims:
            print(VERDICTS[claim.holds], "-", claim.text)
        for volume in client.volume.ls(filter={"dangling": "true"}):
            print("no container there uses", volume.name)
    except DockcliError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
