#!/usr/bin/env bash
# Every allocation of a run fails once, one after the other: the program must say so (exit 71), never die by a signal, never
# exit 0 with other outputs, and the same run again must succeed.
#
#   alloc.sh SORI [STEP=1] [LIMIT=20000]
. "$(dirname "$0")/common.sh"
step=${2:-1} limit=${3:-20000}

cat >tiny.dict.source <<'T'
@category app.crash ko="멈춤" en="Crash" kind=pain
v:멈추다=튕기다
e:crash
T
mkdir -p dictionary/apps dumps
cp tiny.dict.source dictionary/apps/tiny.dict
cp -r "$SORI_DICT/grammar" dictionary/grammar
export SORI_DICT="$box/dictionary"
head -n 40 "$corpora/dumps/web/export.csv" >dumps/a.csv
printf '{"id":"1","date":"2026-06-01","text":"자꾸 튕겨요"}\n{"id":"2","text":"crashes daily"}\n' | gzip -n >dumps/b.jsonl.gz

"$program" run dumps --out reference --quiet -j1 || { echo "the reference run fails"; exit 1; }
expected=$(state_of reference)
bad=0 failed_cleanly=0 unaffected=0 n=1
while [ "$n" -le "$limit" ]; do
    rm -rf out
    SORI_TEST_FAIL_ALLOC=$n timeout 60 "$program" run dumps --out out --quiet -j1 2>err
    code=$?
    case $code in
        0)
            [ "$(state_of out)" = "$expected" ] || { echo "FAILED: allocation $n: exit 0, other outputs"; bad=$((bad + 1)); }
            unaffected=$((unaffected + 1))
            [ "$unaffected" -lt 25 ] || break ;;
        71)
            unaffected=0 failed_cleanly=$((failed_cleanly + 1))
            grep -q . err || { echo "FAILED: allocation $n: no message"; bad=$((bad + 1)); }
            if [ $((failed_cleanly % 50)) -eq 1 ]; then
                "$program" run dumps --out out --quiet -j1 && [ "$(state_of out)" = "$expected" ] ||
                    { echo "FAILED: allocation $n: the run after it differs"; bad=$((bad + 1)); }
            fi ;;
        *) echo "FAILED: allocation $n: exit $code: $(head -c 200 err)"; bad=$((bad + 1)) ;;
    esac
    [ "$bad" -lt 20 ] || break
    n=$((n + step))
done
echo "$((n - 1)) allocations, $failed_cleanly failed cleanly, $bad wrong"
[ "$bad" -eq 0 ] && [ "$failed_cleanly" -gt 50 ]
