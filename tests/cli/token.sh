#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# token mint, verify, inspect.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
other=arn:aws:ivs:us-west-2:123456789012:channel/other
now=1767225600 # 2026-01-01T00:00:00Z
url=https://0123456789ab.us-west-2.playback.live-video.net/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8

# The key and what OpenSSL makes of it: keys come from outside.
openssl ecparam -name secp384r1 -genkey -noout |
    openssl pkcs8 -topk8 -nocrypt -out k.pem
chmod 600 k.pem
openssl pkey -in k.pem -pubout -out p.pem
openssl ecparam -name secp384r1 -genkey -noout 2> /dev/null |
    openssl pkey -pubout -out stranger.pem

# part N: a segment of the token in $out, decoded
part()
{
    local text

    text=$(tr -d '\n' < "$out" | cut -d . -f "$1" | tr -- '-_' '+/')
    while [ $((${#text} % 4)) != 0 ]; do
        text+='='
    done
    printf %s "$text" | base64 -d
}

mint()
{
    expect 0 "$cli" token mint --key k.pem --now "$now" "$@"
}

# claims FILTER VALUE: about the token in $out
claim()
{
    local found

    found=$(part 2 | jq -rc "$1")
    [ "$found" = "$2" ] || die "claim $1 is \"$found\", expected \"$2\""
}

# ---- mint ----
mint --channel "$arn"
is "$err" 'ivs-token: notice: without a viewer id the token cannot be revoked'
[ "$(wc -l < "$out")" = 1 ] || die 'the token stands on one line'
[ "$(part 1)" = '{"alg":"ES384","typ":"JWT"}' ] || die 'header'
claim '."aws:channel-arn"' "$arn"
claim .exp $((now + 300))
claim 'keys | length' 2

# OpenSSL verifies the signature, once r and s are in DER.
part 3 > sig.raw
[ "$(stat -c %s sig.raw)" = 96 ] || die 'signature length'
integer()
{
    printf 'INTEGER:0x%s' "$(od -An -v -tx1 "$@" sig.raw | tr -d ' \n')"
}
printf 'asn1=SEQUENCE:s\n[s]\nr=%s\ns=%s\n' \
    "$(integer -N 48)" "$(integer -j 48 -N 48)" > sig.cnf
openssl asn1parse -genconf sig.cnf -noout -out sig.der
tr -d '\n' < "$out" | cut -d . -f 1,2 | tr -d '\n' > signed.txt
openssl dgst -sha384 -verify p.pem -signature sig.der signed.txt > /dev/null

mint --channel "$arn" --ttl 90s
claim .exp $((now + 90))
mint --channel "$arn" -t 1h
claim .exp $((now + 3600))
mint --channel "$arn" --expires-at 2026-01-01T01:30:00+01:00
claim .exp $((now + 1800))
mint --channel "$arn" --expires-at $((now + 7))
claim .exp $((now + 7))
mint --channel "$arn" --viewer-id 'välkommen' --viewer-version now \
    --origin https://a.example --origin 'https://*.b.example' --strict-origin \
    --max-resolution HD --claim 'team="x"' --claim 'n={"a":[1,2]}'
silent "$err"
claim '."aws:viewer-id"' 'välkommen'
claim '."aws:viewer-session-version"' "$now"
claim '."aws:access-control-allow-origin"' 'https://a.example,https://*.b.example'
claim '."aws:strict-origin-enforcement"' true
claim '."aws:maximum-resolution"' HD
claim .team x
claim .n '{"a":[1,2]}'
# Numbers as short as they were written.
mint --channel "$arn" --claim price=1.1 --claim 'l=[0.1,1e2,-2.5e-7,3.0]'
[ "$(cut -d . -f 2 "$out" | tr -- -_ +/ | base64 -d 2> /dev/null |
    grep -oF -e '"price":1.1,"l":[0.1,100.0,-2.5e-7,3.0]')" != '' ] ||
    die 'other digits'
mint --channel "$arn" --claim sum=0.30000000000000004
claim '.sum == 0.1 + 0.2' true
mint --channel "$arn" --single-use
claim '."aws:single-use-uuid" | test("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")' true
mint --channel "$arn" --single-use=123e4567-e89b-42d3-a456-426614174000
claim '."aws:single-use-uuid"' 123e4567-e89b-42d3-a456-426614174000
expect 0 "$cli" token mint --key - --channel "$arn" < k.pem

# Notices of what is allowed and rarely meant.
mint --channel "$arn" --viewer-id v --viewer-version 2147483648
contains "$err" 'notice: '
contains "$err" '2147483647'
mint --channel "$arn" --viewer-id v --ttl 595s
contains "$err" 'notice: exp is within 10 s of the 600 s limit'
[ "$(wc -l < "$err")" = 1 ] || die 'one notice'
mint --channel "$arn" --viewer-id v --ttl 590s
silent "$err"
chmod 644 k.pem
mint --channel "$arn"
contains "$err" 'others can read the private key in k.pem (mode 0644)'
chmod 600 k.pem

# A playback URL.
mint --playback-url "$url"
case $(cat "$out") in "$url?token=eyJ"*) ;; *) die 'URL' ;; esac
mint --playback-url "$url?a=b#top" --channel "$arn"
case $(cat "$out") in "$url?a=b&token=eyJ"*'#top') ;; *) die 'URL with query' ;; esac
mint --playback-url "$url" --json
[ "$(jq -r '.url' "$out")" = "$url?token=$(jq -r .token "$out")" ] || die 'JSON'
mint --channel "$arn" --json
json .url null
json .expires_at $((now + 300))
json .expires_at_time 2026-01-01T00:05:00Z
json '.claims."aws:channel-arn"' "$arn"
json '.notices | map(.code) | join(" ")' no_viewer_id
[ "$(grep -c 'notice: ' "$err")" = 1 ] || die 'one notice beside --json'

