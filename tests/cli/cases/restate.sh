# A dictionary that changes between two months; restated, the change splits into data and dictionary. What is gone stays as reported.
cp -r "$SORI_DICT" dict1; cp -r "$SORI_DICT" dict2
sed -i '/@category delivery.delay/a n:택배' dict2/small/small.dict
month() { # name, days from, category text every n-th
	mkdir -p "$1"
	echo 'id,date,text' > "$1/$1.csv"
	for i in $(seq 0 279); do
		day=$(date -u -d "$2 + $((i / 10)) days" +%F)
		if [ $((i % $3)) -eq 0 ]; then echo "$1-$i,$day,배송이 너무 늦어요 $i"
		elif [ $((i % 7)) -eq 0 ]; then echo "$1-$i,$day,택배 상자가 왔어요 $i"
		else echo "$1-$i,$day,무난합니다 $i"; fi >> "$1/$1.csv"
	done
}
month june 2026-06-01 10; month july 2026-06-29 8
sori run june --dict dict1 --out out --source all --quiet
sori run july --dict dict2 --out out --source all --quiet
sori compare --out out | grep -E 'delivery|dictionar'
sori run --restate --dict dict2 --out out 2>&1 | grep -v encoding
sori compare --out out | grep delivery
sori compare --out out --lang ko | grep delivery
sori run --restate --dict dict2 --out out 2>&1 | sed -n 1p
sori status --out out >/dev/null; echo "status $?"
echo more >> july/july.csv
sori run --restate --dict dict1 --out out 2>&1 | grep -v encoding
sori run --restate june --out out; echo "exit $?"
