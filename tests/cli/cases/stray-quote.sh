# One stray quote in the middle of a large file costs at most two records, and they are in quarantine.
python3 - <<'P'
with open("big.csv", "w") as out:
    out.write("id,date,text\n")
    for i in range(1, 200001):
        out.write(f'{i}x,2026-06-{i % 28 + 1:02d},"record {i} of the file"\n' if i != 100000 else f'{i}x,2026-06-01,"a stray " quote, "here\n')
P
sori run big.csv --out out --quiet -j2; echo "exit $?"
jq -c '.inputs[0] | {read, accepted, rejected, duplicate}' out/run.json
jq -e '.inputs[0] | .rejected >= 1 and .rejected <= 2' out/run.json
sori quarantine list --out out