# What mint refuses.
refuse()
{
    fails 2 "$1" "$cli" token mint --key k.pem --now "$now" "${@:2}"
}
refuse '--channel ARN or --playback-url URL'
refuse "is of $arn, but --channel is $other" --channel "$other" --playback-url "$url"
refuse 'carries a token already' --playback-url "$url?token=x"
refuse '--playback-url' --playback-url https://example.com/
refuse 'of region us-west-2, but --region is eu-west-1' \
    --channel "$arn" --region eu-west-1
refuse 'exclude each other' --channel "$arn" --ttl 5m --expires-at 2027-01-01T00:00:00Z
refuse '2023-11-14T22:13:20Z, which has passed' --channel "$arn" --expires-at 1700000000
refuse 'millisecond' --channel "$arn" --expires-at 1767225900000
refuse 'would live 601 s, expected at most 600 s' --channel "$arn" --viewer-id v --ttl 601s
refuse '600' --channel "$arn" --single-use --ttl 601s
refuse 'iewer' --channel "$arn" --viewer-id ''
refuse 'iewer' --channel "$arn" --viewer-id "$(printf 'v%.0s' {1..41})"
refuse 'iewer' --channel "$arn" --viewer-version 3
refuse 'UUID' --channel "$arn" --single-use=123
refuse 'origin' --channel "$arn" --origin example.com
refuse 'origin' --channel "$arn" --strict-origin
refuse 'expected SD, HD or FULL_HD' --channel "$arn" --max-resolution UHD
refuse 'text needs double quotes' --channel "$arn" --claim team=x
refuse "n: too big integer near '12345678901234567890'" --channel "$arn" \
    --claim n=12345678901234567890
refuse 'n: real number overflow' --channel "$arn" --claim n=1e999
refuse 'n: \u0000 is not allowed' --channel "$arn" --claim 'n="\u0000"'
refuse 'expected NAME=JSON' --channel "$arn" --claim team
refuse 'the value of team has the member "a" twice' --channel "$arn" \
    --claim 'team={"a":1,"a":2}'
