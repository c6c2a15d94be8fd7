# Every format of the corpus is read whole; the record numbers are those of corpora/MANIFEST.tsv.
sori run "$CORPORA/dumps" --out out --quiet
jq -r '.inputs[] | [(.path | sub(".*/dumps/"; "")), .format, .encoding, .compression, .read, .rejected] | @tsv' out/run.json > actual
cut -f1-6 "$CORPORA/MANIFEST.tsv" | grep -v '^#' | diff - actual && echo "as the manifest says"
jq -c '[.identities[]] | length == 9 and all' out/run.json
