# BOOT TOKEN volume|staged: writes the tree as a tar, into the client's FIFO or to stdout. What was
# staged is on the disk at the end.
cd "$volume" || fail 30
if [ "$3" = staged ]; then
  read_state .
  [ "$state" = staged ] || fail 23
  flush &
  flushing=$!
  cd "$mark/new" || fail 30
else
  must_be_whole .
fi
if is_here "$1" "$2" && (exec 3>"$fifo") 2>/dev/null; then
  exec 3>"$fifo"
  echo fifo
else
  exec 3>&1
  echo here
fi
tar_of --sparse >&3
[ $? -le 1 ] || fail 30
[ -z "$flushing" ] || wait "$flushing" || fail 31
