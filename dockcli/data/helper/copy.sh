# staged|straight USERS GROUPS USER GROUP: copies the source's tree into the volume, beside its
# content or straight into an empty one. USERS and GROUPS are maps as tar reads them.
[ -d "$source" ] || fail 26
must_be_whole "$source"
cd "$volume" || fail 31
if [ "$1" = staged ]; then
  begin_staging
  to=$mark/new
else
  must_be_whole .
  remove_mark && is_empty . || fail 22
  to=. mode=$(stat -c %a .)
  chmod 00700 . || fail 31 # or what is made in it inherits its setgid bit
fi

copied() {
  if [ -z "$2$3$4$5" ]; then
    cp -a --reflink=auto --sparse=auto -T "$source" "$to"
    return
  fi
  # tar changes each entry's owner once, and keeps the bits that a chown would clear
  printf %s "$2" >"$scratch/users" && printf %s "$3" >"$scratch/groups" || return 1
  to=$PWD/$to
  {
    cd "$source" && tar_of --sparse ${2:+--owner-map="$scratch/users"} \
      ${3:+--group-map="$scratch/groups"} ${4:+--owner=":$4"} ${5:+--group=":$5"}
    echo $? >"$scratch/code"
  } | tar_into "$to" && [ "$(cat "$scratch/code")" -le 1 ]
}

if [ "$1" = staged ]; then
  copied "$@" && write_state staged && flush && exit 0
  remove_mark
else
  copied "$@" && flush && exit 0
  find . -mindepth 1 -delete
  chmod "00$mode" .
fi
fail 31
