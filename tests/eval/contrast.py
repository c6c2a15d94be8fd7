#!/usr/bin/env python3
"""Scores `sori extract` on the contrast set: a text is right when the set of its categories is exactly right.

    sori extract corpora/gold/contrast.jsonl | tests/eval/contrast.py corpora/gold/contrast.jsonl [-] [--floor 0.95]

An id is ct-<language>-<group>-<kind>; texts of a group share their words and differ in scope. Kinds with a number at the
end (neg2) belong to the kind without it. Categories listed as `unsure` may be there or not. Prints every failure, then the
share right by language and kind; exit status 1 below the floor."""
import argparse
import collections
import json
import sys


def read(path):
    stream = sys.stdin if path == "-" else open(path, encoding="utf-8")
    return [json.loads(line) for line in stream if line.strip()]


def kind_of(identity):
    return identity.rsplit("-", 1)[1].rstrip("0123456789")


def describe(text, predicted, missing, extra):
    print(f"{text['id']}  {text['text']}\n    missing {missing or '-'}  extra {extra or '-'}")
    for hit in predicted["hits"]:
        mark = "+" if hit["counted"] else " "
        print(f"   {mark}{hit['category']} {hit['entry']} {hit['text']!r} {','.join(hit['tags'])}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("gold")
    options.add_argument("predictions", nargs="?", default="-")
    options.add_argument("--floor", type=float, default=0.0, help="least share of texts that must be right")
    options.add_argument("--kind", help="only texts of this kind")
    given = options.parse_args()
    predictions = {p["id"]: p for p in read(given.predictions)}
    counts = collections.defaultdict(lambda: [0, 0])
    for text in read(given.gold):
        kind = kind_of(text["id"])
        if given.kind and kind != given.kind:
            continue
        if text["id"] not in predictions:
            sys.exit(f"no prediction for {text['id']}")
        predicted = predictions[text["id"]]
        want, unsure = set(text["categories"]), set(text.get("unsure", []))
        found = set(predicted["categories"])
        missing, extra = sorted(want - found - unsure), sorted(found - want - unsure)
        right = not missing and not extra
        language = text["id"].split("-")[1]
        for key in ("all", language, f"{language} {kind}"):
            counts[key][0] += right
            counts[key][1] += 1
        if not right:
            describe(text, predicted, missing, extra)
    for key in sorted(counts, key=lambda k: (k != "all", " " in k, k)):
        right, total = counts[key]
        print(f"{key:<16} {right:4d} of {total:4d}  {right / total:.3f}")
    right, total = counts["all"]
    if not total or right / total < given.floor:
        sys.exit(f"below the floor of {given.floor}")


if __name__ == "__main__":
    main()
