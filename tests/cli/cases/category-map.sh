# A category is renamed between two nights: the series goes on; a split shows; what is wrong with a map is told.
mkdir -p old/x new/x; cp -r "$SORI_DICT/grammar" old/grammar; cp -r old/grammar new/grammar
printf '@category app.freeze ko="멈춤" en="Freezes" kind=pain\nv:멈추다 id=freeze\n@category app.slow ko="느림" en="Slow" kind=pain\nv:느리다\n' > old/x/a.dict
printf '@category app.crash ko="강제 종료" en="Crashes" kind=pain\nv:멈추다 id=freeze\n@category app.slow ko="느림" en="Slow" kind=pain\nv:느리다\n' > new/x/a.dict
{ echo 'id,date,text'; for i in $(seq 1 9); do echo "a$i,2026-03-0$i,앱이 멈춰요 $i"; done; } > one.csv
{ echo 'id,date,text'; for i in $(seq 1 5); do echo "b$i,2026-04-0$i,앱이 멈춰요 $i"; done; } > two.csv
sori run one.csv --dict old --out out --quiet
echo '2026-04-01 rename app.freeze -> app.crash  # one name for both' > new/categories.map
sori dict check --dict new | tail -1 | sed 's/[0-9]* forms/N forms/'
sori run two.csv --dict new --out out --quiet
zcat out/report.json.gz | jq -c '.categories[] | [.id, .documents]'
sori report --store out/store.db --out again --quiet; zcat again/report.json.gz | jq -c '.categories[] | [.id, .documents]'
rm new/categories.map; sori run two.csv --dict new --out out --quiet; zcat out/report.json.gz | jq -c '.categories[] | [.id, .documents]'
sori status --store out/store.db --check | tail -1
printf '2026-04-01 rename app.freeze -> app.crush\n2026-05-01 split app.slow -> app.crash app.late\n' > new/categories.map
sori dict check --dict new | sed 's/[0-9]* forms/N forms/'; echo "exit ${PIPESTATUS[0]}"
printf '\n2026-04-01 renam app.freeze -> app.crush\n' > new/categories.map
sori dict check --dict new | sed 's/[0-9]* forms/N forms/'; echo "exit ${PIPESTATUS[0]}"
