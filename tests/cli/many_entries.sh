#!/usr/bin/env bash
# `sori dict check` over 10,000 entries: aim one second. The time is printed; the test fails only when it takes ten times
# as long, since a machine may be busy.
set -u
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 0; }
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
cp -r "$here/../../dictionaries/grammar" "$box/grammar"
python3 "$here/many_entries.py" "$box" 10000 || exit 1
start=$(date +%s%N)
timeout 10 "$program" dict check --dict "$box" >"$box/out" || { echo "failed or over 10 s"; tail -3 "$box/out"; exit 1; }
tail -1 "$box/out"
echo "$((($(date +%s%N) - start) / 1000000)) ms"
grep -q ", 10000 entries," "$box/out"
