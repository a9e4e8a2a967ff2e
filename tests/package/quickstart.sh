#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/quickstart runs with the programs of this build, twice, says what
# happened, leaves no process, no temporary file and no change in the tree.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail()
{
    printf '%s\n' "$*"
    exit 1
}

state()
{
    find "$IVS_SOURCE_DIR" \( -name build -o -name .git \
        -o -name node_modules \) -prune -o -type f -newer "$tmp/start" -print
}

mkdir "$tmp/tmp"
touch "$tmp/start"
for round in 1 2; do
    echo "== round $round"
    TMPDIR=$tmp/tmp "$IVS_SOURCE_DIR/tools/quickstart" --no-install \
        --bin "$IVS_BUILD_DIR/bin" 2>&1 | tee "$tmp/out"
    [ "$(grep -c '^HTTP 403$' "$tmp/out")" -eq 2 ] ||
        fail 'expected two refusals'
    [ "$(grep -c '^HTTP 200$' "$tmp/out")" -eq 1 ] ||
        fail 'expected one playlist'
    [ -z "$(ls -A "$tmp/tmp")" ] || fail 'it left files behind'
    endpoint=$(grep -oE -m 1 'http://127\.0\.0\.1:[0-9]+' "$tmp/out")
    code=0
    curl -s --noproxy '*' -o /dev/null "$endpoint/" || code=$?
    [ $code -eq 7 ] || fail "something still answers at $endpoint"
done
[ -z "$(state)" ] || fail "the tree was changed: $(state)"

echo '== a program that fails'
mkdir "$tmp/bin"
ln -s "$IVS_BUILD_DIR/bin/ivs-emulator" "$tmp/bin/ivs-emulator"
printf '#!/bin/sh\nexit 5\n' > "$tmp/bin/ivs-token"
chmod +x "$tmp/bin/ivs-token"
code=0
TMPDIR=$tmp/tmp "$IVS_SOURCE_DIR/tools/quickstart" --no-install \
    --bin "$tmp/bin" > "$tmp/out" 2> "$tmp/err" || code=$?
[ $code -eq 1 ] || fail "exit code $code, expected 1"
grep -q 'ended with exit code 5, expected 0' "$tmp/err" ||
    fail "no clear sentence: $(cat "$tmp/err")"
[ -z "$(ls -A "$tmp/tmp")" ] || fail 'it left files behind'

echo '== an unknown option'
code=0
"$IVS_SOURCE_DIR/tools/quickstart" --nonsense > "$tmp/out" 2>&1 || code=$?
[ $code -eq 2 ] || fail "exit code $code, expected 2"

echo '== a directory that is not there'
code=0
"$IVS_SOURCE_DIR/tools/quickstart" --no-install --bin "$tmp/none" \
    > "$tmp/out" 2>&1 || code=$?
[ $code -eq 2 ] || fail "exit code $code, expected 2"
[ "$(cat "$tmp/out")" = "quickstart: --bin: there is no directory $tmp/none" ] ||
    fail "no clear sentence: $(cat "$tmp/out")"

echo '== a label that is none'
code=0
"$IVS_SOURCE_DIR/tests/run" --no-install --label bogus \
    > "$tmp/out" 2>&1 || code=$?
[ $code -eq 2 ] || fail "exit code $code, expected 2"
grep -q 'unknown label bogus, expected unit, ' "$tmp/out" ||
    fail "no clear sentence: $(cat "$tmp/out")"
