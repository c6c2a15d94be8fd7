# Candidates from complaints that nothing explains: stems, pairs, categories by company, gain and loss, gold, variants; the patch.
{
    echo 'id,rating,text'
    for i in 1 2 3 4 5 6 7 8; do
        echo "a$i,1,로그인이 안되네요 $i번"; echo "b$i,1,쿠폰을 로그인하면 안됐어요 $i"; echo "c$i,2,\"로그인도 못 하겠고 장바구니가 사라졌어요, 010-1234-567$i\""
        echo "d$i,1,장바구니에 담으면 튕겨요 $i"; echo "e$i,1,장바구니는 또 튕기네요 $i"; echo "f$i,5,화면이 예뻐서 좋아요 $i"
        echo "g$i,5,장바구니가 편하고 로그인은 빨라요 $i"; echo "h$i,1,The checkout keeps failing $i"; echo "j$i,5,lovely pictures and a friendly chat $i"
        echo "k$i,1,강제 종료 되네요 $i"; echo "l$i,1,강제종료 되네요 $i"; echo "m$i,1,업데이투 뒤에 이상해요 $i"
        echo "n$i,1,업데이트 뒤에 이상해요 $i"; echo "o$i,1,업데이트 하고 $i"
    done
} > dump.csv
mkdir -p more/x
printf '@in app.crash\nn:강제종료 tail=any\nn:업데이트=업뎃 left=own req="v:멈추다"\n' > more/x/a.dict
printf '%s\n' '{"id":"1","text":"로그인이 또 안되네요","categories":["app.crash"]}' '{"id":"2","text":"장바구니에 담았어요","categories":[]}' > gold.jsonl
sori dict suggest dump.csv --dict "$SORI_DICT" --dict more --least 3 --gold gold.jsonl | tee fragment.dict
sori dict suggest dump.csv --dict "$SORI_DICT" --dict more --least 3 --gold gold.jsonl -j1 | cmp - fragment.dict && echo same
sori dict suggest dump.csv --dict "$SORI_DICT" --dict more --least 3 --patch | sed -n '1,3p;/^--- a/,$p'
printf 'id,rating,text\n1,5,fine\n' > fine.csv; sori dict suggest fine.csv; echo "exit $?"
sori dict suggest; echo "exit $?"
