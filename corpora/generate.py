#!/usr/bin/env python3
"""Seeded generator of feedback dumps, any size, from sentences.tsv.

    corpora/generate.py --bytes 1073741824 --seed 1 > dump.csv      one large CSV
    corpora/generate.py --records 2000 --folder DIR                  the sample dumps in every format, with gold labels
    corpora/generate.py --terms 5000 --seed 1 > terms.txt            the reference terms of the benchmark

The same arguments give the same bytes. Dates run over 92 days from 2026-06-01. Planted: network.outage in the region 부산
rises about tenfold from day 64 on, app.crash falls to a quarter from day 62 on (a fix)."""
import argparse
import csv
import datetime
import gzip
import io
import json
import os
import random
import sys
from xml.sax.saxutils import escape, quoteattr

HERE = os.path.dirname(os.path.abspath(__file__))
DAYS, FIRST = 92, datetime.date(2026, 6, 1)
CHANNELS = ["콜센터", "앱", "매장", "웹"]
PRODUCTS = ["에어컨", "스마트폰", "TV", "인터넷", "세탁기"]
REGIONS = ["서울", "부산", "경기", "대구"]
OPENERS = {"ko": ["", "", "", "안녕하세요. ", "진짜 ", "하.. ", "음, ", "고객입니다. ", "방금 확인했는데 ", "어제부터 "],
           "en": ["", "", "", "Hi. ", "Honestly, ", "So, ", "Update: ", "Just saying: "]}
CLOSERS = {"ko": ["", "", "", " ㅠㅠ", " 확인 부탁드립니다.", "!!", " ㅋㅋ", " ...", " 참고하세요", " 😡"],
           "en": ["", "", "", " Thanks.", "!!", " :(", " ...", " Just so you know.", " 😡"]}
FILLERS = {"ko": ["부모님 댁에 놓아 드렸어요.", "주문은 지난주에 했습니다.", "색은 흰색이고 거실에 두었습니다.",
                  "3년째 같은 집에서 쓰는 중입니다.", "가족 모두 같이 사용합니다.", "회사에서도 같은 걸 씁니다.",
                  "오전에 글을 남기고 저녁에 다시 씁니다.", "모델명은 따로 적어 두었어요.",
                  "처음 구매한 건 2019년이고 그 뒤로 두 번 바꿨습니다.", "아파트 15층에 살고 집은 남향입니다.",
                  "평일에는 주로 밤에 쓰고 주말에는 하루 종일 켜 둡니다.", "동네 대리점에서 친구와 함께 골랐습니다."],
           "en": ["I bought it in March.", "We have had it for three years.", "My parents use the same one.",
                  "It sits in the living room.", "I ordered it last week.", "We use two of them at work.",
                  "There are four people in my household and everybody uses it in the evening.",
                  "I live on the third floor of a small building downtown.",
                  "Before that I had a different model from the same company for about six years."]}


