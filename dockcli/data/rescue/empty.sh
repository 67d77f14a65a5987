# Empties a volume that was empty before.
set -eu
find /dockcli-new -mindepth 1 -delete
