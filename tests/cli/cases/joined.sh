# Dumps joined end to end repeat the header line, with its byte order mark and its own line ending: no feedback.
printf '\xef\xbb\xbfid,date,text\r\nA1,2026-06-01,앱이 느려요\r\n' > one.csv
printf '\xef\xbb\xbfid,date,text\nA2,2026-06-02,crashes every day\n' > two.csv
cat one.csv two.csv two.csv > joined.csv
sori run joined.csv --out out --quiet
jq -c '.inputs[0] | {seen, header, read, accepted, duplicate}' out/run.json
gzip -c one.csv > joined.gz; gzip -c two.csv >> joined.gz
sori run joined.gz --out packed --quiet -j2 --read-size 1
jq -c '.inputs[0] | {seen, header, read, accepted, duplicate}' packed/run.json
printf 'text\n느려요\ntext\n' > single.csv
sori run single.csv --out single --format csv --quiet
jq -c '.inputs[0] | {seen, header, read, accepted, duplicate}' single/run.json
