#!/usr/bin/env python3
"""Every hit's offsets select the customer's words (DESIGN: bytes of the text field's UTF-8, before normalisation).

    offsets.py SORI DICTIONARIES GOLD.jsonl…

Texts: those of the gold sets, and each of them changed in ways that normalisation takes back (decomposed jamo, zero-width
characters, full-width Latin, HTML entities and tags, blanks, laughter) or that it must survive (emoji, combining marks,
controls, cut in the middle). Checked for every hit:
  - 0 <= start < end <= length, both on code point borders, and `text` is what stands there
  - the words begin and end with a character that is no blank
  - no hit touches what `sori redact` masks
  - in the reversible changes the same entries hit the same words, once the change is taken back
"""
import json
import random
import subprocess
import sys
import unicodedata

program, dictionaries, golds = sys.argv[1], sys.argv[2], sys.argv[3:]
rng = random.Random(20240229)
ZERO = "\u200b\u2060\ufeff\u00ad"


def widen(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" < c <= "~" and c.isalnum() and rng.random() < 0.5 else c for c in text)


def sprinkle(text):
    return "".join(c + (rng.choice(ZERO) if rng.random() < 0.1 else "") for c in text)


def entities(text):
    return "".join(f"&#{ord(c)};" if c.isalpha() and rng.random() < 0.08 else c for c in text.replace("&", "&amp;"))


def fold(words):
    """What the reversible changes have in common."""
    import html
    words = html.unescape(words)
    words = unicodedata.normalize("NFC", "".join(c for c in words if c not in ZERO))
    return "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in words).lower()


reversible = {
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "zero-width": sprinkle,
    "full-width": widen,
}
hard = {
    "entities": entities,
    "tags": lambda t: "<p>" + t.replace(" ", " <b>", 1).replace(" ", "</b> ", 1) + "<br/>",
    "laughter": lambda t: t.replace(" ", " ㅋㅋㅋㅋㅠㅠ ", 2),
    "emoji": lambda t: "".join(c + (rng.choice("😡👍🏽🇰🇷❤️") if c == " " else "") for c in t),
    "marks": lambda t: "".join(c + ("\u0301" * rng.randrange(40) if rng.random() < 0.03 else "") for c in t),
    "controls": lambda t: "".join(c + (rng.choice("\x01\x1b\x7f\u202e\u2028\t\r\n") if rng.random() < 0.05 else "") for c in t),
    "cut": lambda t: t[rng.randrange(len(t) + 1):] if t else t,
    "twice": lambda t: t + t,
    "shuffled": lambda t: "".join(rng.sample(t, len(t))),
    "personal": lambda t: t.replace(" ", " 010-1234-5678 ", 1) + " hong@example.com",
}

cases = []
for path in golds:
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.strip():
                continue
            text = json.loads(line)["text"]
            cases.append(("plain", text))
            for name, change in {**reversible, **hard}.items():
                cases.append((name, change(text)))
while len(cases) < 30000:  # and texts put together from pieces of all of them
    pieces = [rng.choice(cases)[1] for _ in range(3)]
    cases.append(("mixed", "".join(p[rng.randrange(len(p) + 1):][: rng.randrange(1, 40)] for p in pieces)))


def run(arguments):
    lines = "".join(json.dumps({"id": f"i{i}", "text": text}, ensure_ascii=False) + "\n" for i, (_, text) in enumerate(cases))
    done = subprocess.run([program, *arguments], input=lines.encode(), capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr.decode(errors='replace')[:500]}")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


extracted = run(["extract", "-", "--dict", dictionaries])
redacted = run(["redact", "-"])
by_id = {row["id"]: row for row in extracted}
masked = {row["id"]: row["text"] for row in redacted if "id" in row}
faults, hits = [], 0


def kept_parts(text, shown):
    """Spans of the bytes that redaction left, when they can be told apart."""
    import re
    spans, at = [], 0
    for part in re.split(r"\[[^\[\]]{1,20}\]", shown):
        start = text.find(part, at) if part else at
        if start < 0:
            return None
        spans.append((len(text[:start].encode()), len(text[: start + len(part)].encode())))
        at = start + len(part)
    return spans


plain = None
for number, (name, text) in enumerate(cases):
    row = by_id.get(f"i{number}")
    if row is None:
        continue  # an empty text is no record
    data = text.encode("utf-8")
    spans = kept_parts(text, masked.get(f"i{number}", text)) if masked.get(f"i{number}", text) != text and "[" not in text else None
    found = []
    for hit in row["hits"]:
        hits += 1
        start, end = hit["start"], hit["end"]
        where = f"{name} #{number} {hit['entry']} [{start},{end})"
        if not 0 <= start < end <= len(data):
            faults.append(f"{where}: outside 0..{len(data)}")
            continue
        try:
            words = data[start:end].decode("utf-8")
            data[:start].decode("utf-8")
        except UnicodeDecodeError:
            faults.append(f"{where}: inside a code point")
            continue
        if words != hit["text"]:
            faults.append(f"{where}: says {hit['text']!r}, there stands {words!r}")
        if words[0].isspace() or words[-1].isspace():
            faults.append(f"{where}: begins or ends with a blank: {words!r}")
        if spans and not any(a <= start and end <= b for a, b in spans):
            faults.append(f"{where}: touches masked text: {words!r}")
        found.append((hit["category"], hit["entry"], fold(words)))
    if name == "plain":
        plain = sorted(found)
    elif name in reversible and "&" not in text and sorted(found) != plain:  # a character put inside an entity ends it
        faults.append(f"{name} #{number}: {text[:80]!r}: other hits: {[x for x in found if x not in plain]} for {[x for x in plain if x not in found]}")

print(f"{len(cases)} texts, {hits} hits, {len(faults)} faults")
for fault in faults[: int(__import__("os").environ.get("FAULTS", "20"))]:
    print(" ", fault)
sys.exit(1 if faults or hits < len(cases) // 10 else 0)
