#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# memory.sh PRELOAD: what the command leaves in memory that it gives back, and
# what it does when there is no more, or no more threads.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

preload=$1
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
now=1767225600 # 2026-01-01T00:00:00Z
viewer='viewer-0123456789-0123456789-0123456789'

openssl ecparam -name secp384r1 -genkey -noout |
    openssl pkcs8 -topk8 -nocrypt -out k.pem
openssl ec -in k.pem -out sec1.pem 2> "$err"
chmod 600 k.pem sec1.pem

# ---- keys that are given back ----

# The search finds what is there: jansson has the fingerprint.
needle=$("$cli" key show --key k.pem --json | jq -r .fingerprint)
expect 0 with PRELOAD_NEEDLE="$needle" "$cli" key show --key k.pem --json
contains "$err" 'preload: the needle was given back'

# leaves_nothing FORMAT: the middle of the key's text, in no block
leaves_nothing()
{
    local text

    text=$("$cli" key export --key k.pem --format "$1")
    case $1 in
    jwk) needle=$(jq -r .d <<< "$text" | cut -c 20-40) ;;
    *) needle=$(sed -n 3p <<< "$text" | cut -c 20-40) ;;
    esac
    [ ${#needle} = 21 ] || die "no needle in $1"
    expect 0 with PRELOAD_NEEDLE="$needle" "$cli" key export --key k.pem \
        --format "$1"
    contains "$out" "$needle"
    lacks "$err" preload
    expect 0 with PRELOAD_NEEDLE="$needle" "$cli" key export --key k.pem \
        --format "$1" --json
    lacks "$err" preload
    json .format "$1"
    json .key "$text"
    json 'keys == ["format", "key"]' true
}
leaves_nothing pkcs8
leaves_nothing sec1
leaves_nothing jwk

# ---- no memory ----

payload()
{
    cut -d . -f 2 | jq -Rr 'gsub("-"; "+") | gsub("_"; "/") | @base64d'
}

want="{\"aws:channel-arn\":\"$arn\",\"aws:viewer-id\":\"$viewer\",\"note\":\"$viewer$viewer\",\"exp\":$((now + 300))}"

# shellcheck disable=SC2317 # called by name
whole_token()
{
    if [ "$1" != 0 ]; then
        grep -q '^ivs-token: ' "$err" || die "allocation $2: no sentence"
        silent "$out"
    else
        [ "$(payload < "$out")" = "$want" ] || die "allocation $2: other claims"
    fi
}
each_allocation whole_token "$cli" token mint --key k.pem --channel "$arn" \
    --now $now --viewer-id "$viewer" --claim "note=\"$viewer$viewer\""

printf '{"channelArn":"%s","viewerId":"%s","claims":{"note":"%s"}}\n' \
    "$arn" "$viewer" "$viewer$viewer" > one.ndjson
# shellcheck disable=SC2317
whole_row()
{
    local token

    if [ "$1" = 0 ]; then
        token=$(jq -r .token "$out")
        [ "$(payload <<< "$token")" = "$want" ] ||
            die "allocation $2: another row"
    else
        grep -q '^ivs-token: ' "$err" || die "allocation $2: no sentence"
        lacks "$out" '"token"'
    fi
}
each_allocation whole_row "$cli" token mint --key k.pem --now $now \
    --batch one.ndjson --jobs 1

expect 0 "$cli" token mint --key k.pem --channel "$arn" --now $now \
    --viewer-id "$viewer" --claim "note=\"$viewer\""
cp "$out" token.jwt
expect 0 "$cli" token inspect --now $now token.jwt
cp "$out" report.txt
# shellcheck disable=SC2317
whole_report()
{
    if [ "$1" = 0 ]; then
        cmp -s "$out" report.txt || die "allocation $2: another report"
    else
        grep -q '^ivs-token: ' "$err" || die "allocation $2: no sentence"
    fi
}
each_allocation whole_report "$cli" token inspect --now $now token.jwt

# ---- no threads ----

# The one that writes, then the first and the second that mint.
for n in 1 2; do
    fails 1 'cannot start 2 threads' with PRELOAD_THREAD=$n timeout -s KILL 20 \
        "$cli" token mint --key k.pem --batch one.ndjson --jobs 2
done
expect 0 with PRELOAD_THREAD=3 timeout -s KILL 20 \
    "$cli" token mint --key k.pem --batch one.ndjson --jobs 2
json .viewerId "$viewer"
