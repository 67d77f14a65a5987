# Puts the staged tree in the place of the volume's own. A kill at any moment leaves a state from
# which this goes on, and until the last step roll-back.sh can take all back.
cd "$volume" || fail 31
read_state .

if [ "$state" = staged ]; then
  find . -mindepth 1 -maxdepth 1 ! -name "$mark" -printf '%f\0' >"$mark/names.old" &&
    find "$mark/new" -mindepth 1 -maxdepth 1 -printf '%f\0' >"$mark/names.new" &&
    tar_of --no-recursion >"$mark/root.tar" && mkdir -p "$mark/old" || fail 31
  new_times=$(stat -c %.9Y "$mark/new")
  reach moving || fail 31
  state=moving
fi

if [ "$state" = moving ]; then
  move . "$mark/old" <"$mark/names.old" && reach placing || fail 31
  state=placing
fi

if [ "$state" = placing ]; then
  move "$mark/new" . <"$mark/names.new" || fail 31
  left=$(find "$mark/new" -mindepth 1 -print -quit)
  [ -z "$left" ] || fail 24 "$left"
  like "$mark/new" . || fail 31
  times=$new_times
  reach "done" || fail 31
  state=done
fi

[ "$state" = done ] || fail 23
# The root's own time comes last of all: a kill in the instant before leaves it as it is then.
remove_mark || fail 31
