# BOOT TOKEN: unpacks a tar from the client's FIFO or stdin beside the volume's own content. It gets
# to the disk while read.sh reads it back.
cd "$volume" || fail 31
begin_staging
if is_here "$1" "$2" && (exec 3<"$fifo") 2>/dev/null; then
  exec 3<"$fifo"
  echo fifo
else
  exec 3<&0
  echo here
fi
if tar_into "$mark/new" <&3 && cat <&3 >/dev/null && write_state staged; then
  exit 0
fi
remove_mark
fail 31
