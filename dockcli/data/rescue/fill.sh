# Copies the folder $1 of a container into the empty volume, and proves that all of it is there.
set -eu
old=/dockcli-old$1
new=/dockcli-new

# One sum over names, kinds, modes, owners, times, links, attributes and bytes, in one order.
sum() {
    { tar --create --directory="$1" --sort=name --format=pax --numeric-owner \
        --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
        --xattrs '--xattrs-include=*' --warning=no-file-ignored . || echo "failed: $1"; } | sha256sum
}

cp -a "$old/." "$new/"
sync
if [ "$(sum "$old")" != "$(sum "$new")" ]; then
    exit 3
fi
if [ -z "$(find "$new" -mindepth 1 -maxdepth 1 -print -quit)" ]; then
    echo empty
fi
