#!/bin/sh
# schemas.sh SORI: a real run over a small dump; report.json, run.json and report.xml against the schemas that ship with
# the program, and the counts of the three data files against each other. 77 (skipped) without python3-jsonschema.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python3 -c 'import jsonschema' 2>/dev/null || { echo "skipped: report.schemas (python3-jsonschema not installed)"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cat > "$folder/dump.csv" <<'END'
날짜,제품,내용,평점
2026-05-01,모델 A,"와이파이가 자꾸 끊겨요",1
2026-05-02,=1+1,"배송이 너무 늦었어요 <b>",2
,모델 B,"기사님이 친절했어요",5
2026-05-03,모델 B,"The app crashes every time",1
END
"$1" run "$folder/dump.csv" --out "$folder/out" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
python3 -W ignore - "$folder/out" "$root/stages/report_json" <<'END'
import collections, csv, gzip, json, sys, jsonschema
out, schemas = sys.argv[1:]
report = json.load(gzip.open(out + '/report.json.gz'))
run = json.load(open(out + '/run.json'))
for name, data in ('report', report), ('run', run):
    schema = json.load(open('%s/%s.schema.json' % (schemas, name)))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(data, schema)
counts = collections.Counter()
for row in csv.DictReader(gzip.open(out + '/counts.csv.gz', 'rt', encoding='utf-8')):
    counts[row['category']] += int(row['documents'])
assert counts['*'] == report['documents'] == 4, counts
assert all(counts[c['id']] == c['documents'] for c in report['categories'])
assert counts['network.outage'] >= 1 and counts['praise.staff'] >= 1, counts
assert run['outputs'][-1] == 'run.json' and all(run['identities'].values()), run['identities']
END
if command -v xmllint >/dev/null; then
	gzip -dc "$folder/out/report.xml.gz" | xmllint --noout --nonet --relaxng "$root/stages/report_xml/report.rng" - 2>"$folder/log" ||
		{ cat "$folder/log"; exit 1; }
else
	echo "skipped: report.xml in schemas.sh (xmllint not installed; test_report_html validates it as well)"
fi
echo "schemas: report.json, run.json, report.xml and counts.csv agree"
