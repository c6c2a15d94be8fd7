# Outputs that lie among the dumps are not read as dumps on the next night; what is no file is told, not passed over.
printf 'id,date,text\nA1,2026-06-01,앱이 느려요\nA2,2026-06-02,crashes every day\n' > a.csv
sori run . --quiet; echo "exit $?"
sori run . 2>&1 | grep -v identities; echo "exit $?"
sori run . --out other/place --store kept.db --quiet; echo "exit $?"
sori run . --out other/place --store kept.db 2>&1 | grep -E 'records read|nothing new|own'
mkdir real in
cp a.csv real/
ln -s ../real in/link
mkfifo in/pipe
sori run in --out out; echo "exit $?"
cp a.csv in/
sori run in --out out 2>&1 | grep -E 'skipped|records read'
