#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# doctor: which of several causes is the first, what its repair names, and what
# becomes of it where the service is slow, silent or hostile.
# shellcheck source=tests/cli/doctor_lib.sh
source "$IVS_SOURCE_DIR/tests/cli/doctor_lib.sh"

emulator --no-quotas
fresh '{"authorized":true}'
stream "$channel" start
keys 1 2
expect 0 "$cli" key import --key 1.pub --name one
ch="\"aws:channel-arn\":\"$channel\""
soon=$(($(date +%s) + 300))
mint --viewer-id v
all=(--key 1.pem --channel "$channel" --token token)

# ---- several keys: the repair is for the one that is at fault ----

concludes 1 key_not_imported 'key import --key 2.pem' --key 1.pem --key 2.pem
echo nonsense > none.pem
openssl pkcs8 -topk8 -in 2.pem -passout pass:x -out locked.pem
concludes 1 key_locked 'key show --key locked.pem' --key none.pem --key locked.pem
# One that has signed the token makes the others unimportant.
notes key_unusable --key none.pem "${all[@]}"
expect 0 "$cli" doctor --key 2.pem "${all[@]}"
# A public key cannot sign another token.
concludes 3 token_other_key 'token mint --key KEY.pem' --key 2.pub --token token
claims "{$ch,\"exp\":$((soon - 600))}"
concludes 3 expired 'token mint --key KEY.pem' --key 1.pub --token token
concludes 3 expired 'token mint --key 1.pem' --key 1.pub --key 2.pem --key 1.pem --token token

# ---- the repair makes the same token, in order ----

claims "{$ch,\"exp\":$((soon - 600)),\"aws:viewer-id\":\"it's\",
    \"aws:viewer-session-version\":7,\"aws:maximum-resolution\":\"HD\",
    \"aws:access-control-allow-origin\":\"https://a.example,https://*.b.example\",
    \"aws:strict-origin-enforcement\":true,
    \"aws:single-use-uuid\":\"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"}"
concludes 3 expired "--channel $channel --viewer-id 'it'\''s' --viewer-version 7" \
    "${all[@]}" --origin https://a.example
contains repair "--origin https://a.example --origin 'https://*.b.example' --strict-origin"
contains repair '--single-use --max-resolution HD --ttl 5m'
PATH=$IVS_BUILD_DIR/bin:$PATH bash repair > token
expect 0 "$cli" doctor "${all[@]}" --origin https://a.example
claims "{$ch,\"exp\":$((soon - 600)),\"aws:viewer-id\":\"v\",\"aws:viewer-session-version\":\"3\"}"
concludes 3 expired '--viewer-id v --viewer-version now --ttl 5m' "${all[@]}"
claims "{$ch,\"exp\":$soon,\"aws:viewer-id\":\"\u001b[2J\u202e\"}"
expect 0 "$cli" doctor "${all[@]}"
mint --origin https://a.example --origin https://b.example --strict-origin
concludes 3 origin_missing 'https://b.example --ttl 5m' "${all[@]}" --origin ''
lacks repair --strict-origin
concludes 3 origin_mismatch '--origin https://b.example --origin https://c.example --strict' \
    "${all[@]}" --origin https://c.example

# ---- more findings than anyone reads do not hide the cause ----

jq -cn --arg c "$channel" --argjson e "$soon" \
    '{"aws:channel-arn": $c, exp: $e} + ([range(80) | {"aws:x\(.)": 1}] | add)' > many
claims "$(cat many)"
expect 0 "$cli" key delete --yes "$("$cli" key list --json | jq -r '.keyPairs[0].arn')"
concludes 1 key_not_imported 'key import --key 1.pem' "${all[@]}"
expect 0 "$cli" key import --key 1.pub --name one
mint --viewer-id v

# ---- what was said twice, and differently ----

