mkdir out
exec 9> out/store.db.lock
flock 9
sori run "$CORPORA/dumps" --out out --quiet; echo "exit $?"
