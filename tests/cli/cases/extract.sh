printf '%s\n' '{"id":"a","text":"앱이 자꾸 튕겨요","extra":[1,{"x":2}]}' '{"id":"b","text":""}' '{"text":"works great"}' > in.jsonl
sori extract in.jsonl
sori extract - --format jsonl < in.jsonl | jq -c '[.id,.lang,.categories]'
