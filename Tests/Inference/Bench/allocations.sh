#!/bin/bash
# Measures how many allocations a decoded token takes: allocations.sh MINUTELAB MODEL
#
# The same answer is generated with two lengths. The difference in allocations, including all threads and the printing,
# belongs to the tokens by which the answers differ.
set -euo pipefail

minutelab=$1 model=$2
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${CC:-cc} -O1 -shared -fPIC -o "$folder/allocations.so" "$here/allocations.c"

allocations() {
    LD_PRELOAD="$folder/allocations.so" "$minutelab" generate "$model" --maximum-tokens "$1" \
        --prompt "The meeting began with a long talk about the budget of the next year." 2>&1 >/dev/null |
        awk '/^allocations: / { print $2 }'
}

short=$(allocations 40)
long=$(allocations 240)
awk -v a="$short" -v b="$long" \
    'BEGIN { printf "allocations for each of 200 decoded tokens: %.2f (%d in all, printing included)\n", (b - a) / 200, b - a }'
