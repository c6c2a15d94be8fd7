# The dictionary against a gold set: figures with intervals, by language and source, and the texts that went wrong.
printf '%s\n' \
    '{"id":"1","lang":"ko","source":"app","text":"앱이 자꾸 튕겨요","categories":["app.crash"]}' \
    '{"id":"2","lang":"ko","source":"app","text":"앱이 튕기지는 않는데 느려요","categories":["app.slow"]}' \
    '{"id":"3","lang":"ko","source":"app","text":"멈춰 버려요 010-1234-5678","categories":["app.crash","app.unheard-of"]}' \
    '{"id":"4","lang":"en","source":"web","text":"It crashes.\nThe modem disconnects.","categories":["network.outage"],"unsure":["app.crash"]}' \
    '{"id":"5","lang":"en","source":"web","text":"no crash at all, works great","categories":["praise.product"]}' \
    '' '{"id":"6","lang":"en","source":"web","note":{"categories":["x"]},"text":"a crash course for 3 dollars","categories":[]}' > gold.jsonl
sori dict test gold.jsonl
sori dict test gold.jsonl --only=ko --wrong=any
sori dict test gold.jsonl --wrong=app.crash --limit=1 --format=json | tee all.json | jq -c '.scopes[0], .wrong'
jq -r '.scopes[] | [.by, .name, .texts, .pain.tp, .pain.fp, .pain.fn] | @tsv' all.json
sori dict test gold.jsonl --only=nobody; echo "exit $?"
sori dict test gold.jsonl --wrong=app.nothing; echo "exit $?"
printf '{"id":"1","text":"a"\n' | tee bad.jsonl >/dev/null; sori dict test bad.jsonl; echo "exit $?"
printf '{"id":"1","text":"a"}\n' > bad.jsonl; sori dict test bad.jsonl; echo "exit $?"
sori dict test nowhere.jsonl; echo "exit $?"
sori dict test; echo "exit $?"
