# What changed: the planted rise of network.outage in 부산 from 3 August on, and the fix of app.crash from 1 August on.
sori run "$CORPORA/dumps" --out out --quiet
sori compare --out out --where region=부산 --from 2026-08-03 --to 2026-08-30
sori compare --store out/store.db --from 2026-08-01 --to 2026-08-31 --with-from 2026-06-01 --with-to 2026-07-31 --format csv | cut -d, -f1-5,18
sori compare --out out --format json > all.json
jq -c '.with.from, .compared.to, .family, (.categories[0] | .category, .documents, .documents_with, .verdict, .words)' all.json
# two slices of the last 28 days; --where holds for both
sori compare --out out --slice region=부산 --slice region=대구 --with region=경기 --where lang=ko | head -9
sori compare --out out --slice region=부산 --with lang=ko; echo "exit $?"
sori compare --out out --slice region=부산; echo "exit $?"
sori compare --out out --where region=atlantis; echo "exit $?"
sori compare --out out --where colour=red; echo "exit $?"
sori compare --out out --where region; echo "exit $?"
sori compare --out out --from 2026-08-01 --with-to 2026-08-05; echo "exit $?"
sori compare --out out --from 2026-8-1; echo "exit $?"
sori compare --out out --format xml; echo "exit $?"
# days that the store does not have: too little data
sori compare --out out --from 2026-09-10 --to 2026-10-07 | head -2
# the same labels for a further dimension
mkdir dims
for day in 01 02 03 04 05 06 07; do for i in 1 2 3 4 5 6; do
    printf '2026-05-%s,앱이 자꾸 튕겨요 %s,gold\n2026-05-%s,좋은 날이에요 %s,basic\n' $day $i $day $i
done; done | sed '1i date,text,grade' > dims/a.csv
sori run dims --dim grade --out dim --quiet
sori compare --out dim --slice grade=gold --with grade=basic
# under 80 % of the days asked for are in the store: figures, no verdict
sori compare --out out --from 2026-08-01 --to 2027-08-01 | sed -n 1,7p
sori compare --out out --from 2026-08-01 --to 2027-08-01 --format json |
    jq -c '(.compared | .days, .days_missing, .incomplete), .with.incomplete, .family, ([.categories[].verdict] | unique)'
