#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke viewer, revoke batch.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# How fast the calls follow one another is not what is tested here.
emulator --no-quotas
expect 0 "$cli" api call CreateChannel '{"name":"one","authorized":true}'
arn=$(jq -r .channel.arn "$out")
playback=$(jq -r .channel.playbackUrl "$out")
missing=${arn%/*}/missing12345
foreign=${arn/us-west-2/eu-west-1}
limit=2147483648
expect 0 curl -fsS -d "{\"channelArn\":\"$arn\",\"action\":\"start\"}" \
    "$url/_/streams"

# status: what the edge answers to the token in FILE
edge()
{
    curl -s -o /dev/null -w '%{http_code}' "$playback?token=$(cat "$1")"
}

# ---- viewer ----
expect 0 "$cli" key generate --out k.pem
expect 0 "$cli" key import --key k.pem --name one
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id v1 --viewer-version 5
cp "$out" v1.jwt
expect 0 "$cli" token mint --key k.pem --channel "$arn"
cp "$out" anonymous.jwt
[ "$(edge v1.jwt)" = 200 ] || die 'the edge refuses a good token'
expect 0 "$cli" revoke viewer --channel "$arn" --viewer-id v1 --up-to-version 4
silent "$out"
contains "$err" 'revoked viewer v1, sessions up to version 4'
[ "$(edge v1.jwt)" = 200 ] || die 'version 4 revoked version 5'
expect 0 "$cli" revoke viewer --token v1.jwt
contains "$err" 'NOT verified'
contains "$err" 'up to version 5'
[ "$(edge v1.jwt)" = 403 ] || die 'a revoked token still plays'
expect 0 "$cli" revoke viewer --token - --json < v1.jwt
json .acknowledged true
json .viewerId v1
json .viewerSessionVersionsLessThanOrEqualTo 5
expect 0 "$cli" revoke viewer --channel "$arn" --viewer-id v2
contains "$err" 'notice: without --up-to-version'
expect 0 "$cli" revoke viewer --channel "$arn" --viewer-id v2 --json \
    --up-to-version now --now 2026-01-01T00:00:00Z
json .viewerSessionVersionsLessThanOrEqualTo 1767225600
# The region comes from the ARN where nothing else names one.
expect 0 env -u AWS_REGION "$cli" revoke viewer --channel "$arn" --viewer-id v2

fails 2 'the option --channel ARN (or --token FILE) is missing' "$cli" revoke viewer
fails 2 'the option --viewer-id ID is missing' "$cli" revoke viewer --channel "$arn"
fails 2 '--token excludes' "$cli" revoke viewer --token v1.jwt --channel "$arn"
fails 2 "--up-to-version: found \"$limit\", expected an integer from 0 to 2147483647" \
    "$cli" revoke viewer --channel "$arn" --viewer-id v --up-to-version "$limit"
fails 2 'the viewer id has 41 characters, expected 1 to 40' \
    "$cli" revoke viewer --channel "$arn" --viewer-id "$(printf 'v%.0s' {1..41})"
lacks "$err" notice
fails 2 'the viewer id is empty, expected 1 to 40 characters' \
    "$cli" revoke viewer --channel "$arn" --viewer-id ''
lacks "$err" pair
fails 2 'of region us-west-2, but --region is eu-west-1' \
    "$cli" revoke viewer --channel "$arn" --viewer-id v --region eu-west-1
fails 2 "of region eu-west-1, but AWS_REGION is us-west-2" \
    "$cli" revoke viewer --channel "$foreign" --viewer-id v
fails 1 'has no viewer id, so it cannot be revoked' \
    "$cli" revoke viewer --token anonymous.jwt
contains "$err" 'it ends by itself at'
printf 'no token' > bad.jwt
fails 1 'no token with a channel ARN in it: 1 segment between dots, expected 3' \
    "$cli" revoke viewer --token bad.jwt
printf '%s?token=%s' "$playback" "$(cat v1.jwt)" > url.jwt
fails 1 'a URL, expected the token that follows token= in it' \
    "$cli" revoke viewer --token url.jwt
fails 5 'ResourceNotFoundException' \
    "$cli" revoke viewer --channel "$missing" --viewer-id v
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id v1 \
    --viewer-version "$limit"
cp "$out" high.jwt
fails 1 "found version $limit" "$cli" revoke viewer --token high.jwt

# A token of somebody else's making, which may still play.
# foreign_token CHANNEL VIEWER VERSION: into foreign.jwt
foreign_token()
{
    printf '{"alg":"ES384","typ":"JWT"}' | basenc --base64url -w 0 | tr -d =
    printf .
    printf '{"aws:channel-arn":"%s","aws:viewer-id":"%s","aws:viewer-session-version":%s,"exp":1}' \
        "$@" | basenc --base64url -w 0 | tr -d =
    printf '.%0128d' 0
}
for version in '"5"' 5.0 99999999999999999999; do
    foreign_token "$arn" v3 "$version" > foreign.jwt
    fails 1 'version is not an integer; give --up-to-version' \
        "$cli" revoke viewer --token foreign.jwt
    expect 0 "$cli" revoke viewer --token foreign.jwt --up-to-version 7 --json
    json .viewerId v3
    json .viewerSessionVersionsLessThanOrEqualTo 7
done
# What is wrong with a token is not the command line's fault.
foreign_token "$arn" v3 -5 > foreign.jwt
fails 1 'found version -5' "$cli" revoke viewer --token foreign.jwt
lacks "$err" '--help'
foreign_token "$arn" "$(printf 'v%.0s' {1..41})" 1 > foreign.jwt
fails 1 'the viewer id has 41 characters' "$cli" revoke viewer --token foreign.jwt
foreign_token "${arn/channel/stream-key}" v3 1 > foreign.jwt
fails 1 'is not a channel' "$cli" revoke viewer --token foreign.jwt

# ---- batch: what is sent ----
{
    printf '\xef\xbb\xbfchannel_arn,viewer_id,version\r\n'
    printf '%s,"a,""b",5\r\n' "$arn"
    printf '\n%s,plain,\n%s,plain,7\n%s,plain,6\n' "$arn" "$arn" "$arn"
    printf '%s,%s,1\n' "$arn" 'ålesund'
} > rows.csv
expect 0 "$cli" revoke batch rows.csv --json
json .rows 5
json .duplicates 2
json .pairs 3
json .acknowledged 3
json '.failures | length' 0
contains "$err" '5 rows, 2 duplicates, 3 pairs: 3 acknowledged, 0 failed, 0 not done'
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id plain --viewer-version 7
[ "$(edge "$out")" = 403 ] || die 'the highest version of a pair counts'
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id plain --viewer-version 8
[ "$(edge "$out")" = 200 ] || die 'a version above is not reached'

# 45 rows are three calls; NDJSON; a version for rows that have none.
for n in {1..45}; do
    printf '{"channelArn":"%s","viewerId":"n%d"}\r\n' "$arn" "$n"
done > rows.json
expect 0 "$cli" revoke batch - --up-to-version 3 < rows.json
silent "$out"
contains "$err" '45 pairs: 45 acknowledged'
lacks "$err" 'notice'
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id n45 --viewer-version 3
[ "$(edge "$out")" = 403 ] || die 'the last pair was sent'
expect 0 env -u AWS_REGION "$cli" revoke batch rows.json
contains "$err" 'notice: 45 pairs without a version'

# 300 rows keep to the quota of 2 calls a second, also right after 300 others.
for n in {1..300}; do
    printf '%s,q%d,1\n' "$arn" "$n"
done > quota.csv
for _ in 1 2; do
    expect 0 "$cli" revoke batch quota.csv
    contains "$err" '300 acknowledged, 0 failed, 0 not done'
done

# White space around a viewer id stays, and is pointed out once.
printf '%s,v\n%s, v\n%s,w w\n%s,"v\t"\n' "$arn" "$arn" "$arn" "$arn" > spaces.csv
expect 0 "$cli" revoke batch spaces.csv --up-to-version 1 --json
json .pairs 4
json .acknowledged 4
contains "$err" '2 viewer ids have white space at the beginning or the end, first in line 2'
[ "$(grep -c notice "$err")" = 1 ] || die 'one notice'
printf '{"channelArn":"%s","viewerId":"v "}\n' "$arn" > space.json
expect 0 "$cli" revoke batch space.json --up-to-version 1
contains "$err" '1 viewer id has white space at the beginning or the end, first in line 1'
expect 0 "$cli" token mint --key k.pem --channel "$arn" --viewer-id 'v ' --viewer-version 1
[ "$(edge "$out")" = 403 ] || die 'the white space was sent'

# Nothing is sent by a dry run.
expect 0 "$cli" --json revoke batch --dry-run rows.json --endpoint-url http://127.0.0.1:1
json .dry_run true
json .not_done 45

# No rows: the wrong file, most likely.
: > none.csv
printf 'channel_arn,viewer_id\r\n\n' > header.csv
for file in none.csv header.csv; do
    fails 1 "found no rows in $file, expected channel_arn,viewer_id[,version]" \
        "$cli" revoke batch "$file"
done
fails 1 'found no rows in standard input' "$cli" --json revoke batch - < /dev/null

# Some fail: every one is named. All fail: the service refused.
{
    cat rows.csv
    printf '%s,gone1\n%s,gone2,4\n' "$missing" "$missing"
} > some.csv
expect 6 "$cli" revoke batch some.csv --json
json .acknowledged 3
json .failed 2
json '[.failures[].viewerId] | join(" ")' 'gone1 gone2'
json '[.failures[].line] | join(" ")' '8 9'
json '.failures[0].channelArn' "$missing"
contains "$err" "line 8: viewer gone1 of $missing: "
contains "$err" '3 acknowledged, 2 failed, 0 not done'
printf '%s,gone1\n' "$missing" > all.csv
expect 5 "$cli" revoke batch all.csv
contains "$err" '1 row, 0 duplicates, 1 pair: 0 acknowledged, 1 failed, 0 not done'

# A call that fails as a whole.
expect 7 "$cli" revoke batch rows.json --endpoint-url http://127.0.0.1:1
contains "$err" '0 acknowledged, 0 failed, 45 not done'
contains "$err" 'pairs first named in line 1 and later'
expect 5 env AWS_SECRET_ACCESS_KEY=wrong "$cli" revoke batch rows.json
answering nonsense 200 text/html '<html>'
expect 5 "$cli" revoke batch rows.json --endpoint-url "$url"
contains "$err" '0 acknowledged'
# The second of three: the first is counted, the rest is not.
answering second script 200:'{"errors":[]}' 403:'{"__type":"AccessDeniedException","message":"no"}'
expect 6 "$cli" revoke batch rows.json --json --endpoint-url "$url"
json .acknowledged 20
json .not_done 25
contains "$err" 'line 21 and later'

# Interrupted while it waits for its turn: for 20 seconds, at this rate.
env --default-signal=INT "$cli" --debug revoke batch quota.csv --rate 1 \
    > "$out" 2> "$err" &
pid=$!
for _ in {1..300}; do
    [ "$(grep -c 'answer| 200' "$err")" -lt 1 ] || break
    sleep 0.05
done
kill -s INT "$pid"
code=0
wait "$pid" || code=$?
[ "$code" = 130 ] || die "interrupted between calls: exit code $code"
contains "$err" '20 acknowledged, 0 failed, 280 not done'

# Interrupted: what is known is said.
answering hang hang
env --default-signal=INT "$cli" revoke batch rows.json --endpoint-url "$url" \
    > "$out" 2> "$err" &
pid=$!
for _ in {1..300}; do
    [ "$(grep -c waiting "$tmp/hang.ready")" -lt 1 ] || break
    sleep 0.1
done
kill -s INT "$pid"
code=0
wait "$pid" || code=$?
[ "$code" = 130 ] || die "interrupted: exit code $code"
contains "$err" '0 acknowledged, 0 failed, 45 not done'

# ---- batch: what is refused before anything is sent ----
# bad LINE TEXT ROWS: exactly this line is reported
bad()
{
    printf '%b' "$3" > bad.in
    fails 1 "bad.in:$1: " "$cli" revoke batch bad.in --endpoint-url http://127.0.0.1:1
    contains "$err" "$2"
    contains "$err" 'nothing was sent'
    [ "$(grep -c 'bad.in:' "$err")" = 1 ] || die 'one bad row was expected'
}
bad 2 'the viewer id is empty, expected 1 to 40 characters' "$arn,v\n$arn,\n"
bad 1 'the viewer id has 41 characters, expected 1 to 40' "$arn,$(printf 'v%.0s' {1..41})"
bad 2 'is no Amazon IVS ARN' "$arn,v\nfoo,v\n"
bad 1 "found ${arn/channel/stream-key}, expected a channel's ARN" "${arn/channel/stream-key},v"
bad 1 'found 1 field, expected 2 or 3: ' "$arn\n"
bad 1 'found 4 fields, expected 2 or 3: ' "$arn,v,1,2\n"
bad 1 "found the version \"$limit\", expected an integer from 0 to 2147483647" \
    "$arn,v,$limit\n"
bad 1 'found "channel,viewer,n", expected the header channel_arn,viewer_id' \
    "channel,viewer,n\n$arn,v,1\n"
# What may be a key is not repeated.
bad 1 'found no ARN at its beginning' "$(printf 'MIG2%.0s' {1..20})\n"
lacks "$err" MIG2
bad 1 'found "channel_arn;viewer_id", expected the header channel_arn,viewer_id' \
    'channel_arn;viewer_id\n'
for version in -1 1.5 ' 1'; do
    bad 1 "found the version \"$version\", expected an integer from 0" \
        "$arn,v,$version\n"
done
bad 1 'quote that is never closed' "$arn,\"v\n"
bad 1 'quote inside a field' "$arn,v\"w\n"
bad 1 'text after a closing quote' "$arn,\"v\"w\n"
bad 1 'carriage return' "$arn,v\r\r\n"
bad 1 'carriage return' "$arn,v\r$arn,w\n"
bad 1 'not UTF-8' "$arn,v\xff\n"
bad 1 'NUL byte' "$arn,v\0w\n"
bad 1 'more than 1024 bytes' "$arn,$(printf 'v%.0s' {1..1025})\n"
bad 3 'found a channel of region eu-west-1, but AWS_REGION is us-west-2' \
    "$arn,\"v\nw\"\n$foreign,v\n"
bad 1 'channelArn is not text' '{"channelArn":5,"viewerId":"v"}\n'
bad 1 'viewerId is missing' "{\"channelArn\":\"$arn\"}\n"
bad 1 'malformed JSON at column 15, expected one object a line' '{"channelArn":}'
bad 2 'found the unknown member "version", expected only channelArn' "{\"channelArn\":\"$arn\",\"viewerId\":\"v\"}\n{\"channelArn\":\"$arn\",\"viewerId\":\"v\",\"version\":1}\n"
bad 2 'no JSON object' "{\"channelArn\":\"$arn\",\"viewerId\":\"v\"}\n[]\n"
bad 1 'found the member "viewerId" twice' "{\"channelArn\":\"$arn\",\"viewerId\":\"v\",\"viewerId\":\"w\"}\n"
bad 1 'is not an integer' "{\"channelArn\":\"$arn\",\"viewerId\":\"v\",\"viewerSessionVersionsLessThanOrEqualTo\":1.5}\n"
bad 1 'found the version "-1", expected an integer from 0' "{\"channelArn\":\"$arn\",\"viewerId\":\"v\",\"viewerSessionVersionsLessThanOrEqualTo\":-1}\n"
for _ in {1..25}; do
    echo nonsense
done > many.csv
fails 1 '5 more bad rows' "$cli" revoke batch many.csv
[ "$(grep -c many.csv: "$err")" = 20 ] || die 'twenty are reported'
fails 1 'cannot open missing.csv' "$cli" revoke batch missing.csv
fails 2 'the argument FILE is missing' "$cli" revoke batch
fails 2 "found \"$limit\", expected an integer from 0 to 2147483647" "$cli" revoke batch rows.json --up-to-version "$limit"
