#!/usr/bin/env bash
# Dependencies run one way: base <- stats <- text <- core <- stages <- cli, and no stage includes another. Also: only cli prints to
# stderr or exits, every allocation goes through base/memory.h, and no file is over 800 lines.
set -u
cd "$(dirname "$0")/../.." || exit 2
bad=0
complain() { printf '%s\n' "$1"; bad=$((bad + 1)); }

sources() { find pipeline stages -name '*.[ch]' | LC_ALL=C sort; }
room_of() {
    case $1 in
        pipeline/base/*) echo 0 ;;
        pipeline/stats/*) echo 1 ;;
        pipeline/text/*) echo 2 ;;
        pipeline/core/*) echo 3 ;;
        stages/*) echo 4 ;;
        pipeline/cli/*) echo 5 ;;
        *) echo 9 ;;
    esac
}

checked=0
for file in $(sources); do
    checked=$((checked + 1))
    from=$(room_of "$file")
    while IFS= read -r include; do
        [ -n "$include" ] || continue
        to=$(room_of "$include")
        [ "$to" -le "$from" ] || complain "$file includes $include: against the flow"
        if [ "$from" = 4 ] && [ "$to" = 4 ]; then
            case $file in stages/registry.c) continue ;; esac
            [ "$(echo "$file" | cut -d/ -f2)" = "$(echo "$include" | cut -d/ -f2)" ] ||
                complain "$file includes $include: a stage may not include another stage"
        fi
    done < <(sed -n 's/^#include "\(\(pipeline\|stages\)\/[^"]*\)".*/\1/p' "$file")
    case $file in
        pipeline/cli/*) ;;
        *) grep -nE '\b(exit|_exit|abort|perror)[[:space:]]*\(|[^_a-z]stderr\b' "$file" | grep -vE '^[0-9]+:[[:space:]]*(/?\*|//)' |
               while IFS= read -r line; do echo "$file:$line: only pipeline/cli prints or exits"; done | grep . && bad=$((bad + 1)) ;;
    esac
    case $file in
        pipeline/base/memory.c) ;;
        *) grep -nE '[^_a-z](malloc|calloc|realloc|strdup|strndup|asprintf)[[:space:]]*\(' "$file" |
               while IFS= read -r line; do echo "$file:$line: allocation past base/memory.h"; done | grep . && bad=$((bad + 1)) ;;
    esac
    case $file in *generated*) ;; *)
        lines=$(wc -l < "$file")
        [ "$lines" -le 800 ] || complain "$file has $lines lines, over 800" ;;
    esac
done
[ "$checked" -gt 20 ] || complain "only $checked files checked: wrong folder?"
[ "$bad" -eq 0 ] && echo "ok: $checked files"
exit $((bad > 0))
