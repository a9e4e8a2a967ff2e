#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the headers declare, what the export maps list and what the built
# libraries export are the same names.
set -euo pipefail
cd "$1"
build=$IVS_BUILD_DIR
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

declared()
{
    # A declaration may run over lines: join them, then take the first name
    # with a parenthesis after each IVS_API.
    sed '/^#/d' "${@/%/.h}" | tr '\n' ' ' | sed 's/IVS_API/\n&/g' |
        sed -nE 's/^IVS_API[^(;]*[ *](ivs_[a-z0-9_]+)\(.*/\1/p' | LC_ALL=C sort
}

mapped()
{
    sed -nE '/^global:/,/^local:/s/^ +([a-z0-9_]+);$/\1/p' "$1"
}

exported()
{
    nm -D --defined-only "$1" | awk '$2 ~ /[TDBRVW]/ {
        sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

compare() # WHAT ONE OTHER
{
    if ! diff "$2" "$3" > "$tmp/diff"; then
        printf '%s (<, >):\n' "$1"
        cat "$tmp/diff"
        status=1
    fi
}

check() # LIBRARY HEADERS...
{
    local lib=$1
    shift
    declared "${@/#/include/ivs/}" > "$tmp/declared"
    mapped "src/libivs-$lib.map" > "$tmp/mapped"
    exported "$build/lib/libivs-$lib.so" > "$tmp/exported"
    if [ ! -s "$tmp/declared" ]; then
        echo "no declarations found for libivs-$lib"
        status=1
    fi
    LC_ALL=C sort -c "$tmp/mapped" || status=1
    compare "libivs-$lib: declared in headers, listed in the map" \
        "$tmp/declared" "$tmp/mapped"
    compare "libivs-$lib: listed in the map, exported by the library" \
        "$tmp/mapped" "$tmp/exported"
}

check token error arn key token
check service credentials client revoke tags channel playback playback_key

for header in include/ivs/*.h; do
    case ${header##*/} in
    error.h | arn.h | key.h | token.h) ;;
    credentials.h | client.h | revoke.h) ;;
    tags.h | channel.h | playback.h | playback_key.h) ;;
    ivs.h | export.h | transport.h) ;;
    libjwt.h) # inline throughout: nothing is exported
        if grep -n IVS_API "$header"; then
            echo "$header declares a function that no library exports"
            status=1
        fi
        ;;
    *)
        echo "$header belongs to no library in tests/lint/exports.sh"
        status=1
        ;;
    esac
done
exit $status
