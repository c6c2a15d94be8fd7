#!/usr/bin/env bash
# Full disks, full pipes, short reads: exit code and outputs stay honest.
#
#   disk.sh SORI
. "$(dirname "$0")/common.sh"
bad=0 checks=0
check() { # what, condition already evaluated
    checks=$((checks + 1))
    [ "$2" = yes ] || { echo "FAILED: $1"; bad=$((bad + 1)); }
}
mkdir dumps
python3 "$corpora/generate.py" --bytes 1500000 --seed 3 >dumps/night.csv
"$program" run dumps --out reference --quiet -j1 || exit 1
expected=$(state_of reference)

for command in "extract dumps" "explain 느려요" "sniff dumps/night.csv" "--help" "help man" "redact --plain dumps/night.csv"; do
    # shellcheck disable=SC2086
    "$program" $command >/dev/full 2>/dev/null
    [ $? -eq 74 ] && ok=yes || ok=no
    check "$command into a full device must exit 74" $ok
done

# The old report stays when the new one cannot be written.
cp -r reference out
before=$(sha256sum <out/report.html)
python3 "$corpora/generate.py" --bytes 1500000 --seed 4 | sed 's/^V/X/' >more.csv
for blocks in 1 8 64 256 512 1024 2048; do
    (ulimit -f "$blocks"; trap '' XFSZ; "$program" run more.csv --out out --quiet -j1 2>err)
    code=$?
    if [ $code -eq 0 ]; then
        check "file size limit $blocks: exit 0 needs the outputs" "$([ "$(gzip -dc out/counts.csv.gz | wc -l)" -gt 10 ] && echo yes)"
        break
    fi
    check "file size limit $blocks: exit $code must be 71, 73 or 74 ($(head -c 150 err))" \
        "$(case $code in 71|73|74) echo yes ;; esac)"
    check "file size limit $blocks: the old report stays" "$([ "$(sha256sum <out/report.html)" = "$before" ] && echo yes)"
    check "file size limit $blocks: no temporary file stays" "$([ -z "$(find out -name '*.tmp*')" ] && echo yes)"
done

if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=300k tmpfs small 2>/dev/null; then
    for size in 64 128 256 512 1024 2048 4096; do
        mount -o remount,size=${size}k small
        rm -rf small/* small/.[!.]* 2>/dev/null
        "$program" run dumps --out small --quiet -j1 2>err
        code=$?
        if [ $code -eq 0 ]; then
            check "disk of $size KiB: exit 0 needs the outputs" "$([ "$(state_of small)" = "$expected" ] && echo yes)"
        else
            check "disk of $size KiB: exit $code must be 71, 73 or 74 ($(head -c 150 err))" \
                "$(case $code in 71|73|74) echo yes ;; esac)"
            check "disk of $size KiB: no report is published" "$([ ! -e small/report.html ] && echo yes)"
        fi
    done
    umount small
else
    echo "skipped: tmpfs (needs root and mount)"
fi

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    for call in pwrite64 fdatasync fsync rename openat; do
        for index in 1 2 3 5 8 13; do
            for fault in EIO ENOSPC; do
                rm -rf out
                strace -f -o /dev/null -e trace=$call -e inject=$call:error=$fault:when=$index \
                    "$program" run dumps --out out --quiet -j1 2>err
                code=$?
                if [ $code -eq 0 ]; then
                    check "$call $index $fault: exit 0 needs the outputs" "$([ "$(state_of out)" = "$expected" ] && echo yes)"
                else
                    check "$call $index $fault: no death by signal (exit $code)" "$([ $code -lt 126 ] && echo yes)"
                    "$program" run dumps --out out --quiet -j1 2>err
                    check "$call $index $fault: the run after it succeeds ($(head -c 150 err))" \
                        "$([ "$(state_of out)" = "$expected" ] && echo yes)"
                fi
            done
        done
    done
else
    echo "skipped: injected faults (no strace or no ptrace)"
fi
echo "$checks checks, $bad failed"
[ "$bad" -eq 0 ]
