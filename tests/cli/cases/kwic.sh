# Keyword in context: a term line, a bare word, an entry, a category; masked, sorted, the same for any number of threads.
printf '%s\n' '{"id":"a","text":"인터넷이\n자꾸 끊겨요. 제 번호는 010-1234-5678"}' '{"id":"b","text":"끊기지 않아요, 010-1234-5678 끊김"}' \
    '{"id":"c","text":"The modem disconnects at night\tand then it disconnects again"}' '{"id":"d","text":"배송이 느려요"}' > in.jsonl
sori kwic v:끊기다 in.jsonl
sori kwic 끊기다 in.jsonl --counted --context=8
sori kwic disconnect in.jsonl --context=10
sori kwic 'rule: ( n:배송 | n:인터넷 ) & v:느리다' in.jsonl
sori kwic small/small.dict:13 in.jsonl --context=4 --quiet
sori kwic network.outage in.jsonl --context=0 --quiet
sori kwic v:튕기다 "$CORPORA/dumps" -j1 --quiet > one; sori kwic v:튕기다 "$CORPORA/dumps" -j4 --quiet > four; cmp one four && wc -l < one
sori kwic v:없는말하다 in.jsonl; echo "exit $?"
sori kwic 'rule: $NOPE & v:늦다' in.jsonl; echo "exit $?"
sori kwic '# nothing' in.jsonl; echo "exit $?"
sori kwic v:끊기다; echo "exit $?"
sori kwic v:끊기다 nowhere; echo "exit $?"
