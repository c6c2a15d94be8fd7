# A path that is not there costs only itself when other dumps are given; alone, or when none is there, nothing is done.
printf 'id,date,text\n1,2026-03-02,화면이 안 나와요\n' >dump.csv
sori run nowhere dump.csv --out out --store store.db --quiet
echo "exit $?"
gzip -dc out/counts.csv.gz | wc -l
sori run nowhere elsewhere --out none --quiet
echo "exit $?"
ls none 2>/dev/null
