# The same run again is a no-op with identical bytes; an overlapping file counts once; a corrected record replaces the older.
sori run "$CORPORA/dumps" --out out --quiet
(cd out && sha256sum report.html counts.csv.gz report.json.gz report.xml.gz sori.prom run.json) > first.sums
sleep 1.1
sori run "$CORPORA/dumps" --out out 2>&1 | grep 'nothing new'
(cd out && sha256sum -c --quiet ../first.sums) && echo "identical"
mkdir overlap
printf 'id,date,text\n1a,2026-06-01,앱이 느려요\n2a,2026-06-02,환불이 안 돼요\n' > overlap/1.csv
printf 'id,date,text\n2a,2026-06-02,환불이 안 돼요\n3a,2026-06-03,배송이 늦어요\n' > overlap/2.csv
sori run overlap --out both --quiet
gzip -dc both/counts.csv.gz | cut -d, -f1-10 | sed 's/,[0-9a-f]*$//'
printf 'id,date,text\n3a,2026-06-03,배송이 빨라요\n' > overlap/3.csv
sori run overlap --out both --quiet
gzip -dc both/counts.csv.gz | grep 2026-06-03 | cut -d, -f1-9