path=api/video/v1/us-west-2.000000000000.channel.${channel##*/}.m3u8
printf 'https://a.b.live-video.net/%s?token=%s\n' "$path" "$(cat token)" > asked.txt
expect 2 "$cli" doctor --token token --playback-url - < asked.txt
contains "$err" 'expected one of them'
fails 2 'of region us-west-2, but --region is eu-west-1' \
    "$cli" doctor --token token --region eu-west-1
AWS_REGION='' AWS_DEFAULT_REGION=eu-west-1 notes environment_other_region "${all[@]}"
expect 0 "$cli" doctor --json "${all[@]}" --playback-url "https://a.b.live-video.net/$path"
json '[.checks[].findings[]] | length' 0

for variant in https://a1b2c3d4e5f6.fra50.playlist.live-video.net/v1/playlist/CtwB.m3u8 \
    'https://a.b.cloudfront.hls.live-video.net/v1/segment/CtwB.ts?x=/v1/'; do
    concludes 1 url_of_variant GetChannel --playback-url "$variant" --channel "$channel" # P26
done
concludes 1 url_malformed GetChannel --channel "$channel" \
    --playback-url 'https://example.com/x.m3u8?from=/v1/playlist/'

# ---- another account, also where it has no key pairs to tell ----

export AWS_REGION=us-east-1
call CreateChannel '{}'
concludes 1 channel_other_account 'ivs-token credentials' --key 2.pem \
    --channel arn:aws:ivs:us-east-1:123456789012:channel/abcdefghijkl
contains "$out" 'account 123456789012, the credentials are of 000000000000'
export AWS_REGION=us-west-2

# ---- policies ----

call CreatePlaybackRestrictionPolicy \
    '{"allowedOrigins":["https://*.a.example"],"enableStrictOriginEnforcement":true}'
policy=$(jq -r .playbackRestrictionPolicy.arn "$out")
call CreateChannel "{\"playbackRestrictionPolicyArn\":\"$policy\"}"
public=$(jq -r .channel.arn "$out")
concludes 1 channel_public '"authorized":true' --channel "$public" --origin https://x.a.example
check policy ok
concludes 1 policy_refuses_origin '"enableStrictOriginEnforcement":false' \
    --channel "$public" --origin ''
PATH=$IVS_BUILD_DIR/bin:$PATH bash repair > "$tmp/updated"
concludes 1 channel_public '"authorized":true' --channel "$public" --origin ''
check policy ok

# ---- what the service says, hostile or not at all ----

denied='403:{"__type":"AccessDeniedException","message":"not \u001b[2J allowed"}'
answering denied script "$denied" '200:{"channel":{"authorized":true}}' \
    '200:{"stream":{"health":"\u001b[2J\u202e"}}'
expect 0 "$cli" doctor --channel "$channel" --endpoint-url "$url"
contains "$out" 'key pairs        not checked  ListPlaybackKeyPairs: 403 AccessDeniedException: not \x1b[2J'
contains "$out" 'live, health \x1b[2J\xe2\x80\xae'
answering mute script '200:{"keyPairs":[]}' '200:{"channel":{}}' '200:{"stream":{}}'
expect 0 "$cli" doctor --json --channel "$channel" --endpoint-url "$url"
check private not_checked
answering half script '200:{"keyPairs":[]}' \
    "200:{\"channel\":{\"playbackRestrictionPolicyArn\":\"$policy\"}}" '200:{"stream":{}}'
expect 0 "$cli" doctor --json --channel "$channel" --endpoint-url "$url"
check policy not_checked
answering odd script '200:{"keyPairs":[]}' \
    '200:{"channel":{"authorized":false,"playbackRestrictionPolicyArn":"\u001b[2J\"}"}}' \
    '200:{"stream":{}}'
concludes 1 channel_public_live StopStream --channel "$channel" --endpoint-url "$url"
check policy not_checked

answering blind script '200:{"keyPairs":[]}' \
    "200:{\"channel\":{\"authorized\":true,\"playbackRestrictionPolicyArn\":\"$policy\"}}" \
    "$denied"
concludes 1 policy_ignored 'UpdateChannel' --channel "$channel" --endpoint-url "$url"
lacks repair StopStream
check stream not_checked

# A region that is silent ends the search for a key in the others.
answering silent script '200:{"keyPairs":[]}' hang:
concludes 1 key_not_imported 'key import' --key 1.pem --endpoint-url "$url"
contains "$out" '6 other regions could not be asked'
[ "$(grep -c waiting "$tmp/silent.ready")" = 1 ] || die 'more than one region was waited for'

# ---- signals, whatever doctor waits for: no report, and the exit code says so ----

# interrupted NAME SIGNAL CODE ARGUMENT...
interrupted()
{
    local code=0 pid _

    env --default-signal=INT,TERM "$cli" doctor --endpoint-url "$url" "${@:4}" \
        > "$out" 2> "$err" &
    pid=$!
    for _ in {1..300}; do
        [ "$(grep -c waiting "$tmp/$1.ready")" -lt 1 ] || break
        sleep 0.1
    done
    kill -s "$2" "$pid"
    wait "$pid" || code=$?
    [ "$code" = "$3" ] || die "SIG$2 while $1 is silent: exit code $code"
    silent "$out"
}
answering first hang
interrupted first INT 130 --channel "$channel"
contains "$err" interrupted
answering stream script '200:{"keyPairs":[]}' '200:{"channel":{"authorized":true}}' hang:
interrupted stream TERM 143 --channel "$channel"
answering search script '200:{"keyPairs":[]}' hang:
interrupted search INT 130 --key 1.pem
contains "$err" interrupted
answering policy script '200:{"keyPairs":[]}' \
    "200:{\"channel\":{\"authorized\":false,\"playbackRestrictionPolicyArn\":\"$policy\"}}" \
    '200:{"stream":{}}' hang:
interrupted policy TERM 143 --channel "$channel"
