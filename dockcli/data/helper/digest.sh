# volume|staged: prints one checksum of the whole tree.
cd "$volume" || fail 30
if [ "$1" = staged ]; then
  read_state .
  [ "$state" = staged ] || fail 23
  cd "$mark/new" || fail 30
else
  must_be_whole .
fi
{
  tar_of
  echo $? >"$scratch/code"
} | sha256sum || fail 30
[ "$(cat "$scratch/code")" -le 1 ] || fail 30
