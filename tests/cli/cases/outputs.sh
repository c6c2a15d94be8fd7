# The spreadsheet is left out on request, counts.csv stands in for counts.csv.gz: neither is a missing output.
printf 'date,product,text\n2026-03-02,TV,"화면이 안 나와요"\n2026-03-03,TV,"배송이 늦어요"\n' >dump.csv
sori run dump.csv --out out --store store.db --report_xlsx.write=false --excel --quiet
echo "exit $?"
ls out
# What an earlier run wrote and this one leaves out does not stay beside it.
sori run dump.csv --out out --store store.db --quiet
ls out
sori run dump.csv --out out --store store.db --report_xlsx.write=false --excel --quiet
ls out
