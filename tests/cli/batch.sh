#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# token mint --batch.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
other=arn:aws:ivs:us-west-2:123456789012:channel/other
now=1767225600 # 2026-01-01T00:00:00Z
uuid=123e4567-e89b-42d3-a456-426614174000
url=https://0123456789ab.us-west-2.playback.live-video.net/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8

openssl ecparam -name secp384r1 -genkey -noout |
    openssl pkcs8 -topk8 -nocrypt -out k.pem
chmod 600 k.pem
openssl pkey -in k.pem -pubout -out p.pem

# rows CODE ROWS OPTIONS...: the rows' answers are in $out
rows()
{
    printf '%b' "$2" > in.ndjson
    expect "$1" "$cli" token mint --key k.pem --now "$now" --batch in.ndjson \
        "${@:3}"
}

# claims FILTER: of the token in the first answer
claims()
{
    jq -r 'select(.line == 1) | .token | split(".")[1] | gsub("-"; "+") |
        gsub("_"; "/") | @base64d' "$out" | jq -rc "$1"
}

# same OPTIONS... -- ROW DEFAULTS...: a row gives what the options give
same()
{
    local options=() want

    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    expect 0 "$cli" token mint --key k.pem --now "$now" "${options[@]}" --json
    want=$(jq -rc .token "$out" | cut -d . -f 2)
    rows 0 "$2\n" "${@:3}"
    [ "$(jq -rc .token "$out" | cut -d . -f 2)" = "$want" ] ||
        die "$2 ${*:3}: other claims than ${options[*]}"
}

# refused TEXT MEMBER ROW OPTIONS...: the row between two good ones is an error
refused()
{
    rows 6 "{\"viewerId\":\"a\"}\n$3\n{\"viewerId\":\"b\"}\n" \
        --channel "$arn" "${@:4}"
    is "$err" 'ivs-token: 1 of 3 rows failed; their answers say why'
    [ "$(jq -sc 'map([.line, .token != null, .error != null])' "$out")" = \
        '[[1,true,false],[2,false,true],[3,true,false]]' ] || die 'in place'
    [ "$(jq -r 'select(.line == 2) | .member' "$out")" = "$2" ] ||
        die "$3: another member than $2"
    jq -r 'select(.line == 2) | .error' "$out" | grep -qF -e "$1" ||
        die "$3: the error lacks \"$1\""
}

# ---- claims: by option, by short name, by the claim's name ----
same --channel "$arn" -- '{}' --channel "$arn"
same --channel "$arn" -- "{\"channelArn\":\"$arn\"}"
same --channel "$arn" -- "{\"channel\":\"$arn\"}" --channel "$other"
same --channel "$arn" -- "{\"aws:channel-arn\":\"$arn\"}"
options=(--channel "$arn" --viewer-id 'v ä"' --viewer-version 7
    --origin https://a.example --origin 'https://*.b.example' --strict-origin
    --max-resolution HD --ttl 2m --claim 'team="x"' --claim 'n={"a":[1,2]}')
same "${options[@]}" -- '{}' "${options[@]}"
long='"viewerId":"v","viewerVersion":7,"strictOrigin":true,"maxResolution":"HD"'
long+=',"ttl":120,"origins":["https://a.example","https://*.b.example"]'
options=(--channel "$arn" --viewer-id v --viewer-version 7
    --origin https://a.example --origin 'https://*.b.example' --strict-origin
    --max-resolution HD --ttl 2m)
same "${options[@]}" -- "{$long}" --channel "$arn"
same "${options[@]}" --claim 'team="x"' -- \
    "{$long,\"claims\":{\"team\":\"x\"}}" --channel "$arn"
claimed='"aws:viewer-id":"v","aws:viewer-session-version":7'
claimed+=',"aws:access-control-allow-origin":"https://a.example , https://*.b.example"'
claimed+=',"aws:strict-origin-enforcement":true,"aws:maximum-resolution":"HD"'
same "${options[@]}" -- \
    "{\"aws:channel-arn\":\"$arn\",$claimed,\"exp\":$((now + 120))}"
