#!/usr/bin/env bash
# Distinct complaints and customers: what is counted, and that it does not depend on threads, on the number of runs that brought
# the dumps into a store, or on their order: 1, 2, 7 and 64 runs, files shuffled, 1 and 2 threads; counts.csv and the view
# category_daily are compared byte for byte. Files overlap, records are corrected, some come without id, some without a date.
#
#   distinct.sh SORI
set -u
program=$(realpath "$1") || exit 2
here=$(cd "$(dirname "$0")" && pwd)
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
cp -r "$here/dictionary" "$box/dictionary"
cp -r "$here/../../dictionaries/grammar" "$box/dictionary/grammar"
export SORI_DICT="$box/dictionary" HOME=/nonexistent LC_ALL=C.UTF-8
cd "$box" || exit 2
bad=0 checks=0

fail() { echo "FAILED: $*"; bad=$((bad + 1)); }
is() { # what, found, expected
    checks=$((checks + 1))
    [ "$2" = "$3" ] || fail "$1: $2, expected $3"
}
count() { sqlite3 "$1" "SELECT ifnull(sum($2), 0) FROM category_daily WHERE category = '$3' AND day IS '$4'"; }

# --- what is counted ---
# 10 June: a macro of 300 with a changing order number, over 5 channels; 6 complaints of their own, one of them five times in
#          one text, and three short ones that are equal
# 11 June: the macro once more; one customer complains about two things in three texts
mkdir planted
awk 'BEGIN {
    print "id,date,channel,customer,text"
    for (i = 1; i <= 300; i++)
        printf "M%d,2026-06-10,%s,c%d,\"주문번호 %06d 건 배송이 너무 느려서 일주일째 기다리고 있는데 연락도 없고 상담원도 모른다고만 합니다 빨리 처리해 주세요\"\n", i, "ch" i % 5, i % 40, i * 7919 % 1000000
    split("냉장고를 샀는데 배송이 늦어서 음식이 다 상했어요 보상은 없나요|선물로 주문했더니 배송이 느려서 생일이 지나고 왔습니다 정말 속상하네요|지난주에 결제한 세탁기가 아직이에요 배송이 늦다고 미리 말해 주셨어야죠|새벽에 온다더니 배송이 너무 늦게 와서 하루를 통째로 비웠습니다 아까워요", own, "|")
    for (i = 1; i <= 4; i++) print "A" i ",2026-06-10,web,d" i "," own[i]
    print "R1,2026-06-10,web,d5,기사님 배송이 느려서 전화를 열 번이나 했습니다"
    print "R2,2026-06-10,web,d6,기사님 배송이 느려서 전화를 열 번이나 했습니다 기사님 배송이 느려서 전화를 열 번이나 했습니다 기사님 배송이 느려서 전화를 열 번이나 했습니다 기사님 배송이 느려서 전화를 열 번이나 했습니다"
    for (i = 1; i <= 3; i++) print "S" i ",2026-06-10,ch" i ",d7,배송이 느려요"
    print "M301,2026-06-11,web,c1,주문번호 555555 건 배송이 너무 느려서 일주일째 기다리고 있는데 연락도 없고 상담원도 모른다고만 합니다 빨리 처리해 주세요"
    print "D1,2026-06-11,web,d9,어제 산 세탁기 배송이 느려서 빨래가 잔뜩 밀려 있습니다"
    print "D2,2026-06-11,ch1,d9,앱이 자꾸 튕겨서 주문 내역을 확인할 수가 없네요"
    print "D3,2026-06-11,ch2,d9,배송이 늦는데 조회 화면마저 열리지 않아 답답합니다"
}' >planted/one.csv
"$program" run planted --out one --quiet -j1 || fail "exit $?"
is "documents, 10 June" "$(count one/store.db documents delivery.delay 2026-06-10)" 309
is "distinct complaints, 10 June" "$(count one/store.db distinct_complaints delivery.delay 2026-06-10)" 7
is "customers, 10 June" "$(count one/store.db customers delivery.delay 2026-06-10)" 47
is "documents, 11 June" "$(count one/store.db documents delivery.delay 2026-06-11)" 3
is "distinct complaints, 11 June" "$(count one/store.db distinct_complaints delivery.delay 2026-06-11)" 3
is "customers, 11 June" "$(count one/store.db customers delivery.delay 2026-06-11)" 2
is "customers of the crash, 11 June" "$(count one/store.db customers app.crash 2026-06-11)" 1
is "columns of counts.csv" "$(gzip -dc one/counts.csv.gz | head -n1)" \
    day,source,channel,product,region,lang,category,documents,denominator,dictionary,distinct_complaints,customers
