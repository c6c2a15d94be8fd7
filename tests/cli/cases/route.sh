# Tonight by unit, alike complaints together, and a ledger that people edit: never changed, never filled twice.
mkdir dump
{
	echo 'id,date,region,rating,text'
	for i in 1 2 3; do echo "k$i,2026-08-03,부산,1,어제부터 인터넷이 자꾸 끊겨서 일을 할 수가 없습니다 빨리 고쳐 주세요 $i"; done
	echo 'k4,2026-08-03,부산,2,인터넷이 끊겨요 연락처 010-1234-5678'
	echo 'k5,2026-08-03,대구,2,배송이 너무 늦어요 그리고 인터넷도 끊겨요'
	echo 'k6,2026-08-03,대구,5,기사님이 정말 친절하셨어요'
	echo 'k7,2026-08-03,대구,3,그냥 그래요'
	echo 'k8,2026-08-02,대구,1,인터넷이 끊겨요'
} > dump/feedback.csv
sori run dump --out out --quiet
sori route --out out
for unit in out/route/*.md; do echo "--- $unit"; cat "$unit"; done
cat out/route/*.csv | sort -u
cat out/status.tsv
# a person edits the ledger, adds a column and a comment; the next nights leave all that alone
sed -i -e 's/^\(2026-08-03-network.outage\t.*2026-08-03\t2026-08-03\)\t\t\t.*/\1\t2026-08-20\t\t기지국 교체/' -e '1i # 처리 현황' out/status.tsv
cp out/status.tsv edited.tsv
sori route --out out --quiet; cmp out/status.tsv edited.tsv; echo "same $?"
sori route --out out --as-of 2026-08-02 --lang ko
head -n "$(wc -l < edited.tsv)" out/status.tsv | cmp - edited.tsv; echo "kept $?"
tail -n 1 out/status.tsv
# damage is told with its place, before anything is written
sed -i 's/2026-08-20/2026-07-20/' out/status.tsv
sori route --out out; echo "exit $?"
printf '2026-08-03-app.crash\tapp.crash\tapp\t1\t2026-08-03\t2026-08-33\t\t\t\n' >> edited.tsv; cp edited.tsv out/status.tsv
sori route --out out; echo "exit $?"
# other options than the run's find nothing, and write nothing
rm out/status.tsv
sori route --out out --id=none; echo "exit $?"; ls out/status.tsv
rm dump/feedback.csv
sori route --out out; echo "exit $?"
