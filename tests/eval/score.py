#!/usr/bin/env python3
"""Scores `sori extract` output against a gold set.

    sori extract gold.jsonl | tests/eval/score.py gold.jsonl [-] [--by source] [--min-f1 F --min-precision P] [--wrong CATEGORY]

Multi-label: per category true/false positives and negatives over texts; micro and macro precision, recall and F1, for pain
and praise apart, by language and by source. Categories listed as `unsure` for a text are left out of that text.
Texts are paired by id; a missing prediction is an error."""
import argparse
import collections
import json
import sys


def read(path):
    stream = sys.stdin if path == "-" else open(path, encoding="utf-8")
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as problem:
                sys.exit(f"{path}:{number}: {problem}")


def ratio(part, whole):
    return part / whole if whole else float("nan")


def scores(tp, fp, fn):
    precision, recall = ratio(tp, tp + fp), ratio(tp, tp + fn)
    return precision, recall, ratio(2 * tp, 2 * tp + fp + fn)


def is_praise(category):
    return category.startswith("praise.")


class Table:
    """Counts per category, for the pain and the praise stream."""

    def __init__(self):
        self.cells = collections.defaultdict(lambda: [0, 0, 0])

    def add(self, gold, found, unsure):
        for category in (gold | found) - unsure:
            cell = self.cells[category]
            cell[0 if category in gold and category in found else 1 if category in found else 2] += 1

    def micro(self, praise):
        sums = [sum(cell[i] for c, cell in self.cells.items() if is_praise(c) == praise) for i in range(3)]
        return scores(*sums) + tuple(sums)

    def macro(self, praise, least=10):
        values = [scores(*cell)[2] for c, cell in self.cells.items()
                  if is_praise(c) == praise and cell[0] + cell[2] >= least]
        return ratio(sum(values), len(values))


def line(label, table):
    parts = []
    for praise in (False, True):
        p, r, f, tp, fp, fn = table.micro(praise)
        parts.append(f"P {p:.3f} R {r:.3f} F1 {f:.3f} macro {table.macro(praise):.3f} ({tp}/{fp}/{fn})")
    return f"{label:<24} pain {parts[0]}   praise {parts[1]}"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("gold")
    options.add_argument("predictions", nargs="?", default="-")
    options.add_argument("--only", help="texts whose source or language is this (comma separated)")
    options.add_argument("--wrong", help="print the texts wrong in this category (or `any`)")
    options.add_argument("--limit", type=int, default=1000)
    options.add_argument("--min-f1", type=float)
    options.add_argument("--min-precision", type=float)
    options.add_argument("--min-praise-f1", type=float)
    given = options.parse_args()
    gold = list(read(given.gold))
    if given.only:
        wanted = set(given.only.split(","))
        gold = [g for g in gold if g["source"] in wanted or g["lang"] in wanted]
    predictions = {p["id"]: p for p in read(given.predictions)}
    total, by_language, by_source = Table(), collections.defaultdict(Table), collections.defaultdict(Table)
    shown = 0
    for text in gold:
        if text["id"] not in predictions:
            sys.exit(f"no prediction for {text['id']}")
        want, unsure = set(text["categories"]), set(text.get("unsure", []))
        found = set(predictions[text["id"]]["categories"])
        for table in (total, by_language[text["lang"]], by_source[text["source"]]):
            table.add(want, found, unsure)
        if given.wrong and shown < given.limit:
            extra, missing = sorted(found - want - unsure), sorted(want - found - unsure)
            if given.wrong == "any" and (extra or missing) or given.wrong in extra + missing:
                shown += 1
                print(f"{text['id']} [{text['lang']}]\n  {text['text']!r}\n  missing {missing} extra {extra} gold {sorted(want)}")
                for hit in predictions[text["id"]]["hits"]:
                    if given.wrong in ("any", hit["category"]):
                        print(f"    {hit['category']} {hit['entry']} {hit['text']!r} {hit['tags']} {hit['counted']}")
    print(line("all", total))
    for language in sorted(by_language):
        print(line("language " + language, by_language[language]))
    for source in sorted(by_source):
        print(line("source " + source, by_source[source]))
    for category in sorted(total.cells):
        tp, fp, fn = total.cells[category]
        p, r, f = scores(tp, fp, fn)
        print(f"{category:<24} P {p:.3f} R {r:.3f} F1 {f:.3f}  tp {tp} fp {fp} fn {fn}")
    p, _, f, *_ = total.micro(False)
    praise = total.micro(True)[2]
    failed = [name for name, value, floor in (("pain F1", f, given.min_f1), ("pain precision", p, given.min_precision),
                                              ("praise F1", praise, given.min_praise_f1))
              if floor is not None and not value >= floor]
    if failed:
        sys.exit("below the floor: " + ", ".join(failed))


if __name__ == "__main__":
    main()
