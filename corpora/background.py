#!/usr/bin/env python3
"""Words of the texts in corpora/, for dictionaries/grammar/background.tsv: the second half of that file is this program's
output, the first half (words without a number) is written by hand and kept as it is.

    corpora/background.py            rewrites the file
"""
import collections
import gzip
import json
import pathlib
import re

root = pathlib.Path(__file__).resolve().parent
table = root.parent / "dictionaries/grammar/background.tsv"


def texts():
    for path in sorted(root.glob("dumps/**/*")) + sorted(root.glob("gold/*.jsonl")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        text = data.decode("cp949" if "cp949" in path.name else "utf-8")
        if path.suffix in (".json", ".jsonl", ".gz"):
            text = json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".json" else "".join(
                json.dumps(json.loads(line), ensure_ascii=False) for line in text.splitlines() if line.strip())
        yield text


counts = collections.Counter(word for text in texts() for word in re.findall("[가-힣]{3,20}", text))
kept = [line for line in table.read_text(encoding="utf-8").splitlines() if "\t" not in line]
rows = [f"{word}\t{count}" for word, count in sorted(counts.items())]
table.write_text("\n".join(kept + rows) + "\n", encoding="utf-8")
