#!/usr/bin/env bash
# The same input gives the same bytes: batch 1, 7, 1024 records x 1, 2 threads x read size 1, 7, standard x plain, gzip, and
# the same dumps in one run or in several. Outputs are compared byte for byte, run.json without its clock readings.
#
#   equivalence.sh SORI
set -u
program=$(realpath "$1") || exit 2
here=$(cd "$(dirname "$0")" && pwd)
corpora=$(realpath "$here/../../corpora")
export SORI_DICT="$here/../../dictionaries" HOME=/nonexistent
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
cp -r "$corpora/dumps" "$box/dumps"
cd "$box" || exit 2
bad=0

outputs() { # folder -> a line per output with its hash
    (cd "$1" && for file in report.html report.json.gz report.xml.gz counts.csv.gz sori.prom report.xlsx; do
        [ "$file" != report.xlsx ] || [ -f "$file" ] || continue # built without libxlsxwriter
        printf '%s %s\n' "$file" "$(sha256sum <"$file")"
    done
    sed -E 's/"(started|finished)":"?[^,}"]+"?/"\1":0/g' run.json | sha256sum)
}

run() { # name, arguments…
    local name=$1
    shift
    "$program" run dumps --out "$name" --source all --quiet "$@" || { echo "FAILED: exit $? for $*"; bad=$((bad + 1)); }
}

run reference -j1
outputs reference >reference.sums
for file in report.html report.json.gz report.xml.gz counts.csv.gz sori.prom run.json; do
    [ -s "reference/$file" ] || { echo "no $file"; exit 1; }
done
compared=0
compare() { # name, what
    compared=$((compared + 1))
    outputs "$1" >"$1.sums"
    diff reference.sums "$1.sums" >/dev/null || { echo "FAILED: $2 differs"; diff reference.sums "$1.sums"; bad=$((bad + 1)); }
    rm -rf "$1"
}
for threads in 1 2; do
    for batch in 1 7 1024; do
        run other -j$threads --batch $batch
        compare other "-j$threads --batch $batch"
    done
    for size in 1 7 4095; do
        run other -j$threads --read-size $size
        compare other "-j$threads --read-size $size"
    done
done
run reference -j2
compare reference "a second run into the same store"

# gzip or plain, and one file at a time, must count the same; paths differ, so only the counts are compared.
run reference -j1
counts() { gzip -dc "$1/counts.csv.gz" | sha256sum; }
expected=$(counts reference)
cp -r dumps packed
find packed -type f ! -name '*.gz' -exec gzip -n {} +
mkdir other && "$program" run packed --out other --source all --quiet -j2 || bad=$((bad + 1))
[ "$(counts other)" = "$expected" ] || { echo "FAILED: gzip counts differ"; bad=$((bad + 1)); }
compared=$((compared + 1))
rm -rf other
while IFS= read -r file; do
    "$program" run "$file" --out other --source all --quiet -j1 || { echo "FAILED: exit $? for $file"; bad=$((bad + 1)); }
done < <(find dumps -type f | LC_ALL=C sort -r)
[ "$(counts other)" = "$expected" ] || { echo "FAILED: one file at a time, backwards, counts differ"; bad=$((bad + 1)); }
compared=$((compared + 1))
echo "$compared comparisons, $bad failed"
[ "$bad" -eq 0 ]
