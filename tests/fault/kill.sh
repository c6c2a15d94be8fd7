#!/usr/bin/env bash
# kill -9 at random points of `sori run`, then the same run again: the store, every output and the absence of temporary files
# must equal those of an undisturbed run. Two nights are run one after the other, so that merging into an existing store is
# hit as well.
#
#   kill.sh SORI [KILLS=200] [SEED=1]
. "$(dirname "$0")/common.sh"
kills=${2:-200}
RANDOM=${3:-1}

mkdir first second
python3 "$corpora/generate.py" --bytes 3000000 --seed 1 >first/night.csv
python3 "$corpora/generate.py" --bytes 2000000 --seed 2 | sed 's/^V/W/' >second/night.csv
head -n 3000 first/night.csv | tail -n +2 >>second/night.csv # an overlap

night() { "$program" run "$1" --source all --out "$2" --store "$2/store.db" --quiet "-j$3"; }
began=$(date +%s%N)
night first reference 1 || { echo "the reference run fails"; exit 1; }
first_ms=$((($(date +%s%N) - began) / 1000000))
cp -r reference after-first
night second reference 1 || exit 1
expected=$(state_of reference)

done_kills=0 bad=0 landed=0
while [ "$done_kills" -lt "$kills" ]; do
    rm -rf out
    if [ $((RANDOM % 2)) -eq 0 ]; then
        set -- first second
    else
        cp -r after-first out
        set -- second
    fi
    for dumps in "$@"; do
        for _ in 1 2 3; do
            [ "$done_kills" -lt "$kills" ] || break
            "$program" run "$dumps" --source all --out out --store out/store.db --quiet "-j$((RANDOM % 2 + 1))" 2>/dev/null &
            pid=$!
            sleep "$(printf '0.%03d' $((RANDOM % (first_ms * 12 / 10 + 1) % 1000)))"
            kill -9 "$pid" 2>/dev/null && landed=$((landed + 1))
            wait "$pid" 2>/dev/null
            done_kills=$((done_kills + 1))
        done
        night "$dumps" out $((RANDOM % 2 + 1)) || { echo "FAILED: the run after a kill exits $?"; bad=$((bad + 1)); }
    done
    actual=$(state_of out)
    if [ "$actual" != "$expected" ]; then
        echo "FAILED after $done_kills kills:"
        diff <(echo "$expected") <(echo "$actual")
        bad=$((bad + 1))
    fi
done
echo "$done_kills kills ($landed landed in a running process), $bad failed"
[ "$bad" -eq 0 ] && [ "$landed" -gt $((done_kills / 4)) ]
