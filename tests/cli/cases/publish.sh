# Small cells hidden: regions roll up, counts under the threshold and what gives them away go, in every output.
sori run "$CORPORA/dumps" --out out --quiet
sori report --out out --publish outside --quiet
zcat out/report.json.gz > published.json
jq -c '[.categories[] | .documents | select(. > 0 and . < 10)]' published.json
jq -c '[.dimensions[].values[].documents | numbers | select(. < 10 and . > 0)]' published.json
jq -c '[.categories[].by[][].documents | numbers | select(. > 0 and . < 10)], [.categories[].series[] | numbers | select(. > 0 and . < 10)]' published.json
jq -c '[.categories[].series | select(any(. == null)) | [.[] | select(. == null)] | length | select(. == 1)]' published.json
zcat out/counts.csv.gz | awk -F, 'NR > 1 { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/ && $i > 0 && $i < 10) bad++ } END { print (NR > 50), bad + 0 }'
grep -c '184467440737095516' out/report.html out/sori.prom
awk '/^sori_category/ && $NF > 0 && $NF < 10' out/sori.prom | wc -l
sori report --out out --quiet
zcat out/counts.csv.gz | wc -l
sori compare --out out --publish inside | sed -n 5,20p
sori alerts --out out --publish outside --all | tail -n 12
sori report --out out --publish everybody; echo "exit $?"
