# Other programs' dictionaries: out of a small one, in again, out again the same; foreign files; faults with line and column.
mkdir -p mine/x base/x; cp -r "$SORI_DICT/grammar" mine/grammar; cp -r mine/grammar base/grammar
printf '@category base.none ko="없음" en="none" kind=pain\nn:아무것도아닌단어\n' > base/x/a.dict
cat > mine/x/a.dict <<'END'
@category app.crash ko="강제 종료" en="Crashes" kind=pain owner=app sev=4
@category app.slow ko="느림" en="Slow" kind=pain sev=3 count=plain,past
@category praise ko="칭찬" en="Praise" kind=praise
@set FAIL = v:멈추다 | v:꺼지다
  | e:freeze
@prefix 개
@in app.crash
v:튕기다=팅기다 left=any neg=keep
e:crash
rule: n:앱 & $FAIL
n:오류 req="v:나다"
+ "앱이 \"자꾸\" 튕겨요"
@in app.slow
v:느리다 when="rating<=2"
n:버퍼링=로딩 ex="로딩중,로딩 화면" not="n:빠름"
@in praise
e:love it
x:사랑니
END
for format in csv liwc cat; do echo "-- $format"; sori dict export --dict mine --format=$format; done
for format in csv yaml liwc ykd cat; do
    mkdir -p back/x; rm -rf back/grammar; cp -r mine/grammar back/grammar
    sori dict export --dict mine --format=$format --quiet > one.$format 2>/dev/null
    sori dict import one.$format --format=$format --dict base --quiet > back/x/a.dict 2>/dev/null || echo "exit $?"
    sori dict export --dict back --format=$format --quiet 2>/dev/null | diff <(grep -v '^ *<!--\|^[^<]*-->\|not carried\|: \|terms\|exclusions\|negation' one.$format) <(cat | grep -v '^ *<!--\|^[^<]*-->\|not carried\|: \|terms\|exclusions\|negation') > diff && echo "$format: same"
done
sed -n '/lines:/,/categories:/p' one.yaml
echo '-- foreign'
printf '%%\n1\temotion\n2\t\tposemo\n%%\nhapp*\t1 2\nnice\t2\nlog in\t1\n:)\t1\n(53 like)\t2\n친절*\t2\n*친절\t2\n짱\t2\n' > a.dic
printf 'happy\nhappier\nhapless\n' > words
sori dict import a.dic --words words
printf 'DELIVERY\n\tLATE\n\t\tDELAY* (1)\n\t\tNOT_YET (2)\n\t\t@RULE [A NEAR B] (1)\n\t배송지연 (1)\n' | iconv -t UTF-16 > b.cat
sori dict import b.cat 2>&1
printf '<dictionary><cnode name="root"><cnode name="배송"><pnode name="늦*"/><pnode name="late &amp; lost"/></cnode></cnode></dictionary>' > c.ykd
sori dict import c.ykd 2>/dev/null
printf '배송:\n  지연: [늦게, "택배*"]\n  app.x: { kind: praise, terms: [fast] }\n' | iconv -t CP949 > d.yaml
sori dict import d.yaml 2>/dev/null
printf 'Category;Term\napp.crash;hangs\n"app, odd";n:없다\n' > e.csv; sori dict import e.csv
echo '-- faults'
printf '%%\n1\ta\n%%\nword\t1 7\n' > f.dic; sori dict import f.dic; echo "exit $?"
printf '1\ta\n' > f.dic; sori dict import f.dic; echo "exit $?"
printf 'category,term\na,"b\n' > f.csv; sori dict import f.csv; echo "exit $?"
printf 'category,word\na,b\n' > f.csv; sori dict import f.csv; echo "exit $?"
printf 'category,term,kind\na,b,q\n' > f.csv; sori dict import f.csv; echo "exit $?"
printf 'a: [b\n' > f.yaml; sori dict import f.yaml; echo "exit $?"
printf 'a: [[b]]\n' > f.yaml; sori dict import f.yaml; echo "exit $?"
printf '<dictionary><cnode><pnode name="x"/></cnode></dictionary>' > f.ykd; sori dict import f.ykd; echo "exit $?"
printf '<dictionary>\n<cnode name="a"><pnode name="x">\n</cnode>' > f.ykd; sori dict import f.ykd; echo "exit $?"
printf '<!DOCTYPE d [<!ENTITY e "x">]><dictionary/>' > f.ykd; sori dict import f.ykd; echo "exit $?"
printf 'WORD (1)\n' > f.cat; sori dict import f.cat; echo "exit $?"
printf 'a\n\t\t\tb (1)\n' > f.cat; sori dict import f.cat; echo "exit $?"
printf 'a\n' > f.txt; sori dict import f.txt; echo "exit $?"
printf 'x\xff\xfe\x80\n' > f.dic; sori dict import f.dic; echo "exit $?"
sori dict export --format=pdf; echo "exit $?"
sori dict import; echo "exit $?"
echo '-- what was exported as YAML stands alone, also when it was imported beside the dictionaries it came from'
sori dict import one.yaml --dict mine 2>/dev/null | grep '^@category\|^@in'
shipped="$CORPORA/../dictionaries"
rm -rf alone; mkdir -p alone/x; cp -r "$shipped/grammar" alone/grammar
sori dict export --dict "$shipped" --format=yaml --quiet > all.yaml; echo "exit $?"
sori dict import all.yaml --dict "$shipped" --quiet > alone/x/a.dict; echo "exit $?"
sori dict check --dict alone > /dev/null; echo "exit $?"
cut_counts() { jq -c '[.categories[] | [.category, .ko, .en, .kind, .owner, .severity, .fallback, .counts, .entries, .examples]]'; }
diff <(sori dict list --dict "$shipped" -f json | cut_counts) <(sori dict list --dict alone -f json | cut_counts) > diff && echo 'the same categories'
