# Prints what the volume holds and what room it has: a line for each, a word and its value.
cd "$volume" || fail 30
echo "entries $(find . -mindepth 1 ! -path "./$mark" ! -path "./$mark/*" -printf x | wc -c)"
echo "bytes $(du --summarize --apparent-size --block-size=1 --exclude="./$mark" .)"
df --block-size=1 --output=avail . | { read -r _; read -r free; echo "free $free"; }
echo "filesystem $(stat -f -c %T .)"
# One that root may write to is read-only only by how it is mounted.
while read -r _ _ _ _ target options rest; do
  [ "$target" != "$volume" ] || echo "mounted $options,${rest##* }"
done </proc/self/mountinfo
