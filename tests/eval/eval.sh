#!/bin/sh
# eval.sh SORI DICTIONARIES MEASURE GOLD [option…]: extracts a gold set and hands the result to a measure of this folder.
# A failing extraction fails the test as well: the measure sees no prediction for a text.
set -eu
sori=$1 dictionaries=$2 measure=$3 gold=$4
shift 4
"$sori" extract --quiet --dict="$dictionaries" "$gold" | python3 "$(dirname "$0")/$measure" "$gold" - "$@"
