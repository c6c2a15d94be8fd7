# Tonight: quiet as it comes; then a burst of one category, and a night without a dump.
sori run "$CORPORA/dumps" --out out --quiet
sori alerts --out out
sori alerts --out out --as-of 2026-08-10 --where region=부산 --all
mkdir burst
for i in $(seq 1 30); do printf '%s,2026-08-31,%s,인터넷이 자꾸 끊겨요 %s\n' "$i" 부산 "$i"; done | sed '1i id,date,region,text' > burst/31.csv
sori run burst --out out --quiet
sori alerts --out out --all
sori alerts --out out --format csv | cut -d, -f1-5,14-
sori alerts --out out --format json > all.json
jq -c '.as_of, .tier, .history_days, .source_silent, (.rows[0, 1] | .id, .verdict, .observed)' all.json
sori alerts --out out --as-of 2026-09-01 | head -6
sori alerts --out out --as-of 2026-07-08 | sed -n 1,6p
sori alerts --out out --as-of 2026-06-20 | sed -n 1,6p
sori alerts --out out --tier weekly; echo "exit $?"
sori alerts --out out --as-of tonight; echo "exit $?"
sori alerts --out nowhere; echo "exit $?"
