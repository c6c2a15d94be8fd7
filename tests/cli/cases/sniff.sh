sori sniff "$CORPORA/dumps/callcentre/voc-cp949.csv" "$CORPORA/dumps/web/forms.xml" "$CORPORA/dumps/app/reviews.jsonl.gz"
printf '\xff\xfe\x00' > broken.bin
sori sniff broken.bin; echo "exit $?"
