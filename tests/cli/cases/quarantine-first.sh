# The evidence is on disk before the ledger knows the input: a run that cannot keep it counts nothing, and the next one does.
printf 'id,date,text\nA1,2026-06-01,앱이 느려요\nA2,2026-06-02,cra\000shes\nA3,2026-06-03,환불이 안 돼요\n' > a.csv
sori run a.csv --out first --quiet
name=$(cd first/quarantine && ls *.bin)
mkdir -p "out/quarantine/$name"
sori run a.csv --out out --quiet 2>&1 | sed 's/[0-9a-f]\{16\}/HASH/g'
sori status --out out | grep -E '^(runs|documents)'
rmdir "out/quarantine/$name"
sori run a.csv --out out 2>&1 | grep -E 'records|rejected'
sori quarantine list --out out
