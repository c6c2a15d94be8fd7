# What goes with low ratings, over the sample dumps and the small dictionary.
sori run "$CORPORA/dumps" --out out --quiet
sori drivers --out out
sori drivers --out out --lang ko --where region=부산 --all
sori drivers --out out --low 1 --format csv | cut -d, -f1-8,14-
sori drivers --out out --format json >all.json
jq -c '.rated, .low, .scale, .ratings, .adjusted_for, .parameters, (.categories[0] | .category, .verdict)' all.json
# under 300 rated documents; half a scale
sori drivers --out out --from 2026-06-01 --to 2026-06-05
awk 'BEGIN { print "date,rating,text"; for (i = 0; i < 660; i++) printf "2026-05-%02d,%d,%s %d\n", 1 + i % 28, i % 11,
    (i % 11 < 4 && i % 2) ? "앱이 자꾸 튕겨요" : "그냥 그래요", i }' >nps.csv
sori run nps.csv --out nps --quiet
sori drivers --out nps; echo "exit $?"
sori drivers --out nps --nps | sed -n 1,6p
sori drivers --out nps --low 0,1,2,3 | sed -n 2p
sori drivers --out nps --low 1,3; echo "exit $?"
sori drivers --out nps --low few; echo "exit $?"
sori drivers --out nps --low 1 --nps; echo "exit $?"
sori drivers --out nps --where region=화성; echo "exit $?"
sori drivers --out nps --from 2026-06-02 --to 2026-06-01; echo "exit $?"
# 1 to 5 is no 0 to 10, and all of them are not the low ones.
awk 'BEGIN { print "id,date,rating,text"; for (i = 0; i < 120; i++) printf "t%04d,2026-03-%02d,%d,앱이 자꾸 튕겨요 %d\n", i, i % 28 + 1, i % 5 + 1, i }' >five.csv
sori run five.csv --out five --quiet
sori drivers --out five --nps; echo "exit $?"
sori drivers --out five --low 1,2,3,4,5; echo "exit $?"
