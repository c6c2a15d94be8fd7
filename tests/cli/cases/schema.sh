# What is written validates: report.xml against its RELAX NG schema, report.json and run.json against theirs.
root=$(realpath "$CORPORA/..")
sori run "$CORPORA/dumps" --out out --quiet
gzip -dc out/report.xml.gz > report.xml
xmllint --noout --relaxng "$root/stages/report_xml/report.rng" report.xml
gzip -dc out/report.json.gz > report.json
python3 - "$root" <<'P'
import json, jsonschema, sys
for name, path in (("report", "report.json"), ("run", "out/run.json")):
    jsonschema.validate(json.load(open(path)), json.load(open(f"{sys.argv[1]}/stages/report_json/{name}.schema.json")))
    print(path.split("/")[-1], "valid")
P
