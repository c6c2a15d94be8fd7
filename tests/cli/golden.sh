#!/usr/bin/env bash
# CLI goldens: every cases/NAME.sh runs in an empty folder with `sori` on the PATH and CORPORA set; its standard output,
# standard error and exit code must equal cases/NAME.expected. `golden.sh SORI --update` rewrites the expectations.
#
#   golden.sh SORI [--update] [NAME…]
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1") || exit 2
shift
update=no
[ "${1:-}" = --update ] && { update=yes; shift; }
export CORPORA="$here/../../corpora" LC_ALL=C.UTF-8 NO_COLOR=1 HOME=/nonexistent
unset XDG_CONFIG_HOME
CORPORA=$(realpath "$CORPORA")
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
cp -r "$here/dictionary" "$box/dictionary" # the small one, with the shipped grammar
cp -r "$here/../../dictionaries/grammar" "$box/dictionary/grammar"
export SORI_DICT="$box/dictionary"
mkdir "$box/bin"
ln -s "$program" "$box/bin/sori"
export PATH="$box/bin:$PATH"

run_case() { # script -> the three streams as one text
    local work="$box/work" code
    rm -rf "$work"
    mkdir "$work"
    (cd "$work" && timeout 120 bash "$1" >"$box/out" 2>"$box/err" </dev/null)
    code=$?
    echo "== stdout"
    sed "s#$CORPORA#CORPORA#g; s#$SORI_DICT#DICT#g" "$box/out"
    echo "== stderr"
    sed "s#$CORPORA#CORPORA#g; s#$SORI_DICT#DICT#g" "$box/err"
    echo "== exit $code"
}

good=0 bad=0
for script in "$here"/cases/*.sh; do
    name=$(basename "$script" .sh)
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    run_case "$script" >"$box/actual"
    if [ "$update" = yes ]; then
        cp "$box/actual" "${script%.sh}.expected"
        good=$((good + 1))
    elif diff -u "${script%.sh}.expected" "$box/actual"; then
        good=$((good + 1))
    else
        echo "FAILED: $name"
        bad=$((bad + 1))
    fi
done
[ $((good + bad)) -gt 0 ] || { echo "no case ran"; exit 1; }
echo "$good cases right, $bad wrong"
[ "$bad" -eq 0 ]
