# Entries that do nothing or do harm: each lint once, the places, the accepted ones, JSON, and what fails.
cp -r "$SORI_DICT/grammar" grammar; mkdir -p mine/x; mv grammar mine/grammar
cat > mine/x/a.dict <<'END'
@category c.one ko="하나" en="one" kind=pain
@category c.two ko="둘" en="two" kind=pain
@set FAIL = v:끊기다 | v:멈추다
@set THING = n:인터넷 | n:와이파이 | n:티비
@in c.one
rule: $THING & $FAIL
rule: n:인터넷 <2> v:끊기다
rule: n:인터넷 & v:끊기다 within=sentence
rule: $THING & $FAIL & p:안_되다
n:해지 not="n:해지|n:계약"
v:느리다=느려터지다,느려터지다 when="rating<=2" when="rating>=4"
n:환불=환급
n:환불=환급
n:수리비
x:수리비
v:과하다 left=any
+ "너무 과하다"
v:과하다 when="channel=store" when="channel=visit"
p:ㅎㄷㄷ
END
sori dict check --dict mine | sed "s/[0-9]* forms/N forms/"; echo "exit ${PIPESTATUS[0]}"
sori dict check --dict mine --all | grep ": note"
printf 'shadowed\tv:과하다...\tkept for the example\ndead-term\tn:수리비\tthe exclusion goes soon\nshadowed\tv:nothing\tstale\n' > mine/accepted.tsv
sori dict check --dict mine --format=json | tail -n +2 | jq -R 'rtrimstr(",")|fromjson? // .' -c | grep -c '"accepted":true'
sori dict check --dict mine --format=json | jq -c '[.errors,.warnings,.notes,.accepted,.entries], (.findings[]|select(.code=="accepted")|[.file,.line,.text])'
sori dict check --dict mine --strict >/dev/null; echo "exit $?"
printf '%s\n' '3' '통과하다/VV' '불과하다/VA' '과하다/VA' > ko.dic
sori dict check --dict mine --words ko.dic | grep false-friend
printf 'text\n인터넷이 끊겨요\n인터넷이 좋아요\n경과해서 통과해야 하고 초과해서 통과해야 해요\n' > dump.csv
sori dict check --dict mine --corpus dump.csv | sed 's/[0-9]* forms/N forms/' | grep -A4 -E 'false-friend|^cost'
printf 'x\ty\n' > mine/accepted.tsv; sori dict check --dict mine | sed 's/[0-9]* forms/N forms/'; echo "exit ${PIPESTATUS[0]}"
rm mine/accepted.tsv; printf '@in c.one\nn:\n- "너무 과하다"\n' > mine/x/b.dict; sori dict check --dict mine --format=json | jq -c '.findings[]|select(.level=="error")'
printf '@in c.one\n- "너무 과하다"\n' > mine/x/b.dict; sori dict check --dict mine | grep error; echo "exit ${PIPESTATUS[0]}"
sori dict check --dict mine --words nowhere; echo "exit $?"
sori dict check more; echo "exit $?"
echo '-- show'
sori dict show --dict mine c.one; echo "exit $?"
sori dict show --dict mine nosuchword; echo "exit $?"
