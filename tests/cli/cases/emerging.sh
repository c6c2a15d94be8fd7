# A new wording in the last week, said by several customers; one that a single customer repeats; a campaign of one text.
mkdir dump
{
	echo 'id,date,customer,text'
	for day in $(seq 1 35); do
		for i in $(seq 1 40); do
			n=$((day * 40 + i))
			printf '%s,%s,c%s,' "$n" "$(date -u -d "2026-07-01 + $((day - 1)) days" +%F)" "$((n % 333))"
			case $((n % 5)) in
			0) echo "배송이 늦어요 $n번째 문의" ;;
			1) echo "요금이 조금 올랐네요 $n" ;;
			2) echo "상담원이 친절했습니다 $n" ;;
			3) [ "$day" -gt 28 ] && echo "새벽배송이 문 앞에서 사라졌어요 $n" || echo "화면이 예뻐요 $n" ;;
			4) if [ "$day" -gt 28 ]; then
				[ $((n % 2)) -eq 0 ] && echo '무료쿠폰 이벤트에 참여했으니 쿠폰을 보내 주시기 바랍니다 꼭 부탁드립니다 여러분도 참여하세요 모두에게 드립니다' ||
					echo "새벽배송을 끊을까 합니다 $n"
			   else echo "그냥 그래요 $n"; fi ;;
			esac
		done
	done
} > dump/feedback.csv
sori run dump --out out --quiet --id=id
sori emerging --out out
sori emerging --out out --lang ko --days 3 --baseline 14 | head -8
sori emerging --out out --format csv | cut -d, -f1-4,13,15-17
sori emerging --out out --format json | jq -c '.sampled, .distinct_complaints_read, .family, (.terms[0] | .term, .documents, .new, .customers, .passes)'
sori emerging --out out --as-of 2026-07-03 | head -4
sori emerging --out out --publish outside --format csv | wc -l
# split over runs, in another order, on one thread: the same
mkdir parts
head -1 dump/feedback.csv > parts/head
tail -n +2 dump/feedback.csv | split -n r/5 - parts/p-
for part in parts/p-*; do cat parts/head "$part" > "$part.csv"; done
for part in $(ls -r parts/*.csv); do sori run "$part" --out split --source dump --quiet -j 1 --id=id; done
sori emerging --out out > whole.txt
sori emerging --out split > split.txt
cmp whole.txt split.txt; echo "same $?"
sori emerging --out out --days 0; echo "exit $?"
