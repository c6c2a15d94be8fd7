#!/bin/sh
# run.sh RENDER: builds the pages into a temporary folder and checks them; 77 (skipped) without Chromium or Node.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
for need in "$browser" "$(command -v node || true)"; do
	[ -n "$need" ] || { echo "skipped: browser.report (chromium or node not installed)"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
"$1" "$folder/pages" "$here/payloads.txt"
node "$here/check.mjs" "$browser" "$folder/pages" "$folder/profile"
