#!/usr/bin/env bash
# Runs every libFuzzer target of the fuzz preset for some seconds over its seeds; new findings stay below FOLDER.
#
#   cmake --preset fuzz && cmake --build --preset fuzz && tests/fuzz/campaign.sh build/fuzz [SECONDS=60] [FOLDER=fuzz-findings]
set -u
build=$(realpath "$1") || exit 2
seconds=${2:-60}
here=$(cd "$(dirname "$0")" && pwd)
folder=${3:-$build/findings}
bad=0 ran=0
for target in "$build"/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    short=${name#fuzz_}
    mkdir -p "$folder/$short"
    seeds="$here/seeds/$short"
    [ -d "$seeds" ] || seeds=
    # shellcheck disable=SC2086
    if "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$folder/$short/" "$folder/$short" $seeds >"$folder/$short.log" 2>&1; then
        result=ok
    else
        result=FAILED
        bad=$((bad + 1))
    fi
    ran=$((ran + 1))
    printf '%-12s %-6s %s executions\n' "$short" "$result" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$short.log")"
done
echo "$ran targets, $bad with findings (logs in $folder)"
[ "$ran" -gt 0 ] && [ "$bad" -eq 0 ]