# A row says otherwise than the options, or takes one away.
options=(--channel "$arn" --viewer-id w --viewer-version 8
    --origin https://z.example --strict-origin --max-resolution SD --ttl 9m)
nulls='{"viewerId":null,"viewerVersion":null,"origins":null'
nulls+=',"strictOrigin":false,"maxResolution":null,"ttl":null}'
same --channel "$arn" -- "$nulls" "${options[@]}"
same --channel "$arn" --expires-at $((now + 9)) -- \
    '{"expiresAt":"2026-01-01T00:00:09Z"}' --channel "$arn" --ttl 1m
same --channel "$arn" --ttl 1m -- '{"ttl":"1m"}' --channel "$arn" \
    --expires-at $((now + 9))
same --channel "$arn" --claim a=1 --claim b=3 --claim c=4 -- \
    '{"claims":{"b":3,"c":4}}' --channel "$arn" --claim a=1 --claim b=2
same --channel "$arn" --claim a=1.1 -- '{"claims":{"a":1.1}}' --channel "$arn"
same --channel "$arn" -- '{"claims":null}' --channel "$arn" --claim a=1
same --channel "$arn" --viewer-id v --viewer-version now -- \
    '{"viewerId":"v","viewerVersion":"now"}' --channel "$arn"
same --channel "$arn" --viewer-id v --viewer-version now -- \
    '{"viewerId":"v"}' --channel "$arn" --viewer-version now
same --channel "$arn" --single-use="$uuid" -- "{\"singleUse\":\"$uuid\"}" \
    --channel "$arn"
same --channel "$arn" --single-use="$uuid" -- \
    "{\"aws:single-use-uuid\":\"$uuid\"}" --channel "$arn" --single-use
same --channel "$arn" -- '{"singleUse":false}' --channel "$arn" --single-use
# Each row has a UUID of its own.
rows 0 '{}\n{"singleUse":true}\n{"viewerId":"x"}\n' --channel "$arn" --single-use
[ "$(jq -r '.token | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") |
    @base64d | fromjson | ."aws:single-use-uuid"' "$out" | sort -u |
    grep -cE '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]')" = 3 ] ||
    die 'three UUIDs'

# ---- answers ----
rows 0 '{"viewerId":"a\\u0007\\"\\\\\xc3\xa4\\ud83d\\ude00\\u007f"}\r\n{}' \
    --channel "$arn"
silent "$err"
[ "$(jq -sc 'map(keys_unsorted)' "$out")" = \
    '[["line","viewerId","token","expires_at"],["line","token","expires_at"]]' ] ||
    die 'members'
[ "$(head -n 1 "$out" | jq -rj .viewerId | od -An -tx1 | tr -d ' \n')" = \
    6107225cc3a4f09f98807f ] || die 'the viewer id as it was'
LC_ALL=C grep -q '"viewerId":"a\\u0007\\"\\\\\\u00e4\\ud83d\\ude00\\u007f"' \
    "$out" || die 'ASCII'
[ "$(jq -sc 'map(.expires_at)' "$out")" = "[$((now + 300)),$((now + 300))]" ] ||
    die 'expires_at'
jq -r .token "$out" | while read -r token; do
    printf '%s\n' "$token" > token.jwt
    expect 0 "$cli" token verify --key p.pem --now "$now" token.jwt
done
rows 0 "{}\n{\"playbackUrl\":\"$url?a=b#c\"}\n{\"playbackUrl\":null}\n" \
    --playback-url "$url"