def bank():
    with open(os.path.join(HERE, "sentences.tsv"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                categories, language, text = line.rstrip("\n").split("\t")
                yield ([] if categories == "-" else categories.split(",")), language, text


class Maker:
    """Draws records; everything random comes from one seeded source."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.sentences = list(bank())
        self.outage = [s for s in self.sentences if s[0] == ["network.outage"]]

    def text(self, sentence, product):
        draw, (categories, language, text) = self.random, sentence
        text = text.replace("{p}", product).replace("{n}", str(draw.randint(2, 9)))
        parts = [draw.choice(OPENERS[language]) + text]
        for filler in draw.sample(FILLERS[language], draw.choice([0, 0, 1, 1, 2, 3])):
            parts.insert(draw.randint(0, len(parts)), filler)
        return " ".join(parts) + draw.choice(CLOSERS[language]), categories, language

    def record(self, number):
        draw = self.random
        day = draw.randrange(DAYS)
        region, product, channel = draw.choice(REGIONS), draw.choice(PRODUCTS), draw.choice(CHANNELS)
        sentence = draw.choice(self.sentences)
        if region == "부산" and day >= 64 and draw.random() < 0.25:
            sentence = draw.choice(self.outage)
        if sentence[0] == ["app.crash"] and day >= 62 and draw.random() < 0.75:
            sentence = draw.choice(self.sentences)
        text, categories, language = self.text(sentence, product)
        praise = any(c.startswith("praise.") for c in categories)
        rating = draw.choice([4, 5]) if praise and len(categories) == 1 else draw.choice([1, 1, 2, 3]) if categories else 3
        return {"id": f"V{number:08d}", "date": (FIRST + datetime.timedelta(day)).isoformat(), "channel": channel,
                "product": product, "region": region, "rating": rating, "text": text}, categories, language


COLUMNS = ["id", "date", "channel", "product", "region", "rating", "text"]
KOREAN = {"id": "접수번호", "date": "접수일", "channel": "채널", "product": "제품", "region": "지역", "rating": "평점", "text": "내용"}


def csv_bytes(records, delimiter=",", names=None, end="\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow([(names or {}).get(c, c) for c in COLUMNS])
    writer.writerows([[r[c] for c in COLUMNS] for r in records])
    return out.getvalue()


def one_large(maker, size, stream):
    stream.write(",".join(COLUMNS) + "\n")
    written, number = len(",".join(COLUMNS)) + 1, 0
    while written < size:
        lines = []
        for _ in range(2000):
            number += 1
            r, _, _ = maker.record(number)
            quoted = '"' + r["text"].replace('"', '""') + '"'
            lines.append(f'{r["id"]},{r["date"]},{r["channel"]},{r["product"]},{r["region"]},{r["rating"]},{quoted}\n')
        chunk = "".join(lines)
        stream.write(chunk)
        written += len(chunk.encode())


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data if isinstance(data, bytes) else data.encode())


def gzip_bytes(text):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, compresslevel=9) as packed:
        packed.write(text.encode())
    return out.getvalue()


def xml_text(records):
    rows = ["<feedback>"]
    for r in records:
        rows.append(f'  <voc id={quoteattr(r["id"])}>' + "".join(f"<{c}>{escape(str(r[c]))}</{c}>" for c in COLUMNS[1:]) + "</voc>")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(rows) + "\n</feedback>\n"


def html_text(records):
    head = "".join(f"<th>{escape(KOREAN[c])}</th>" for c in COLUMNS)
    rows = ["<tr>" + "".join(f"<td>{escape(str(r[c]))}</td>" for c in COLUMNS) + "</tr>" for r in records]
    return f'<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8"><title>후기</title></head><body><table><tr>{head}</tr>\n' + \
        "\n".join(rows) + "\n</table></body></html>\n"


def cp949(records):
    kept = []
    for r in records:
        try:
            csv_bytes([r]).encode("cp949")
            kept.append(r)
        except UnicodeEncodeError:
            kept.append(dict(r, text=r["text"].replace("😡", "")))
    return csv_bytes(kept, names=KOREAN, end="\r\n").encode("cp949")


def sample_folder(maker, count, folder):
    drawn = [maker.record(number) for number in range(1, count + 1)]
    records = [d[0] for d in drawn]
    share = count // 8
    part = [records[i * share:(i + 1) * share] for i in range(7)] + [records[7 * share:]]
    write(f"{folder}/dumps/callcentre/voc.csv", "\ufeff" + csv_bytes(part[0], names=KOREAN))
    write(f"{folder}/dumps/callcentre/voc-cp949.csv", cp949(part[1]))
    write(f"{folder}/dumps/store/visits.tsv", csv_bytes(part[2], delimiter="\t"))
    write(f"{folder}/dumps/app/reviews.jsonl.gz", gzip_bytes("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in part[3])))
    write(f"{folder}/dumps/app/reviews.json", json.dumps(part[4], ensure_ascii=False, indent=1) + "\n")
    write(f"{folder}/dumps/web/forms.xml", xml_text(part[5]))
    write(f"{folder}/dumps/web/board.html", html_text(part[6]))
    write(f"{folder}/dumps/web/export.csv", csv_bytes(part[7] + part[0][:20], delimiter=";"))
    write(f"{folder}/dumps/web/notes.txt", "".join(r["text"] + "\n" for r in records[:20]))
    gold = [json.dumps({"id": r["id"], "lang": language, "source": "sample", "text": r["text"], "categories": sorted(categories)},
                       ensure_ascii=False) for r, categories, language in drawn]
    write(f"{folder}/gold/sample.jsonl", "\n".join(gold) + "\n")


def terms(maker, count):
    """Syllable pairs and words as they stand in generated texts: frequent first, so that rows have several matches."""
    counts = {}
    for number in range(20000):
        for word in maker.record(number)[0]["text"].split():
            for length in range(2, min(len(word), 6) + 1):
                counts[word[:length]] = counts.get(word[:length], 0) + 1
    ranked = sorted((w for w in counts if len(w.encode()) >= 4), key=lambda w: (-counts[w], w))
    hot, rare = ranked[250:], []
    draw = maker.random
    syllables = [chr(c) for c in range(0xac00, 0xd7a4)]
    while len(hot) + len(rare) < count:
        rare.append("".join(draw.choice(syllables) for _ in range(draw.randint(2, 4))))
    return (hot + rare)[:count]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--bytes", type=int)
    options.add_argument("--records", type=int, default=1200)
    options.add_argument("--folder")
    options.add_argument("--terms", type=int)
    given = options.parse_args()
    maker = Maker(given.seed)
    if given.terms:
        sys.stdout.write("".join(t + "\n" for t in terms(maker, given.terms)))
    elif given.bytes:
        one_large(maker, given.bytes, sys.stdout)
    elif given.folder:
        sample_folder(maker, given.records, given.folder)
    else:
        options.error("give --bytes, --folder or --terms")


if __name__ == "__main__":
    main()
