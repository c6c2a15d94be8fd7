# Two states of a dictionary: what was added, removed and changed, whatever moved; and which texts that gains and loses.
cp -r "$SORI_DICT" new
sed -i -e '2i # a line more, so that every entry moves' -e 's/^v:튕기다/v:튕기다=팅기다/' -e '/^e:disconnect/d' \
    -e 's/ko="배송 지연" en="Late delivery" kind=pain owner=delivery sev=3/ko="배송 지연" en="Late delivery" kind=pain owner=delivery sev=4/' \
    new/small/small.dict
printf '%s\n' '@category other.wish ko="바람" en="Wishes" kind=pain' 'rule: $HOPE & n:기능 id=wish' '@set HOPE = v:바라다 | v:원하다' 'x:바라보다' > new/small/wish.dict
cp -r new newer
sed -i -e 's/id=wish/id=wish sev=2/' -e 's/v:원하다/v:희망하다/' newer/small/wish.dict
printf '%s\n' '{"id":"a","text":"앱이 팅겨요 010-1234-5678"}' '{"id":"b","text":"it disconnects\nevery night"}' \
    '{"id":"c","text":"이런 기능을 바랍니다"}' '{"id":"d","text":"배송이 느려요"}' > in.jsonl
sori dict diff "$SORI_DICT" "$SORI_DICT" --impact=in.jsonl
sori dict diff "$SORI_DICT" new --impact=in.jsonl
sori dict diff new newer
words=$(printf 'r%s,' $(seq 10 60))
cp -r new long && cp -r new longer
echo "e:reboot=${words}rz left=any" >> long/small/small.dict; echo "e:reboot=ra,${words}rz left=any" | sed 's/r33,//' >> longer/small/small.dict
sori dict diff long longer
sori dict diff new newer,"$SORI_DICT" | tail -1
sori dict diff new newer --impact=-; echo "exit $?"
sori dict diff new nowhere; echo "exit $?"
sori dict diff new; echo "exit $?"
sori dict diff new newer --impact=nowhere; echo "exit $?"