is "rows with more than they can" "$(gzip -dc one/counts.csv.gz | awk -F, 'NR > 1 && ($11 > $8 || $12 > $8)' | wc -l)" 0
is "all complaints of both days" \
    "$(gzip -dc one/counts.csv.gz | awk -F, '$7 == "*" { n += $11 } END { print n }')" 11

# --- not of the split ---
mkdir dumps
awk 'BEGIN {
    srand(20260610)
    nouns = split("배송이 앱이 기사님이 환불이 상담원이 세탁기가 냉장고가 요금이 화면이 결제가 설치가 포장이", noun, " ")
    verbs = split("너무 느려서|자꾸 튕겨서|친절하셔서|늦게 와서|안 되어서|끊겨서|복잡해서|마음에 들어서|불편해서|빨라서", verb, "|")
    tails = split("하루 종일 기다렸습니다|다시는 이용하지 않을 것 같아요|주변에 알려 주고 싶네요|고객센터에 전화했습니다|가족이 모두 놀랐어요|빨리 고쳐 주세요|정말 좋습니다|어떻게 해야 하나요", tail, "|")
    for (file = 0; file < 64; file++) {
        name = sprintf("dumps/%02d.csv", file)
        ids = file % 4 != 3 # every fourth file comes without ids
        print (ids ? "id,updated," : "") "date,channel,region,customer,text" >name
        for (i = 0; i < 60; i++) {
            n = int(rand() * 2000) # records overlap between files: the same number is the same record, later corrected
            # Of one number, everything but the version follows from the number.
            day = n * 7 % 21; version = int(rand() * 3)
            text = noun[1 + n % nouns] " " verb[1 + n * 5 % verbs] " " tail[1 + n * 3 % tails]
            if (n % 3 == 0) text = text " " noun[1 + n * 11 % nouns] " " verb[1 + n * 13 % verbs] " " tail[1 + n * 17 % tails]
            if (n % 10 == 0) text = sprintf("안내 문자 %04d 를 받았는데 배송이 너무 느려서 언제 오는지 알 수가 없어 답답하기만 합니다", n)
            if (n % 17 == 0) text = "배송이 느려요"
            if (n % 19 == 0) text = text " " text
            date = n % 23 == 0 ? "" : sprintf("2026-06-%02d", 1 + day)
            if (ids && version) { text = text " 추가 " version; }
            line = sprintf("%s,ch%d,r%d,%s,%s", date, n % 4, n % 3, n % 5 ? "k" n % 97 : "", text)
            print (ids ? "N" n ",2026-07-0" (1 + version) "," : "") line >name
        }
        close(name)
    }
}'
counts() { # folder
    gzip -dc "$1/counts.csv.gz"
    sqlite3 "$1/store.db" "SELECT time, day, category, source, channel, product, region, lang, documents, denominator,
        distinct_complaints, customers FROM category_daily ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
}
"$program" run dumps --out reference --quiet -j1 2>errors || fail "exit $?"
counts reference >expected
is "near-duplicates were there" "$(awk -F, '$7 == "*" { d += $8; c += $11 } END { print (c * 3 < d * 2 && c > 100) }' expected)" 1
is "customers were there" "$(awk -F, '$7 == "*" { d += $8; c += $12 } END { print (c < d && c > 100) }' expected)" 1
for runs in 1 2 7 64; do
    for order in 1 2; do
        # file number i goes to run (i * step + order) mod runs; within a run and between runs the order is shuffled
        rm -rf other
        ls dumps | awk -v runs=$runs -v seed=$order 'BEGIN { srand(seed) } { print int(NR * 37 + seed * 11) % runs, rand(), "dumps/" $1 }' |
            sort -k1,1n -k2,2 >plan
        for run in $(cut -d' ' -f1 plan | uniq | shuf --random-source=<(yes $order)); do
            "$program" run $(awk -v run="$run" '$1 == run { print $3 }' plan) --source dumps --out other --quiet -j$order 2>errors || fail "exit $?"
        done
        checks=$((checks + 1))
        counts other >found
        cmp -s expected found || { fail "$runs runs, order $order: counts differ"; diff expected found | head -n 5; }
        "$program" status --store other/store.db --check >/dev/null 2>&1 || fail "$runs runs, order $order: the store does not hold"
    done
done
echo "$checks checks, $bad failed"
[ "$bad" -eq 0 ]
