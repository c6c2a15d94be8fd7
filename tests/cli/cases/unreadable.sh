# One file that cannot be read is refused alone: the others are counted and published, the exit code tells of it, and the
# night after, when it can be read, it counts.
mkdir dumps
printf 'id,date,text\nA1,2026-06-01,앱이 느려요\n' > dumps/a.csv
printf 'id,date,text\nC1,2026-06-02,환불이 안 돼요\n' > dumps/c.csv
ln -s /proc/self/mem dumps/b.csv # a regular file whose first byte cannot be read, by root neither
sori run dumps --out out; echo "exit $?"
jq -c '.inputs[] | {path, status, problem, accepted}' out/run.json
rm dumps/b.csv
printf 'id,date,text\nB1,2026-06-03,자꾸 끊겨요\n' > dumps/b.csv
sori run dumps --out out --quiet; echo "exit $?"
sori status --out out | grep -E '^documents'
