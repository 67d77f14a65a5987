# What all scripts of the helper share. Names come as arguments and in lists that end with NUL, and
# are never split by the shell; messages are in English, times in UTC.
export LC_ALL=C TZ=UTC0
volume=/dockcli-volume source=/dockcli-source scratch=/dockcli-scratch fifo=/dockcli-fifo/stream
mark=.dockcli-restore magic='dockcli restore 1' times='' new_times='' flushing=''

fail() { # CODE MESSAGE
  [ -z "$2" ] || echo "dockcli: $2" >&2
  exit "$1"
}

# Whether the client is on this machine: same kernel, and its folder is the one that is bound here.
is_here() { # BOOT TOKEN
  [ -n "$1" ] && [ "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" = "$1" ] &&
    [ "$(cat /dockcli-fifo/token 2>/dev/null)" = "$2" ] && [ -p "$fifo" ]
}

# A tar of the working folder: the same bytes for the same tree, but for a process number that tar
# has in the header of a sparse file.
tar_of() {
  tar --create --file=- --format=pax --numeric-owner --sort=name --blocking-factor=128 \
    --xattrs --xattrs-include='*' --xattrs-exclude=security.selinux --quoting-style=c \
    --pax-option='exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime' \
    --anchored --no-wildcards --exclude="./$mark" "$@" .
}

tar_into() { # FOLDER
  tar --extract --file=- --directory="$1" --preserve-permissions --same-owner --numeric-owner \
    --xattrs --xattrs-include='*' --xattrs-exclude=security.selinux --warning=no-timestamp \
    --delay-directory-restore # the entries of a folder may come in several places
}

# Everything to the disk, which may take long: others write to it too.
flush() { sync -f "$volume"; }

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

# How far a restore in the folder $1 has come: none, foreign (not ours), empty (ours, cut off at the
# very beginning or end), staging, staged, moving, placing, done, undone.
read_state() { # FOLDER
  state=none
  is_there "$1/$mark" || return 0
  state=foreign
  [ -d "$1/$mark" ] && [ ! -L "$1/$mark" ] || return 0
  if [ -f "$1/$mark/state" ] && [ ! -L "$1/$mark/state" ]; then
    { read -r line && read -r word && read -r times && read -r new_times; } <"$1/$mark/state"
    [ "$line" != "$magic" ] || state=$word
    # What is taken back has lost new/ first, which needs no room on a full volume.
    case $state in
    staged | moving | placing) [ -d "$1/$mark/new" ] || state=undone ;;
    esac
  elif [ -z "$(find "$1/$mark" -mindepth 1 ! -path "$1/$mark/state.new" -print -quit)" ]; then
    state=empty
  fi
}

write_state() { # WORD
  printf '%s\n' "$magic" "$1" "$times" "$new_times" >"$mark/state.new" &&
    mv -f -T "$mark/state.new" "$mark/state"
}

# The same, and what was moved before is on the disk before it, by the file system's journal.
reach() { # WORD
  sync -- . "$mark" && printf '%s\n' "$magic" "$1" "$times" "$new_times" >"$mark/state.new" &&
    sync -- "$mark/state.new" && mv -f -T "$mark/state.new" "$mark/state" && sync -- "$mark"
}

# Refuses to read the folder $1 where a restore in it is unfinished.
must_be_whole() { # FOLDER
  read_state "$1"
  case $state in
  none | empty) ;;
  foreign) fail 20 ;;
  *) fail 21 ;;
  esac
}

# Makes .dockcli-restore/new in the working folder, which is the volume's root.
begin_staging() {
  must_be_whole .
  remove_mark || fail 30
  times=$(stat -c %.9Y .)
  mkdir "$mark" || fail 31
  like "$scratch" "$mark" && write_state staging && mkdir "$mark/new" ||
    { remove_mark; fail 31; }
}

# Gives an empty folder, or the volume's root, the attributes of another. cp takes off a default ACL,
# which a folder has from the one that it was made in; a setgid bit goes by five digits only.
like() { # OTHER FOLDER
  chmod 00700 "$2" && cp -a -T "$1" "$2"
}

# Removes .dockcli-restore, its state last, and gives the root the time that it had before.
remove_mark() {
  is_there "$mark" || return 0
  find "$mark" -mindepth 1 -maxdepth 1 ! -name state -exec rm -rf -- {} + &&
    rm -f -- "$mark/state" && rmdir -- "$mark" || return 1
  [ -z "$times" ] || touch -d "@$times" .
}

# Moves the names of the list on stdin from one folder to the other: those that are in the first and
# not in the second, so that it can be repeated.
move() { # FROM TO
  xargs -0 -r sh -c '
    from=$1 to=$2
    shift 2
    for name; do
      shift
      if [ ! -e "$from/$name" ] && [ ! -L "$from/$name" ]; then continue; fi
      if [ -e "$to/$name" ] || [ -L "$to/$name" ]; then continue; fi
      set -- "$@" "$from/$name"
    done
    [ $# -eq 0 ] || mv -n -t "$to" -- "$@"' sh "$1" "$2"
}

is_empty() { [ -z "$(find "$1" -mindepth 1 -print -quit)" ]; }
