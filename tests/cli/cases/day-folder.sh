# A folder a day is no source of its own: the operator is told, and --source counts the shared record once.
mkdir -p 2026-03-02 2026-03-03
printf 'id,date,text\n9031,2026-03-02,화면이 안 나와요\n' >2026-03-02/dump.csv
printf 'id,date,text\n9031,2026-03-02,화면이 안 나와요\n9077,2026-03-03,배송이 늦어요\n' >2026-03-03/dump.csv
sori run 2026-03-02 --out out --store store.db --source voc --quiet
sori run 2026-03-03 --out out --store store.db --source voc --quiet
gzip -dc out/counts.csv.gz | cut -d, -f1,2,7-9
sori run 2026-03-02 --out apart --quiet
