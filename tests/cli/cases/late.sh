# Data that comes late: half of a day is there the same night, the rest over two more. Tonight is judged at what should be in.
mkdir dumps
for load in $(seq 50 79); do
	{
		echo 'id,date,text'
		for delay in 0 1 2; do
			[ "$load" -eq 50 ] && from=0 || from=$((load - delay))
			for day in $(seq $from $((load - delay))); do
				count=$((delay == 0 ? 20 : delay == 1 ? 12 : 8))
				for i in $(seq "$count"); do
					echo "d$day-$delay-$i,$(date -u -d "2026-05-01 + $day days" +%F),무난합니다 $day $delay $i"
				done
			done
		done
	} > "dumps/$load.csv"
done
for load in $(seq 50 79); do
	sori run "dumps/$load.csv" --out out --as-of "$(date -u -d "2026-05-01 + $load days" +%F)" --quiet
done
sori alerts --out out | sed -n 1,5p
sori compare --out out | sed -n 1,3p
sori alerts --out out --format json | jq -c '.completeness, .rows[0].verdict, .rows[0].observed'
