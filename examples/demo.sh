#!/usr/bin/env bash
# Shows the whole path on temporary folders: two meetings go in, one as files and one live over the socket, and their
# minutes grow while they do.
#
#   demo.sh PROGRAMS MODEL       PROGRAMS: the folder with minuted and minutectl
#
# Exit status 0 only if both meetings' minutes are finished and cover everything that was said.
set -euo pipefail
# Background jobs get process groups of their own, so that Ctrl-C comes here first.
set -m

examples=$(cd "$(dirname "$0")" && pwd)
programs=$(cd "$1" && pwd)
model=$2
chunks=5
patience=300 # seconds

folder=$(mktemp -d "${TMPDIR:-/tmp}/minuted-demo.XXXXXX")
daemon=
jobs=() # process groups to be ended with this script
keep=

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

stop_daemon() {
    [ -n "$daemon" ] || return 0
    kill -TERM "$daemon" 2>/dev/null || true
    local status=0
    wait "$daemon" || status=$?
    daemon=
    return "$status"
}

finish() {
    local status=$?
    trap - EXIT INT TERM
    for job in "${jobs[@]}"; do disown "$job" 2>/dev/null || true; done
    for job in "${jobs[@]}"; do kill -- "-$job" 2>/dev/null || true; done
    stop_daemon 2>/dev/null || true
    if [ "$status" -ne 0 ] && [ -s "$folder/minuted.log" ]; then
        printf '\ndemo: stopped with status %s; the end of the log was:\n' "$status" >&2
        tail -n 15 "$folder/minuted.log" >&2
    fi
    [ -n "$keep" ] || rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "demo: $*" >&2
    exit 1
}

control() { "$programs/minutectl" "$@" --config "$folder/minuted.yaml"; }

# minutes MEETING: "STATE UTTERANCES PERCENT WINDOWS SUMMARISED SUMMARY" as minutes.json has them.
minutes() {
    python3 -c '
import json, sys
try:
    minutes = json.load(open(sys.argv[1]))
except (OSError, ValueError):
    sys.exit("none yet")
said, windows = minutes["coverage"], minutes["windows"]
print(minutes["state"], said["utterances"], said["summarisedWords"] * 100 // max(1, said["words"]), len(windows),
      sum(window["state"] == "summarised" for window in windows), "yes" if minutes.get("summary") else "no")
' "$folder/state/minutes/$1/minutes.json" 2>/dev/null || echo "none 0 0 0 0 no"
}

# feed_spool: planning.txt in numbered chunks, each put in place by a rename, then the end.
feed_spool() {
    local incoming=$1 lines size number=0 file
    lines=$(wc -l <"$examples/planning.txt")
    size=$(((lines + chunks - 1) / chunks))
    split -l "$size" "$examples/planning.txt" "$folder/part."
    for file in "$folder"/part.*; do
        number=$((number + 1))
        mv "$file" "$incoming/$(printf 'planning.%04d.txt' "$number")"
        sleep 3
    done
    : >"$folder/planning.end"
    mv "$folder/planning.end" "$incoming/planning.end"
}

# feed_socket: customer.jsonl line by line, as a live captioner would send it, only faster.
feed_socket() {
    {
        echo '{"meeting": "customer", "title": "Customer call", "format": "jsonl"}'
        while IFS= read -r line; do
            printf '%s\n' "$line"
            sleep 0.2
        done <"$examples/customer.jsonl"
        echo '{"end": true}'
    } | socat -u - "UNIX-CONNECT:$folder/ingest.sock"
}

cat >"$folder/minuted.yaml" <<END
folders:
  state: $folder/state
sockets:
  ingest: $folder/ingest.sock
  control: $folder/control.sock
model:
  path: $model
output:
  refreshSeconds: 1
END

say "1. The daemon starts on $folder"
for name in $(compgen -e MINUTED_ || true); do unset "$name"; done
"$programs/minuted" --config "$folder/minuted.yaml" >"$folder/minuted.log" 2>&1 &
daemon=$!
for ((waited = 0; ; waited++)); do
    kill -0 "$daemon" 2>/dev/null || fail "the daemon did not start"
    control status >"$folder/status" 2>"$folder/refusal" && break
    [ "$waited" -lt 120 ] || fail "the daemon did not answer within a minute: $(cat "$folder/refusal")"
    sleep 0.5
done
cat "$folder/status"

say "2. Two meetings begin: 'planning' as $chunks files in the spool, 'customer' line by line over the socket"
# Sentences as they are written, each behind its meeting's name; a line for each utterance would be too much.
(control watch | grep -v --line-buffered ' utterances$' | sed -u 's/^/    /') &
watcher=$!
jobs+=("$watcher")
disown "$watcher" # so that its end is not announced
feed_spool "$folder/state/spool/incoming" &
jobs+=($!)
feed_socket &
jobs+=($!)
begun=$SECONDS
last=
while :; do
    sleep 1
    kill -0 "$daemon" 2>/dev/null || fail "the daemon ended"
    now=
    stands=
    for meeting in planning customer; do
        read -r state said percent windows summarised summary <<<"$(minutes "$meeting")"
        [ "$state" = none ] && continue
        now+=$(printf '%-9s %-8s %3d utterances, %d of %d windows summarised, %3d %% of the words' \
            "$meeting" "$state" "$said" "$summarised" "$windows" "$percent")$'\n'
        stands+="$meeting $state $windows $summarised/"
        declare "$meeting=$state $percent $summary $((windows - summarised))"
    done
    if [ "$stands" != "$last" ]; then
        printf '\nafter %d s\n%s' $((SECONDS - begun)) "$now"
        last=$stands
    fi
    [ "${planning:-}" = "finished 100 yes 0" ] && [ "${customer:-}" = "finished 100 yes 0" ] && break
    [ $((SECONDS - begun)) -lt "$patience" ] || fail "the minutes are not finished after $patience s"
done
kill -- "-$watcher" 2>/dev/null || true

say "3. Everything that was said is summarised. What 'minutectl list' says:"
control list

say "4. The daemon is asked to stop"
stop_daemon || fail "the daemon did not stop cleanly"

# What was received and what the minutes cover, against the examples themselves.
for meeting in planning customer; do
    file=$(ls "$examples/$meeting".*)
    read -r state said percent _ <<<"$(minutes "$meeting")"
    [ "$said" -eq "$(wc -l <"$file")" ] || fail "$said utterances in the minutes, $(wc -l <"$file") in $file"
    [ -s "$folder/state/minutes/$meeting/minutes.md" ] || fail "there is no minutes.md of $meeting"
done

keep=yes
say "5. The minutes stay here (remove $folder when you have seen enough):"
ls -1 "$folder"/state/minutes/*/minutes.*
for meeting in customer planning; do
    say "The minutes of '$meeting'"
    cat "$folder/state/minutes/$meeting/minutes.md"
done
