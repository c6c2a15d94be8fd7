# Did it help? 70 weeks of an invented shop: in 부산 crashes fall to a half from week 50 on, elsewhere they stay; 20 documents a day
# in each region, a fixed wobble.
awk 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 }
BEGIN { s = 7; print "date,region,text"
    for (d = 0; d < 490; d++) { day = strftime("%Y-%m-%d", 1735776000 + 86400 * (d + 4), 1) # Monday 2025-01-06
        for (i = 0; i < 40; i++) { b = i % 2; p = b && d >= 350 ? 0.1 : 0.2
            t = r() < p ? "앱이 자꾸 튕겨요" : r() < 0.1 ? "인터넷이 자꾸 끊겨요" : "그냥 그래요"
            printf "%s,%s,%s %d\n", day, b ? "부산" : "서울", t, d * 40 + i } } }' >shop.csv
sori run shop.csv --out out --quiet
sori effect --out out --date 2025-12-22 --category app.crash --where region=부산
sori effect --out out --date 2025-12-22 --category app.crash --where region=서울 --lang ko
printf 'id\tdate\tcategory\tscope\tstatus\tphase_in\ttitle\nfix\t2025-12-22\tapp.crash\tregion=부산\t개선\t0\t종료 수정\n' >actions.tsv
printf 'slow\t2025-12-24\tapp.crash\tregion=서울\t확인\t2\t\nnew\t2026-03-20\tnetwork.outage\t\t\t\t\nold\t2025-02-01\tapp\n' >>actions.tsv
printf 'lost\t2025-12-22\tapp.crash\tregion=화성\nwrong\t2025-12-22\tno.such\n' >>actions.tsv
sori effect --out out --actions actions.tsv
sori effect --out out --actions actions.tsv --lang ko | sed -n 2,3p
sori effect --out out --actions actions.tsv --action slow --as-of 2026-02-20 | sed -n 2,6p
sori effect --out out --actions actions.tsv --format csv | cut -d, -f1-11,18,41
sori effect --out out --actions actions.tsv --format json >all.json
jq -c '.family, (.actions[] | .id, .verdict, .reason, .average.ratio == null, .control)' all.json
sori effect --out out --date 2025-12-22 --category app.crash --where region=부산 --format json >one.json
jq -c '(.weeks | length), .weeks[49, 50].state, (.weeks[60].without > .weeks[60].fitted), .comparison.reason, .net.ratio < 0.75' one.json
# rates: visits double in week 50, so crashes a visit halve without any fix
{ echo date,name,value,region; for m in 01 02 03 04 05 06 07 08 09 10 11; do echo 2025-$m,visits,30000,서울; done
  echo 2025-12,visits,31000,서울; for m in 01 02 03 04 05; do echo 2026-$m,visits,62000,서울; done; } >visits.csv
sori effect --out out --date 2025-12-22 --category app.crash --within region=서울 --exposure visits.csv | sed -n 3p
sori effect --out out --date 2025-12-22 --category app.crash --exposure visits.csv --within region=부산; echo "exit $?"
# an outside series beside; the calendar leaves out feasts
printf 'date,name,value\n2025-11,load,100\n2026-02,load,110\n' >load.csv
sori effect --out out --date 2025-12-22 --category app.crash --outside load.csv --calendar "$CORPORA/side/calendar.csv" | grep -e ^weeks -e ^also -e ^outside
sori effect --out out --date 2025-12-22 --category app.crash --calendar "$CORPORA/side/calendar.csv" --format json | jq -c .also_then
# settings name the files as well
printf 'analysis:\n  actions: actions.tsv\n' >sori.yaml
sori effect --out out --action fix --format csv | cut -d, -f1-5
rm sori.yaml
sori effect --out out; echo "exit $?"
sori effect --out out --actions actions.tsv --action none; echo "exit $?"
sori effect --out out --date 2025-12-22; echo "exit $?"
sori effect --out out --date 2025-12-22 --category no.such; echo "exit $?"
sori effect --out out --actions actions.tsv --where region=부산; echo "exit $?"
sori effect --out out --date 2025-12-22 --category app.crash --within region=화성; echo "exit $?"
printf 'fix\t2025-12-22\tapp.crash\n' >>actions.tsv
sori effect --out out --actions actions.tsv; echo "exit $?"
sori effect --out out --actions nowhere.tsv; echo "exit $?"
# the sample: three months are too short
sori run "$CORPORA/dumps" --out sample --quiet
sori effect --out sample --actions "$CORPORA/side/actions.tsv" --calendar "$CORPORA/side/calendar.csv"
# the weeks of the answer through `sori stat its`: the same figures
{ echo series,t,y,n,excluded; jq -r '.weeks | to_entries[] | "a,\(.key),\(.value.documents // "NA"),\(.value.denominator // "NA"),\(if .value.state == "used" then 0 else 1 end)"' one.json; } >weeks.csv
printf 'series,T0\na,50\n' >spec.csv
printf 'series,h_after_T0\na,0\na,4\na,12\n' >horizons.csv
sori stat its --spec spec.csv --horizons horizons.csv --print effect <weeks.csv >stat.csv
head -1 stat.csv
awk -F, 'NR > 1 && NR < 5 { printf "%.4g %.4g %.4g %.4g %.4g\n", $3, $4, $5, $6, $7 }' stat.csv
jq -r '.at_once, .after_4_weeks, .after_12_weeks | "\(.ratio) \(.quasi_low) \(.quasi_high) \(.newey_west_low) \(.newey_west_high)"' one.json |
    awk '{ printf "%.4g %.4g %.4g %.4g %.4g\n", $1, $2, $3, $4, $5 }'
