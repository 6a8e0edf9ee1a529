#!/bin/bash
# Shows the example meetings in every template: templates.sh PROGRAMS MODEL writes examples/minutes/ anew.
set -euo pipefail
examples=$(cd "$(dirname "$0")" && pwd)
programs=$1 model=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for name in $(compgen -e MINUTED_ || true); do unset "$name"; done
cat >"$folder/minuted.yaml" <<END
model:
  path: $model
END
# What each template is shown with: the meeting that suits it.
for pair in standard=planning highlight=planning key-points=incident per-speaker=customer decisions=planning \
    sentiment=customer customer-call=customer interview=incident stand-up=ward; do
    template=${pair%%=*} meeting=${pair#*=}
    if [ ! -e "$folder/$meeting/minutes.json" ]; then
        "$programs/minutectl" summarize "$examples/$meeting".* --config "$folder/minuted.yaml" --output "$folder" --quiet \
            >/dev/null 2>&1
    fi
    mkdir -p "$examples/minutes"
    "$programs/minutectl" render "$folder/$meeting/minutes.json" --template "$examples/../etc/templates/$template.mustache" \
        >"$examples/minutes/$template.md"
    echo "examples/minutes/$template.md: $meeting"
done
