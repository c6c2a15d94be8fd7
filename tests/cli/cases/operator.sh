# What a tired operator meets: a gzip file without a byte, folders named wrongly, a period without documents.
printf 'id,date,text\nA1,2026-06-01,앱이 느려요\nA2,2026-06-02,crashes every day\n' > a.csv
mkdir dumps
: > dumps/empty.csv.gz
cp a.csv dumps/
ln -s . dumps/loop
sori run dumps --out out --quiet; echo "exit $?"
jq -c '.inputs[] | {path, status, read, problem}' out/run.json
sori run a.csv --out other --dict /nonexistent --quiet; echo "exit $?"
sori run a.csv --out other --config nope.yaml --quiet; echo "exit $?"
sori report --store out/store.db --out july --from 2030-01-01 --quiet; echo "exit $?"
sori run a.csv --out out --excel 2>&1 | tail -1
printf 'id,date,text\nA9,2026-06-01\n' > $'esc\e[31m.csv'
sori run $'esc\e[31m.csv' --out odd --quiet
sori status --out odd | tail -1
