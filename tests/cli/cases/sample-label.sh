# A sheet drawn from the store's dumps, labelled, read back twice; what is wrong on a sheet; a gold set; new dictionaries.
{
    echo 'id,date,channel,text'
    for i in $(seq 1 40); do echo "a$i,2026-07-0$((i % 3 + 1)),app,앱이 자꾸 튕겨요 $i번째"; done
    for i in $(seq 1 40); do echo "b$i,2026-07-0$((i % 3 + 1)),=web,괜찮아요 010-1234-56$((i + 10)) $i"; done
    echo 'c1,2026-07-01,app,"=cmd() 튕기고 ""멈춰"" 버려요"'
} > dump.csv
sori run dump.csv --out out --quiet
sori sample --store out/store.db --random 20 --per-category 3 --out sheet.csv
head -1 sheet.csv; wc -l < sheet.csv; cut -d, -f2,3 sheet.csv | sort | uniq -c
grep -c '010-' sheet.csv; grep -o "'=web" sheet.csv | sort -u
sori sample --store out/store.db --random 20 --per-category 3 --out sheet.csv; echo "exit $?"
sori sample dump.csv --source=sori --random 20 --per-category 3 --quiet | wc -l
sori sample --store out/store.db --random 20 --per-category 3 --quiet | cmp - sheet.csv && echo same
sori sample dump.csv --from=2026-07-02 --to=2026-07-02 --random 5 --per-category 0 2>&1 >night.csv | tail -1
cut -d, -f5 night.csv | sort -u
sori sample dump.csv --from=2031-01-01 --random 5; echo "exit $?"
# a reader: every other hit is right, one text in four is a crash that was missed
awk -F, -v OFS=, 'NR == 1 { print; next } { n++; label = "-"; if ($(NF-2) != "") label = n % 2 ? $(NF-2) : "-"; else if (n % 4 == 0) label = "app.crash"; $(NF-1) = n % 9 ? label : ""; print }' sheet.csv > labelled.csv
sori label labelled.csv --out out | sed "s/[0-9a-f]\{32\}/HASH/"
sori label labelled.csv --out out --format=csv
sed 's/,app.crash,$/,app.crush,/' labelled.csv > bad.csv; sori label bad.csv --out out; echo "exit $?"
sed '3s/^[0-9a-f]*/17/' labelled.csv > bad.csv; sori label bad.csv --out out; echo "exit $?"
sed 's/2026-07-0\([0-9]\)/0\1.07.2026/' labelled.csv > bad.csv; sori label bad.csv --out out; echo "exit $?"
sed '1s/labels/label/' labelled.csv > bad.csv; sori label bad.csv --out out; echo "exit $?"
sori label --out out --format=json | jq -c '[.random_texts,.stratified_texts,.gold_texts]'
printf '%s\n' '{"id":"1","text":"앱이 자꾸 튕겨요","categories":["app.crash"]}' '{"id":"2","text":"앱이 느려요","categories":["app.slow"]}' > gold.jsonl
sori label --gold gold.jsonl --out out | grep -E 'gold set:|slow'
mkdir -p more/x; printf '@in app.crash\nn:괜찮아요\n' > more/x/a.dict
sori label --out out --dict "$SORI_DICT" --dict more | head -1 | sed 's/[0-9a-f]\{32\}/HASH/'
sori label --rescore --out out --dict "$SORI_DICT" --dict more | grep -E '^(labelled|app.crash)'
mv dump.csv gone.csv
sori sample --store out/store.db; echo "exit $?"
sori sample --store out/store.db --random 0 --per-category 2 | cut -d, -f2,5,13-14
sori label --store nowhere.db; echo "exit $?"
sori status --out out --check | tail -1
