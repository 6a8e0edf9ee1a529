#!/usr/bin/env bash
# Writes the page of an example meeting and pictures of it.
#
#   page.sh PROGRAMS MODEL FOLDER       PROGRAMS: the folder with minutectl
set -euo pipefail

examples=$(cd "$(dirname "$0")" && pwd)
programs=$1 model=$2
mkdir -p "$3"
folder=$(cd "$3" && pwd)
profile=$(mktemp -d)
# What the browser is still writing is tried once more.
trap 'rm -rf "$profile" 2>/dev/null || { sleep 1; rm -rf "$profile"; }' EXIT

"$programs/minutectl" summarize "$examples/planning.txt" --model "$model" --output "$folder" --quiet >/dev/null
page=file://$folder/planning/minutes.html

browser() {
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" "$@" "$page" 2>/dev/null
}
browser --window-size=1440,1500 --screenshot="$folder/desktop.png"
browser --window-size=1440,1500 --screenshot="$folder/dark.png" --blink-settings=preferredColorScheme=0
browser --window-size=390,2000 --screenshot="$folder/phone.png"
browser --print-to-pdf="$folder/print.pdf" --no-pdf-header-footer
ls -l "$folder"/*.png "$folder"/print.pdf "$folder"/planning/minutes.html
