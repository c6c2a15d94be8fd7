# Options that cannot be meant are refused, options that find nothing are told.
printf 'id,date,text\nA1,2026-06-01T22:30:00Z,앱이 느려요\nA2,2026-06-02T01:00:00Z,crashes every day\nA2,2026-06-02T01:00:00Z,lags\n' > a.csv
for zone in 0 -300 +09:00 -05:00 Z UTC banana 9000; do
    sori run a.csv --out out --time-zone=$zone --quiet; echo "zone $zone: exit $?"
    [ -d out ] && gzip -dc out/counts.csv.gz | grep -F ',*,' | cut -d, -f1,9
    rm -rf out
done
sori run a.csv --out out --date-format=banana; echo "exit $?"
sori run a.csv --out out --text=nope 2>&1 | grep column
sori run a.csv --out out1 --dim=nosuch --quiet; echo "exit $?"
sori run a.csv --out out2 --date-format='%d/%m/%Y' --id=none 2>&1 | grep -E 'records|a.csv'
sori run a.csv --out out3 2>&1 | grep 'records read'
