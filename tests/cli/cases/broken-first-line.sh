# A file named as JSON is JSON, whatever its first line holds: the bad line goes to quarantine, no raw line counts as a text.
{ printf '{bad\n'; for i in 1 2 3 4 5 6 7 8 9; do printf '{"id":"%s","date":"2026-06-0%s","text":"앱이 느려요 %s"}\n' $i $i $i; done; } >a.jsonl
{ printf '{bad\n{worse\n'; printf '{"id":"%s","date":"2026-06-01","text":"환불이 안 돼요 %s"}\n' 11 11 12 12; } >b.NDJSON
sed 's/"id":"/"id":"z/' a.jsonl | gzip -n >c.json.gz
{ printf '[bad\n'; sed '1d; s/"id":"/"id":"y/' a.jsonl; } >d.jsonl
sori run a.jsonl b.NDJSON c.json.gz d.jsonl --out out --quiet; echo "exit $?"
jq -c '.inputs[] | [.path, .format, .status, .read, .accepted, .rejected]' out/run.json
sori quarantine list --out out