[ "$(jq -r '(.url // "none") | sub("=eyJ[^#]*"; "=T")' "$out")" = \
    "$url?token=T"$'\n'"$url?a=b&token=T#c"$'\n'none ] || die 'URLs'
rows 0 "{\"playbackUrl\":\"$url\"}" --channel "$other"
[ "$(claims '."aws:channel-arn"')" = "$arn" ] || die "the URL's channel"
rows 0 ''
silent "$out"
is "$err" 'ivs-token: notice: found no rows in in.ndjson, so there are no tokens'
expect 0 "$cli" token mint --key k.pem --batch - --channel "$arn" < /dev/null
contains "$err" 'found no rows in standard input'
rows 0 '\xef\xbb\xbf{}\n' --channel "$arn"
rows 0 '{}\n{}\n' --channel "$arn" --json
[ "$(wc -l < "$out")" = 2 ] || die 'with --json the same'
expect 0 "$cli" token mint --key - --batch in.ndjson --channel "$arn" < k.pem
expect 0 "$cli" token mint --key k.pem --batch - --channel "$arn" --jobs 1 \
    < in.ndjson
[ "$(wc -l < "$out")" = 2 ] || die 'from standard input'

# ---- bad rows, in place ----
refused 'an empty line' null ''
refused 'an empty line' null ' \t\r'
refused 'found no JSON object, expected a row such as {"viewerId":"a"}' null 'viewer'
refused 'found a JSON object that is cut short' null '{"viewerId":"a"'
refused 'found more behind the JSON object, expected one a line' null '{} {}'
refused 'no JSON object' null '{"viewerId":"a\xff"}'
refused 'no JSON object' null '{"viewerId":"a\\u0000"}'
refused 'found a NUL byte in the row, expected text' null '{\x00}'
refused 'found a NUL byte' null '{"viewerId":"a"}\x00{"viewerId":"b"}'
refused 'found the member "viewer\u0049d" twice' null '{"viewerId":"a","viewer\\u0049d":"b"}'
refused 'found no JSON object, expected a row' null '["viewerId"]'
refused 'unknown member viewerID' viewerID '{"viewerID":"a"}'
refused 'other claims belong into claims' aws:x '{"aws:x":1}'
refused 'says again' aws:viewer-id '{"viewerId":"a","aws:viewer-id":"a"}'
refused 'says again' ttl "{\"exp\":$((now + 5)),\"ttl\":5}"
refused 'viewerId: found 5, expected a string' viewerId '{"viewerId":5}'
refused '41 characters' aws:viewer-id \
    "{\"viewerId\":\"$(printf 'v%.0s' {1..41})\"}"
refused 'expected an integer from 0' viewerVersion \
    '{"viewerId":"a","viewerVersion":-1}'
refused 'expected an integer from 0' viewerVersion \
    '{"viewerId":"a","viewerVersion":"7"}'
refused 'expected an integer from 0' viewerVersion \
    '{"viewerId":"a","viewerVersion":1.0}'
refused 'no JSON object' null '{"viewerVersion":9223372036854775808}'
refused 'without a viewer id' aws:viewer-session-version '{"viewerVersion":1}'
refused 'found 0, expected seconds' ttl '{"ttl":0}'
refused 'ttl: found "5x", expected seconds from 1 to 2147483647' ttl '{"ttl":"5x"}'
refused 'found 99999999999, expected seconds' ttl '{"ttl":99999999999}'
refused '600' exp '{"ttl":"11m","viewerId":"a"}'
refused 'time in the future' exp "{\"exp\":$now}"
refused 'found "tomorrow", expected a time in the future' expiresAt \
    '{"expiresAt":"tomorrow"}'
refused "found \"$(printf 'x%.0s' {1..59})..., expected" viewerVersion \
    "{\"viewerVersion\":\"$(printf 'x%.0s' {1..60})\"}"
refused 'milliseconds' exp "{\"exp\":${now}000}"
refused 'true or false' strictOrigin '{"strictOrigin":"true"}'
refused 'rigin' aws:strict-origin-enforcement '{"strictOrigin":true}'
refused 'array of origins' origins '{"origins":5}'
refused 'strings as origins' origins '{"origins":["https://a.example",5]}'
refused 'rigin' aws:access-control-allow-origin '{"origins":"a.example"}'
refused 'stray comma' aws:access-control-allow-origin \
    '{"origins":"https://a.example,"}'
refused 'rigin' aws:access-control-allow-origin \
    '{"origins":["https://a.example,https://b.example"]}'
refused 'true, false or a UUID' singleUse '{"singleUse":1}'
refused 'UUID' aws:single-use-uuid '{"singleUse":"yes"}'
refused 'SD, HD or FULL_HD' maxResolution '{"maxResolution":"UHD"}'
refused 'object of further claims' claims '{"claims":[]}'
refused 'aws:' aws:viewer-id '{"claims":{"aws:viewer-id":"x"}}'
refused 'ARN' aws:channel-arn '{"channel":"foo"}'
refused 'no channel' channelArn '{"channel":null}'
refused 'playback URL is of' playbackUrl \
    "{\"channel\":\"$other\",\"playbackUrl\":\"$url\"}"
refused 'token already' playbackUrl "{\"playbackUrl\":\"$url?token=x\"}"
refused 'of region eu-west-1, but --region is us-west-2' channelArn \
    "{\"channel\":\"${arn/us-west-2/eu-west-1}\"}" --region us-west-2
refused '16384' null "{\"claims\":{\"x\":\"$(printf 'x%.0s' {1..13000})\"}}"
# The viewer of a bad row is named, wherever its member stands.
rows 6 '{"bad":1,"viewerId":"late"}\n' --channel "$arn"
json .viewerId late
rows 6 '{}\n{"viewerId":"a"}'
[ "$(jq -sc 'map(.error != null)' "$out")" = '[true,true]' ] || die 'all failed'
# A hostile row drives no terminal.
rows 6 '{"\\u001b[31m\\u202e":1}\n\x1b[31m\n' --channel "$arn"

# Lines longer than 64 KiB are not kept.
{
    printf '{"viewerId":"a"}\n{"x":"%s"}\n{"viewerId":"b"}\n' \
        "$(head -c 65530 /dev/zero | tr '\0' x)"
    head -c 3000000 /dev/zero | tr '\0' x
    printf '\n{"viewerId":"c"}\n'
    head -c 65537 /dev/zero | tr '\0' y
} > long.ndjson
expect 6 "$cli" token mint --key k.pem --channel "$arn" --batch long.ndjson
[ "$(jq -sc 'map(.viewerId // .error[0:20])' "$out")" = \
    '["a","found a line of more","b","found a line of more","c","found a line of more"]' ] ||
    [ "$(jq -sc 'map(.viewerId // (.error | test("more than 65536 bytes")))' \
        "$out")" = '["a",true,"b",true,"c",true]' ] || die 'long lines'
printf '{"claims":{}}%65523s\n' '' > just.ndjson
expect 0 "$cli" token mint --key k.pem --channel "$arn" --batch just.ndjson

# ---- the command line ----
fails 2 'the option --key FILE is missing' "$cli" token mint --batch in.ndjson
fails 2 '--jobs is of --batch FILE' \
    "$cli" token mint --key k.pem --channel "$arn" --jobs 2
for jobs in 0 1025 x -1 1.5; do
    fails 2 '--jobs: found' "$cli" token mint --key k.pem --batch - --jobs=$jobs
done
fails 2 'the same UUID' "$cli" token mint --key k.pem --batch - \
    --single-use="$uuid"
fails 2 'exclude each other' "$cli" token mint --key k.pem --batch - --ttl 5 \
    --expires-at 9999999999
fails 2 'rigin' "$cli" token mint --key k.pem --batch - --origin a.example
fails 2 'iewer' "$cli" token mint --key k.pem --batch - --viewer-id ''
fails 2 '600' "$cli" token mint --key k.pem --batch - --viewer-id a --ttl 11m
fails 2 '600' "$cli" token mint --key k.pem --batch - --single-use --ttl 11m
fails 2 'aws:' "$cli" token mint --key k.pem --batch - --claim aws:x=1
fails 2 'playback-url is of' "$cli" token mint --key k.pem --batch - \
    --playback-url "$url" --channel "$other"
fails 2 '--key and --batch both ask for standard input' \
    "$cli" token mint --key - --batch - < k.pem
fails 1 'cannot open none' "$cli" token mint --key k.pem --batch none
fails 1 'cannot read .: Is a directory; the first 0 rows are done' \
    "$cli" token mint --key k.pem --batch .
fails 1 'public key' "$cli" token mint --key p.pem --batch in.ndjson

# ---- many rows ----
python3 -c 'for i in range(20000): print("{\"viewerId\":\"viewer-%d\"}" % i)' \
    > many.ndjson
for jobs in 2 7; do
    expect 0 "$cli" token mint --key k.pem --channel "$arn" --jobs $jobs \
        --batch many.ndjson --now "$now"
    silent "$err"
    jq -r '[.line, .viewerId, (.token | split(".")[1] | gsub("-"; "+") |
        gsub("_"; "/") | @base64d | fromjson | ."aws:viewer-id")] | @tsv' \
        "$out" > found
    awk '$1 != NR || $2 != "viewer-" NR - 1 || $3 != $2 { bad = 1 }
        END { exit bad || NR != 20000 }' found || die 'order'
    # A sample of them, by the other command.
    for line in 1 64 65 9999 20000; do
        sed -n "${line}p" "$out" | jq -r .token > token.jwt
        expect_sample=$(IVS_TOKEN_ENGINE=openssl "$cli" token verify \
            --key p.pem --now "$now" --channel "$arn" --json token.jwt |
            jq -r '.claims."aws:viewer-id"')
        [ "$expect_sample" = "viewer-$((line - 1))" ] || die "row $line"
    done