refuse 'team is given twice' --channel "$arn" --claim team=1 --claim team=2
refuse 'aws:' --channel "$arn" --claim aws:viewer-id='"x"'
refuse 'exp' --channel "$arn" --claim exp=5
fails 1 'p.pem holds a public key, but a private one is needed' \
    "$cli" token mint --key p.pem --channel "$arn"
fails 1 'cannot open none.pem' "$cli" token mint --key none.pem --channel "$arn"
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full \
        "$cli" token mint --key k.pem --channel "$arn"
    contains "$err" 'No space left'
    lacks "$err" eyJ
fi

# ---- verify ----
mint --channel "$arn" --viewer-id v --origin https://a.example
cp "$out" good.jwt
checks()
{
    diff - <(awk '{ sub(/,.*/, ""); $1 = $1; print }' "$out") ||
        die 'other checks than expected'
}
expect 0 "$cli" token verify --key p.pem --now "$now" good.jwt
silent "$err"
checks << 'EOT'
format ok
header ok
signature ok
claims ok
expiry ok
channel not checked
origin not checked
EOT
expect 0 "$cli" token verify --key stranger.pem --key k.pem --channel "$other" \
    --channel "$arn" --origin https://a.example --now "$now" - < good.jwt
contains "$out" 'signature  ok, by k.pem'
[ "$(grep -c ' ok' "$out")" = 7 ] || die 'seven checks'
expect 0 "$cli" token verify --key p.pem --now "$now" --json good.jwt
json .good true
json .reason none
json .key p.pem
json '.claims."aws:viewer-id"' v
json '[.checks[].result] | unique | join(" ")' 'not_checked ok'

# One line a check, always in this order: some are ok or were not asked for, one
# failed, and none after it was looked at.
one_failure_in_order()
{
    [ "$(awk '{ print $1 }' "$out" | xargs)" = \
        'format header signature claims expiry channel origin' ] || die 'order'
    awk '{
        rest = $2 == "not" && $3 == "checked"
        if (failed ? !rest : !rest && $2 !~ /^ok,?$/ && $2 != "FAILED") exit 1
        failed += $2 == "FAILED"
    } END { if (failed != 1) exit 1 }' "$out" || die 'results'
}

# reject REASON ARGUMENTS...: exit code 3, one sentence, the reason by name
reject()
{
    expect 3 "$cli" token verify --key p.pem --now "$now" --json "${@:2}"
    json .good false
    json .reason "$1"
    json .claims null
    json '[.checks[].name] | join(" ")' \
        'format header signature claims expiry channel origin'
    json '[.checks[].result] | map(select(. == "failed")) | length' 1
    [ "$(grep -c '^ivs-token: token rejected: ' "$err")" = 1 ] || die 'sentence'
    expect 3 "$cli" token verify --key p.pem --now "$now" "${@:2}"
    contains "$out" "FAILED $1"
    one_failure_in_order
    lacks "$err" "$(cut -d . -f 2 good.jwt)"
}
reject channel_mismatch --channel "$other" good.jwt
reject origin_mismatch --origin https://b.example good.jwt
lacks "$err" scheme
reject origin_mismatch --origin a.example good.jwt
contains "$err" 'origin a.example is none of those the token allows: it has no scheme, expected such as https://example.com'
reject origin_mismatch --origin null good.jwt
lacks "$err" scheme
# A token without origins takes any of them, and none is said to be on a list.
mint --channel "$arn" --viewer-id v
cp "$out" any.jwt
for origin in https://b.example '' null example.com; do
    expect 0 "$cli" token verify --key p.pem --now "$now" --origin "$origin" any.jwt
    grep -qx 'origin     ok, not restricted by the token' "$out" || die "$origin"
    if [ "$origin" = example.com ]; then
        is "$err" 'ivs-token: notice: --origin: "example.com" has no scheme and matches no origin of a token but *, expected such as https://example.com'
    else
        silent "$err"
    fi
