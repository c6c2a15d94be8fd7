# Is there a season? 160 weeks of an invented shop: outages swing with the year, twice as many in August as in February.
awk 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 }
BEGIN { s = 11; print "date,text"
    for (d = 0; d < 1120; d++) { time = 1672617600 + 86400 * d # Monday 2023-01-02
        p = 0.1 * exp(0.4 * cos(6.283185 * (d - 220) / 365.25))
        for (i = 0; i < 8; i++) { t = r() < p ? "인터넷이 자꾸 끊겨요" : r() < 0.1 ? "앱이 자꾸 튕겨요" : "그냥 그래요"
            printf "%s,%s %d\n", strftime("%Y-%m-%d", time, 1), t, d * 8 + i } } }' >shop.csv
sori run shop.csv --out out --quiet
sori season --out out
sori season --out out --lang ko | sed -n 1,6p
sori season network.outage --out out
sori season app --out out --format csv | cut -d, -f1-5,10-12
sori season --out out --format json >all.json
jq -c '.family, (.categories[] | .category, .verdict, .recurs, .years, .weeks_used)' all.json
sori season network.outage --out out --format json | jq -c '.categories[0].weeks | length, .[7].state'
# one year is shown, less is not; near Chuseok years are laid side by side by the feast
sori season network.outage --out out --as-of 2024-02-29 | sed -n 1,5p
sori season network.outage --out out --as-of 2023-11-30 | sed -n 1,4p
sori season network.outage --out out --as-of 2025-10-05 --calendar "$CORPORA/side/calendar.csv" | sed -n 2p
printf 'date,type\n2024-09-17,chuseok\n2025-10-06,chuseok\n' >feasts.csv
sori season network.outage --out out --as-of 2025-10-05 --calendar feasts.csv | sed -n 2p
printf 'date,name,value\n2024-09,heat,24.8\n2025-10,heat,18.1\n' >heat.csv
sori season network.outage --out out --as-of 2025-10-05 --calendar feasts.csv --outside heat.csv | grep ^outside
sori season no.such --out out; echo "exit $?"
sori season app network --out out; echo "exit $?"
sori season --out out --per visits; echo "exit $?"
sori season --out out --lang de; echo "exit $?"
printf 'date,type\n2024-02-30,seollal\n' >feasts.csv
sori season --out out --calendar feasts.csv; echo "exit $?"
sori alerts --out out --calendar feasts.csv; echo "exit $?"
# the weeks of the answer through `sori stat season`: the same test
sori season network.outage --out out --format json >one.json
{ echo series,t,y,n; jq -r '.categories[0].weeks | to_entries[] | "a,\(.key),\(.value.documents // "NA"),\(.value.denominator // "NA")"' one.json; } >weeks.csv
sori stat season <weeks.csv | head -1
sori stat season <weeks.csv | awk -F, 'NR == 2 { print; }' | tr ',' '\n' | awk '{ printf "%.4g ", $1 } END { print "" }'
jq -r '.categories[0] | .f, .df1, .df2, .p, .peak_to_lowest' one.json | awk '{ printf "%.4g ", $1 } END { print "" }'
