# What was rejected comes back as a dump with its header; mended and run again it counts as the record it is, once.
mkdir -p shop app web whole
printf 'id,date,text\nA1,2026-06-01,앱이 느려요\nA2,2026-06-02,"cra\000shes"\nA3,2026-06-03,환불이 안 돼요\n' > shop/a.csv
printf '{"id":"J1","date":"2026-06-01","text":"it crashes"}\n{"id":"J2","date":"2026-06-02","text":"refund refused"\n{"id":"J3","date":"2026-06-03","text":"too slow"}\n' > app/b.jsonl
printf '<all><r><id>X1</id><text>배송이 늦어요</text></r><r><id>X2</id><text>파손 &none; 왔어요</text></r><r><id>X3</id><text>불친절해요</text></r></all>' > web/c.xml
sori run shop app web --out out --quiet
sori quarantine list --out out
sori quarantine replay mend --out out
(cd mend && for f in */*; do echo "== $f"; tr '\000' '@' < "$f"; done)
tr -d '\000' < mend/shop/a.csv > x && mv x mend/shop/a.csv
sed -i 's/refused"$/refused"}/' mend/app/b.jsonl
sed -i 's/&none;//' mend/web/c.xml
sori run mend/* --out out 2>&1 | grep -E 'records read|nothing'
cp -r shop app web whole
tr -d '\000' < whole/shop/a.csv > x && mv x whole/shop/a.csv
sed -i 's/refused"$/refused"}/' whole/app/b.jsonl
sed -i 's/&none;//' whole/web/c.xml
sori run whole/* --out clean --quiet
cmp out/counts.csv.gz clean/counts.csv.gz && echo "as if all had been right"
jq -c '[.inputs[] | {source: (.path | split("/")[-2]), accepted, rejected}]' out/run.json
sori status --out out | grep -E '^documents'
sori quarantine replay mend --out out; echo "exit $?"
