#!/bin/bash
# Has a model write 1,000 answers under the schema that chat models are held to, and checks each with a reader that shares
# nothing with the decoder: structured.sh PROGRAMS MODEL [COUNT].
set -euo pipefail
examples=$(cd "$(dirname "$0")" && pwd)
programs=$1 model=$2 count=${3:-1000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Stretches of the example meetings of 40 lines, as prompts that ask for JSON.
python3 - "$examples" >"$folder/prompts.json" <<'END'
import json, pathlib, sys
prompts = []
for name in ["planning.txt", "ward.vtt", "incident.srt", "customer.jsonl"]:
    lines = pathlib.Path(sys.argv[1], name).read_text().splitlines()
    for first in range(0, len(lines), 40):
        prompts.append("\n".join(lines[first:first + 40]) + "\n---\n\nSummary, decisions, actions and questions in JSON:\n")
json.dump(prompts, sys.stdout)
END
"$programs/minutelab" generate "$model" --prompts "$folder/prompts.json" \
    --schema "$examples/../etc/answer.schema.json" --count "$count" --temperature 0.8 --maximum-tokens 320 \
    >"$folder/documents.jsonl"
echo "shortest: $(awk '{ print length }' "$folder/documents.jsonl" | sort -n | head -1) characters, longest: $(awk '{ print length }' \
    "$folder/documents.jsonl" | sort -n | tail -1)"
