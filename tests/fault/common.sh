# Shared by the fault tests: a scratch folder, a reference run, comparison of outputs and of the store's logical content.
set -u
program=$(realpath "$1") || exit 2
here=$(cd "$(dirname "$0")" && pwd)
corpora=$(realpath "$here/../../corpora")
export SORI_DICT="${SORI_DICT:-$here/../../dictionaries}" HOME=/nonexistent LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1785500000
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
cd "$box" || exit 2

# Outputs and the store as text, without what reads the clock (run.json's two fields) and the store's own file layout.
state_of() {
    (cd "$1" && for file in report.html report.json.gz report.xml.gz counts.csv.gz sori.prom report.xlsx; do
        [ "$file" != report.xlsx ] || [ -f "$file" ] || continue # built without libxlsxwriter
        printf '%s %s\n' "$file" "$(sha256sum <"$file")"
    done
    sed -E 's/"(started|finished)":"?[^,}"]+"?/"\1":0/g' run.json | sha256sum
    sqlite3 store.db 'PRAGMA integrity_check' 'SELECT * FROM daily' 'SELECT * FROM cell' 'SELECT * FROM sample' \
        'SELECT path, hash, read, accepted, rejected, duplicate, replaced, undated, status FROM input' \
        'SELECT partition, run, count, hex(data) FROM fact' \
        'SELECT day, chunk, count, hex(data) FROM similar ORDER BY day, chunk' | sha256sum
    find . -name '*.tmp*' -o -name '*.new*' | LC_ALL=C sort)
}
