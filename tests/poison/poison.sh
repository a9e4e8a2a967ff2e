#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# poison.sh PROGRAM: run it under valgrind, which must find every planted fault
# and nothing else.
set -euo pipefail

program=$1
command -v valgrind > /dev/null || {
    echo 'SKIPPED poison: valgrind is not installed' >&2
    exit 77
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# expect CODE PART: 99 is what valgrind found something with
expect()
{
    local code=0

    valgrind --quiet --error-exitcode=99 --leak-check=no --num-callers=20 \
        "$program" "$2" > "$log" 2>&1 || code=$?
    if [ "$code" != "$1" ]; then
        cat "$log"
        echo "poison $2: exit code $code, expected $1"
        exit 1
    fi
}

expect 99 planted-branch
grep -q 'Conditional jump or move depends on uninit' "$log"
expect 99 planted-index
grep -q 'Use of uninitialised value' "$log"
expect 99 planted-compare
for part in base64url base64 pem hex buffers der jwk export mint; do
    expect 0 "$part"
    grep -q "^$part: [1-9][0-9]* secret bytes" "$log" || {
        cat "$log"
        echo "poison $part: nothing secret was looked at"
        exit 1
    }
done
