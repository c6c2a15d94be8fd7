# A truncated gzip keeps what came before, is marked incomplete, and exits 65; the other input is counted.
python3 "$CORPORA/generate.py" --bytes 200000 --seed 5 > a.csv
gzip -n -c a.csv > whole.csv.gz
head -c 30000 whole.csv.gz > cut.csv.gz
mkdir dumps
mv cut.csv.gz dumps/
head -20 a.csv | sed 's/^V/W/' > dumps/other.csv
sori run dumps --out out --quiet; echo "exit $?"
jq -c '.inputs[] | {path, status, rejected} + {some: (.accepted > 10)}' out/run.json
