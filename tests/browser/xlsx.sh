#!/bin/sh
# xlsx.sh SORI: report.xlsx of a real run, read back with Python's own zip and XML: well-formed, no formula whatever the texts
# begin with, frozen headers, filters, number formats, native charts, the numbers of report.json, the same bytes again.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cp -r "$root/corpora/dumps" "$folder/dumps"
cat > "$folder/dumps/hostile.csv" <<'END'
날짜,제품,지역,내용,평점
2026-08-01,=1+1,+서울,"=HYPERLINK(""http://x.invalid"",""와이파이가 자꾸 끊겨요"")",1
2026-08-02,@SUM(A1),-부산,"+와이파이가 자꾸 끊겨요 <b>&amp;",2
2026-08-03,=1+1,-부산,"-와이파이가 자꾸 끊겨요",1
2026-08-04,@SUM(A1),+서울,"@와이파이가 자꾸 끊겨요",1
END
mkdir "$folder/few" && cp "$folder/dumps/hostile.csv" "$folder/few" # few enough that all are evidence
"$1" run "$folder/few" --out "$folder/three" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
for out in one two; do
	"$1" run "$folder/dumps" --out "$folder/$out" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
done
[ -f "$folder/one/report.xlsx" ] || { echo "skipped: report.xlsx (built without libxlsxwriter)"; exit 77; }
cmp "$folder/one/report.xlsx" "$folder/two/report.xlsx"
python3 - "$folder/one" "$folder/three" <<'END'
import gzip, json, sys, xml.etree.ElementTree as tree, zipfile
main, rel = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}', '{http://schemas.openxmlformats.org/officeDocument/2006/relationships}'
def read(out):
    book = zipfile.ZipFile(out + '/report.xlsx')
    assert book.testzip() is None
    parts = {name: tree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(('.xml', '.rels'))}
    targets = {r.get('Id'): 'xl/' + r.get('Target') for r in parts['xl/_rels/workbook.xml.rels']}
    sheets = {s.get('name'): parts[targets[s.get(rel + 'id')]] for s in parts['xl/workbook.xml'].iter(main + 'sheet')}
    assert list(sheets) == ['요약', '변화', '추이', '시계열', '나눠 보기', '경보', '고객이 한 말', '자료 품질'], list(sheets)
    shared = [''.join(t.text or '' for t in s.iter(main + 't')) for s in parts['xl/sharedStrings.xml']] if 'xl/sharedStrings.xml' in parts else []
    formats = {f.get('numFmtId'): f.get('formatCode') for f in parts['xl/styles.xml'].iter(main + 'numFmt')}
    styles = [x.get('numFmtId') for x in parts['xl/styles.xml'].find(main + 'cellXfs')]
    return book, sheets, shared, formats, styles
def rows(sheet, shared):
    for row in sheet.iter(main + 'row'):
        cells = {}
        for c in row:
            letters = ''.join(x for x in c.get('r') if x.isalpha())
            if c.get('t') == 's': cells[letters] = shared[int(c[0].text)]
            elif c.get('t') == 'inlineStr': cells[letters] = ''.join(t.text or '' for t in c.iter(main + 't'))
            elif len(c): cells[letters] = float(c[0].text)
        yield cells
book, sheets, shared, formats, styles = read(sys.argv[2])
assert not any(list(sheet.iter(main + 'f')) for sheet in sheets.values()), 'a formula'
texts = [row.get('I', '') for row in rows(sheets['고객이 한 말'], shared)]
for begin in '=HYPERLINK(', '+와이파이', '-와이파이', '@와이파이':
    assert any(text.startswith(begin) for text in texts), (begin, texts)
values = {row['E'] for row in rows(sheets['나눠 보기'], shared)}
assert {'=1+1', '+서울', '@SUM(A1)', '-부산'} <= values, values
book, sheets, shared, formats, styles = read(sys.argv[1])
report = json.load(gzip.open(sys.argv[1] + '/report.json.gz'))
for name, sheet in sheets.items():
    assert not list(sheet.iter(main + 'f')), 'a formula in ' + name
    if name in ('요약', '추이'): continue
    assert sheet.find('.//' + main + 'pane').get('state') == 'frozen', name
    assert sheet.find(main + 'autoFilter') is not None, name
texts = list(rows(sheets['고객이 한 말'], shared))
changes = {row['B']: row for row in list(rows(sheets['변화'], shared))[1:]}
for category in report['categories']:
    row, change = changes[category['id']], category['change']
    assert (row['E'], row['F']) == (change['before'], change['after']), category['id']
    for letter, key in ('K', 'difference'), ('L', 'low'), ('M', 'high'), ('N', 'ratio'), ('Q', 'q'):
        assert (letter in row) == (key in change), (category['id'], key, row, change)
        assert key not in change or abs(row[letter] - change[key]) <= 1e-5 * max(1, abs(change[key])), (category["id"], key, row[letter], change[key])
series = list(rows(sheets['시계열'], shared))
names = {category['ko']: category for category in report['categories']}
for letter, name in series[0].items():
    if name in names:
        for row, bucket, count in zip(series[1:], report['buckets'], names[name]['series']):
            assert abs(row[letter] - count / bucket['documents']) < 1e-9, name
            assert row['C'] == bucket['documents']
broken = {}
for row in list(rows(sheets['나눠 보기'], shared))[1:]:
    broken[row['B'], row['D']] = broken.get((row['B'], row['D']), 0) + row['F']
assert broken and all(broken[c['id'], 'product'] == c['documents'] for c in report['categories'] if c['documents'])
day = next(c for row in sheets['시계열'].iter(main + 'row') for c in row if c.get('r') == 'A2')
assert formats[styles[int(day.get('s'))]] == 'yyyy-mm-dd'
charts = [name for name in book.namelist() if name.startswith('xl/charts/chart')]
assert len(charts) == 12 and all(b'lineChart' in book.read(name) for name in charts), charts
assert report['as_of'] in book.read('docProps/core.xml').decode(), 'the date of creation is the as-of day'
print('xlsx: %d sheets, %d charts, %d rows of evidence, no formula' % (len(sheets), len(charts), len(texts) - 1))
END
