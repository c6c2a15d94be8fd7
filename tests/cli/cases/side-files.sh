# Files that people keep beside the data: a calendar takes days off out of baselines, an exposure makes rates.
sori run "$CORPORA/dumps" --out out --quiet
sori compare --out out --where region=부산 --exposure "$CORPORA/side/exposure.csv" | sed -n 3,9p
sori compare --out out --slice region=부산 --with region=서울 --exposure "$CORPORA/side/exposure.csv" --format csv | cut -d, -f1-7 | head -3
sori compare --out out --exposure "$CORPORA/side/exposure.csv" --format json | jq -c '.per, (.categories[0] | .category, .mix)'
# the settings name the files; nobody asks for rates unless --per or analysis.per does
printf 'analysis:\n  exposure: %s\n  calendar: %s\n' "$CORPORA/side/exposure.csv" "$CORPORA/side/calendar.csv" >sori.yaml
sori compare --out out | sed -n 4,6p
sori compare --out out --per subscriber-days --lang ko | sed -n 3,6p
sori compare --out out --per visits; echo "exit $?"
sori alerts --out out --as-of 2026-08-17 | sed -n 1,5p
printf 'analysis:\n  calender: x\n' >sori.yaml
sori compare --out out; echo "exit $?"
rm sori.yaml
sori compare --out out --calendar nowhere.csv; echo "exit $?"
printf 'date,name,value,region\n2026-06,visits,1,부산\n2026-06-30,visits,1,부산\n' >visits.csv
sori compare --out out --exposure visits.csv; echo "exit $?"
printf 'date;name;value\n2026-06;visits;1\n' >visits.csv
sori compare --out out --exposure visits.csv; echo "exit $?"
# a line of the ledger whose scope the exposure does not know is not judged; it costs the night neither the others nor its report
printf 'id\tdate\tcategory\tscope\nhere\t2026-08-01\tapp.crash\tregion=부산\nthere\t2026-08-01\tapp.crash\tchannel=앱\n' >actions.tsv
sori run "$CORPORA/dumps" --exposure "$CORPORA/side/exposure.csv" --actions actions.tsv --out rates --quiet; echo "exit $?"
grep -o '노출 자료[^<]*' rates/report.html
sori effect --out rates --exposure "$CORPORA/side/exposure.csv" --actions actions.tsv | head -3
sori effect --out rates --exposure "$CORPORA/side/exposure.csv" --actions actions.tsv --format csv | cut -d, -f1-6
sori effect --out rates --exposure "$CORPORA/side/exposure.csv" --actions actions.tsv --format json | jq -c '.actions[] | .id, .reason'
# who asks for that slice by name is told so
sori effect --out rates --exposure "$CORPORA/side/exposure.csv" --actions actions.tsv --action there; echo "exit $?"
sori compare --out rates --exposure "$CORPORA/side/exposure.csv" --where channel=앱; echo "exit $?"