done
expect 0 "$cli" token verify --key p.pem --now "$now" --origin https://b.example --json any.jwt
json '.checks[] | select(.name == "origin") | .result' ok
expect 0 "$cli" token verify --key p.pem --now "$now" --origin https://a.example good.jwt
grep -qx 'origin     ok' "$out" || die 'the origin is on the list'
expect 3 "$cli" token verify --key p.pem --now $((now + 300)) good.jwt
contains "$out" 'expiry     FAILED expired'
one_failure_in_order
contains "$err" 'the token expired at 2026-01-01T00:05:00Z (1767225900); now is 2026-01-01T00:05:00Z (1767225900)'
contains "$out" 'channel    not checked'
contains "$out" 'claims     ok'
expect 0 "$cli" token verify --key p.pem --now $((now + 300)) --leeway 30 good.jwt
fails 2 '--leeway: found 301 s, expected at most 5m (300 s)' "$cli" token verify --key p.pem --leeway 301 good.jwt
expect 3 "$cli" token verify --key stranger.pem --now "$now" good.jwt
contains "$out" 'signature  FAILED signature'
one_failure_in_order
contains "$out" 'claims     not checked'

# Newlines: one at the end, LF or CRLF, is the file's. No other white space.
printf '%s' "$(cat good.jwt)" > bare.jwt
printf '%s\r\n' "$(cat good.jwt)" > crlf.jwt
printf '%s\n\n' "$(cat good.jwt)" > two.jwt
printf ' %s\n' "$(cat good.jwt)" > space.jwt
expect 0 "$cli" token verify --key p.pem --now "$now" bare.jwt
expect 0 "$cli" token verify --key p.pem --now "$now" crlf.jwt
reject base64url two.jwt
reject base64url space.jwt
head -c 20000 /dev/zero | tr '\0' a > long.jwt
reject too_long long.jwt
printf 'one.two' > segments.jwt
reject segments segments.jwt
printf '%s?token=%s' "$url" "$(cat good.jwt)" > url.jwt
reject segments url.jwt
contains "$err" 'a URL, expected the token that follows token= in it'
printf '%s.%s.%s' e30 "$(cut -d . -f 2 good.jwt)" "$(cut -d . -f 3 bare.jwt)" > alg.jwt
reject alg alg.jwt
: > none.jwt
fails 1 'found no token in none.jwt' "$cli" token verify --key p.pem none.jwt
fails 1 'cannot open missing.jwt' "$cli" token verify --key p.pem missing.jwt
fails 2 'the option --key FILE is missing' "$cli" token verify good.jwt
contains "$err" 'token inspect'
fails 2 '--key and the token both ask for standard input, which can be read once' "$cli" token verify --key - < p.pem
fails 2 'of region us-west-2, but --region is eu-west-1' "$cli" token verify \
    --key p.pem --channel "$arn" --region eu-west-1 good.jwt

# ---- inspect ----
expect 0 "$cli" token inspect --now "$now" good.jwt
head -n 1 "$out" | grep -q '^NOT VERIFIED' || die 'NOT VERIFIED comes first'
contains "$out" 'alg: "ES384"'
contains "$out" "\"$arn\""
contains "$out" "exp: $((now + 300))  (2026-01-01T00:05:00Z, in 300 s)"
contains "$out" '96 bytes'
expect 0 "$cli" token inspect --now $((now + 360)) --json - < good.jwt
json .verified false
json '.claims.exp' $((now + 300))
json '[.findings[].code] | index("expired") != null' true
json '[.findings[].message] | index("the token expired at 2026-01-01T00:05:00Z (1767225900); now is 2026-01-01T00:06:00Z (1767225960)") != null' true
# A hostile token: controls and direction marks stay escaped.
printf '{"alg":"none","\\u001b[31m":"\\u009b\\u202e"}' | base64 -w 0 |
    tr -d = | tr -- '+/' '-_' > hostile.jwt
printf '.%s.' "$(printf '{"x":1}' | base64 -w 0 | tr -d =)" >> hostile.jwt
expect 0 "$cli" token inspect hostile.jwt
contains "$out" '\x1b[31m'
contains "$out" '\u202E'
expect 1 "$cli" token inspect segments.jwt
contains "$err" 'does not decode'
expect 1 "$cli" token inspect long.jwt
