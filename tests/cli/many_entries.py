#!/usr/bin/env python3
"""A dictionary of N invented entries in FOLDER, the same for every run: nouns, predicates, English words and rules in the
proportions of the shipped ones. For the time of `sori dict check`.

    many_entries.py FOLDER [N]
"""
import pathlib
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10000
state = 20240229


def draw(limit):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % limit


def syllable(final=True):
    return chr(0xAC00 + (draw(19) * 21 + draw(21)) * 28 + (draw(28) if final and draw(2) else 0))


def word(least, most):
    return "".join(syllable() for _ in range(least + draw(most - least + 1)))


def latin():
    return "".join("bcdfghklmnprstvw"[draw(16)] + "aeiou"[draw(5)] for _ in range(2 + draw(3)))


def noun():
    return "n:" + word(2, 4)


def verb():
    return "v:" + word(1, 2) + ["하다", "되다", "지다", "리다"][draw(4)]


lines = []
for c in range(40):
    lines.append(f'@category made.c{c} ko="분류{c}" en="class {c}" kind={"praise" if c % 10 == 0 else "pain"}')
for s in range(60):
    lines.append(f"@set S{s} = " + " | ".join(noun() if s % 2 else verb() for _ in range(25)))
for i in range(count):
    if i % 250 == 0:
        lines.append(f"@in made.c{i // 250 % 40}")
    kind = i % 20
    if kind < 9:
        lines.append(noun() + "=" + ",".join(word(2, 4) for _ in range(2)))
    elif kind < 13:
        lines.append(verb() + "=" + verb()[2:])
    elif kind < 16:
        lines.append(f"e:{latin()} {latin()}={latin()}")
    elif kind < 18:
        lines.append(f"rule: $S{draw(60)} <2> {verb()}")
    else:
        lines.append(f'rule: $S{draw(60)} & {noun()} not="{noun()}"')
(folder / "made").mkdir(parents=True, exist_ok=True)
(folder / "made" / "made.dict").write_text("\n".join(lines) + "\n", encoding="utf-8")
