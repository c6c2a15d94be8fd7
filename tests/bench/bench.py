#!/usr/bin/env python3
"""Whole `sori run` against references on the same file in the same run, interleaved; prints ratios, never judges seconds.

    tests/bench/bench.py --sori build/release/sori [--bytes 1073741824] [--rounds 5] [--folder DIR] [--only sori,rg,wc]
    tests/bench/bench.py --starter DIR [--bytes 200000000]

What is timed: `sori run FILE --out NEW` (CSV in, store and all reports out, the shipped dictionaries) with -j1 and -j2;
`rg -j1 --count-matches -F -f terms` (5,000 lines of the seeded generator, 3 to 5 matches a row) and `wc -m` in C.UTF-8;
where installed also `grep -c -F`, `gzip -dc`. Wall time, user+system time and peak memory from wait4.

With --starter the shipped dictionaries are held against those of DIR (an earlier commit's, by git archive) in `sori
extract`; what a dictionary of one entry takes is taken off both, so that matching is compared, loading included."""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def timed(command, environment=None):
    """Wall seconds, cpu seconds, peak KiB, standard output of one run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0,):
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, output.decode(errors="replace").strip()


def make(path, arguments):
    if not os.path.exists(path):
        with open(path + ".part", "wb") as out:
            subprocess.run([sys.executable, os.path.join(ROOT, "corpora/generate.py"), *arguments], stdout=out, check=True)
        os.rename(path + ".part", path)


def sori(program, dump, threads, folder):
    def run():
        out = os.path.join(folder, f"out-{threads}")
        shutil.rmtree(out, ignore_errors=True)
        return timed([program, "run", dump, "--out", out, "-j", str(threads), "--quiet"])
    return run


def contestants(given, dump, terms):
    utf8 = dict(os.environ, LC_ALL="C.UTF-8")
    found = {"sori -j1": sori(given.sori, dump, 1, given.folder), "sori -j2": sori(given.sori, dump, 2, given.folder)}
    if shutil.which("rg"):
        found["rg --count-matches"] = lambda: timed(["rg", "-j1", "--count-matches", "-F", "-f", terms, dump])
    found["wc -m"] = lambda: timed(["wc", "-m", dump], utf8)
    found["grep -c -F"] = lambda: timed(["grep", "-c", "-F", "-f", terms, dump], dict(os.environ, LC_ALL="C"))
    if given.only:
        wanted = given.only.split(",")
        found = {name: run for name, run in found.items() if any(name.startswith(w) for w in wanted)}
    return found


def compare_dictionaries(given, dump):
    one = os.path.join(given.folder, "one")
    os.makedirs(os.path.join(one, "general"), exist_ok=True)
    shutil.copytree(os.path.join(ROOT, "dictionaries/grammar"), os.path.join(one, "grammar"), dirs_exist_ok=True)
    with open(os.path.join(one, "general/one.dict"), "w") as entry:
        entry.write('@category general.dissatisfied ko="막연한 불만" en="Unspecific complaint" kind=pain\nn:최악\n')
    folders = {"one entry": one, "starter": given.starter, "shipped": os.path.join(ROOT, "dictionaries")}
    cpu = {name: [] for name in folders}
    for _ in range(given.rounds):
        for name, folder in folders.items():
            command = f'"{given.sori}" extract --quiet --dict "{folder}" "{dump}" -j 1 > /dev/null'
            cpu[name].append(timed(["sh", "-c", command])[1])
    median = {name: statistics.median(seconds) for name, seconds in cpu.items()}
    for name, seconds in median.items():
        print(f"{name:<12} {seconds:8.2f} cpu s")
    print(f"matching, shipped over starter: {(median['shipped'] - median['one entry']) / (median['starter'] - median['one entry']):.2f} x")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--sori", default=os.path.join(ROOT, "build/release/sori"))
    options.add_argument("--bytes", type=int, default=1 << 30)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", default=os.path.join(tempfile.gettempdir(), "sori-bench"))
    options.add_argument("--only")
    options.add_argument("--starter", metavar="DIR")
    given = options.parse_args()
    os.makedirs(given.folder, exist_ok=True)
    dump, terms = os.path.join(given.folder, f"dump-{given.bytes}.csv"), os.path.join(given.folder, "terms.txt")
    make(dump, ["--bytes", str(given.bytes), "--seed", "1"])
    if given.starter:
        return compare_dictionaries(given, dump)
    make(terms, ["--terms", "5000", "--seed", "1"])
    size = os.path.getsize(dump)
    with open(dump, "rb") as lines:
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b"")) - 1
    runs = contestants(given, dump, terms)
    results = {name: [] for name in runs}
    for name, run in runs.items():  # one unmeasured round warms the page cache
        if not name.startswith("sori"):
            run()
    for _ in range(given.rounds):
        for name, run in runs.items():
            results[name].append(run())
    model = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {model}, {os.cpu_count()} cpus; commit {commit}; {size} bytes, {rows} rows, {given.rounds} rounds, medians")
    if results.get("rg --count-matches"):
        matches = int(results["rg --count-matches"][0][3] or 0)
        print(f"terms: 5000 lines, {matches} matches, {matches / rows:.2f} a row")
    walls = {name: statistics.median(r[0] for r in runs_) for name, runs_ in results.items()}
    print(f"{'':<20} {'MB/s':>8} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9}  {'sori -j1 is':>12} {'sori -j2 is':>12}")
    for name, measured in results.items():
        row = f"{name:<20} {size / walls[name] / 1e6:8.0f} {walls[name]:8.2f} {statistics.median(r[1] for r in measured):8.2f} " \
              f"{max(r[2] for r in measured) / 1024:9.1f}"
        for threads in ("sori -j1", "sori -j2"):
            row += f"  {walls[name] / walls[threads]:10.2f} x" if threads in walls else ""
        print(row)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
