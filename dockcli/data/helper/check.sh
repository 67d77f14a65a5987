# Says on stderr which tool is missing or not GNU's.
for tool in tar cp find; do
  "$tool" --version 2>/dev/null | { read -r line; case $line in *GNU*) ;; *) exit 1 ;; esac; } ||
    fail 32 "$tool is not GNU's"
done
for tool in xargs sha256sum stat sync df du; do
  "$tool" --version >/dev/null 2>&1 || fail 32 "$tool is not there"
done
