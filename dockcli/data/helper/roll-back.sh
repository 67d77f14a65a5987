# Takes back what was staged, also from the middle of a commit.
cd "$volume" || fail 31
read_state .
case $state in
none) exit 0 ;;
foreign) fail 20 ;;
done) fail 25 ;;
esac

if [ "$state" = placing ]; then
  move . "$mark/new" <"$mark/names.new" && reach moving || fail 31
  state=moving
fi

if [ "$state" = moving ]; then
  move "$mark/old" . <"$mark/names.old" || fail 31
  left=$(find "$mark/old" -mindepth 1 -print -quit)
  [ -z "$left" ] || fail 24 "$left"
  like "$scratch" . && tar_into . <"$mark/root.tar" || fail 31
fi

# From here on what is staged may be gone in part: nothing may be moved any more.
if [ -d "$mark/new" ]; then
  mv -T "$mark/new" "$mark/gone" && sync -- "$mark" || fail 31
fi
remove_mark || fail 31