done

# ---- while it runs ----
: > "$out"
for scenario in answers_at_once window interrupted twice closed; do
    python3 "$here/batch.py" $scenario \
        "$cli" token mint --key k.pem --channel "$arn" --jobs 2 ||
        die "$scenario"
done
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "$cli" token mint --key k.pem \
        --channel "$arn" --batch many.ndjson
    is "$err" \
        'ivs-token: cannot write to standard output: No space left on device
  the first 0 rows are done'
fi

# A stdout that takes some rows, and then no more.
bash -c '"$@" 2> "$0" | head -c 10000 > "$0.some"' "$err" "$cli" token mint \
    --key k.pem --channel "$arn" --batch many.ndjson || true
done=$(sed -nE 's/^  the first ([0-9]+) rows are done$/\1/p' "$err")
[ -n "$done" ] || die 'how many rows are done'

# Progress on a terminal only.
head -n 3000 many.ndjson > some.ndjson
script -qec "'$cli' token mint --key k.pem --channel $arn --batch some.ndjson \
    > /dev/null" /dev/null < /dev/null > "$out"
contains "$out" 'ivs-token: 3000 rows, '
contains "$out" '/s, 0 failed'
[ "$(tr '\r' '\n' < "$out" | grep -c ' rows, ')" -lt 100 ] || die 'too often'

# Memory does not grow with the rows. Sanitizers keep what was freed.
if ! grep -q '^IVS_SANITIZE:[A-Z]*=.' "$IVS_BUILD_DIR/CMakeCache.txt"; then
    good='{"viewerId":"v"}'
    bad='{"viewerId":""}'
    for n in 10000 200000; do
        yes "$good"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad"$'\n'"$bad" |
            head -n $n > size.ndjson || true
        python3 "$here/batch.py" memory size.ndjson "$cli" token mint \
            --key k.pem --channel "$arn" > peak.$n || die 'memory'
    done
    awk 'FNR == NR { small = $1; next } $1 > small * 1.2 + 1024 {
        print "peak " small " KiB, then " $1; exit 1 }' \
        peak.10000 peak.200000 || die 'memory grows with the rows'
fi
