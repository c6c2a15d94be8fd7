# 20 bad records are always allowed, whatever their share; one more is over the share, and then all of the input's are rejected.
# Every place tells the same number.
dump() { echo 'id,date,text'; for i in $(seq 30); do printf '%s%s,2026-06-01,앱이 느려요 %s%s\n' "$1" "$i" "$1" "$i"; done
         for i in $(seq "$2"); do printf 'x%s%s,2026-06-01,a\377b\n' "$1" "$i"; done; }
dump a 20 >a.csv
dump b 21 >b.csv
sori run a.csv b.csv --encoding utf-8 --out out 2>&1 | grep -E 'bad|rejected'
jq -c '.inputs[] | [.path, .status, .read, .accepted, .rejected, .reasons]' out/run.json
sori status --out out | tail -4
sori run a.csv b.csv --encoding utf-8 --max-reject 50% --out half --quiet; echo "exit $?"
jq -c '.inputs[] | [.path, .status, .read, .accepted, .rejected]' half/run.json
sori run --help | grep -A1 -e '--max-reject'
