#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# doctor: each cause with the state that brings it about, the command that it
# names, and the exit code. "P n" is pain n of the list in tests/README.md.
# shellcheck source=tests/cli/doctor_lib.sh
source "$IVS_SOURCE_DIR/tests/cli/doctor_lib.sh"

# Every code of the two lints has a row, so that none is told as another.
for file in claims_lint.c inspect.c; do
    sed -nE '/^ \*   code/,/^ \*\//s/^ \*   ([a-z].*[a-z0-9])  +(error|warning|info).*/\1/p' \
        "$IVS_SOURCE_DIR/src/token/$file"
done | tr ' ' '\n' | grep -v '^$' > codes
[ "$(wc -l < codes)" -gt 35 ] || die 'the lists of codes were not understood'
while read -r code; do
    contains "$IVS_SOURCE_DIR/tools/ivs-token/doctor_causes.c" "{\"$code\", "
done < codes

fails 2 'nothing to look at' "$cli" doctor
emulator --no-quotas
fresh '{"name":"c","authorized":true}'
url=https://a.b.live-video.net/api/video/v1/us-west-2.000000000000.channel.${channel##*/}.m3u8
stream "$channel" start
keys 1 2 3 4
mint --viewer-id v
all=(--key 1.pem --channel "$channel" --token token)

# The key is not imported; then it is, and nothing is wrong.
concludes 1 key_not_imported 'key import --key 1.pem --name playback --region us-west-2' "${all[@]}"
contains "$out" 'the key of 1.pem is not among the key pairs in us-west-2 (0 of 3)'
PATH=$IVS_BUILD_DIR/bin:$PATH bash repair > arn
expect 0 "$cli" doctor "${all[@]}"
nothing='nothing wrong was found that can be seen from here'
contains "$out" "conclusion  $nothing; not checked: its origins (--origin), playback itself (--probe)"
contains "$out" "$(cat arn), for every private channel of account 000000000000" # P9
silent "$err"
[ "$(grep -cE '^[a-z ]{17}(ok|note|problem|not checked) ' "$out")" = 19 ] || die 'a line a check'

# Part of the inputs: only a key, a token, a channel.
expect 0 "$cli" doctor --json --key 1.pub
check key ok
json .message "$nothing; not checked: a token (--token), a channel (--channel), playback itself (--probe)"
check token_format not_checked
check key_imported ok
expect 0 "$cli" doctor --json --token token
check channel ok
check token_signature not_checked
expect 0 "$cli" doctor --json --channel "$channel" --region us-west-2
check stream ok
check revocation not_checked
fails 2 'of region us-west-2, but --region is eu-west-1' \
    "$cli" doctor --channel "$channel" --region eu-west-1
AWS_REGION=eu-west-1 notes environment_other_region --key 1.pub --channel "$channel"

# Keys: P13 literal \n, P14 SEC1, P15 base64 are read; what is no key is told.
expect 0 "$cli" key export --key 1.pem --format sec1
cp "$out" sec1.pem
base64 -w 0 1.pem > base64.pem
awk '{ printf "%s\\n", $0 }' 1.pem > literal.pem
chmod 600 ./*.pem
for file in sec1 base64 literal; do
    expect 0 "$cli" doctor --json --key $file.pem
    check key_imported ok
done
chmod 644 1.pem
notes key_readable_by_others "${all[@]}" # P29
chmod 600 1.pem
openssl ecparam -name prime256v1 -genkey -noout -out p256.pem 2> /dev/null
concludes 1 key_unusable 'key generate --out' --key p256.pem # P11
contains repair ' && ivs-token key import --key playback-key.pem --name playback --region us-west-2'
openssl genrsa -out rsa.pem 2048 2> /dev/null
concludes 1 key_unusable 'key generate --out' --key rsa.pem # P12
echo nonsense > none.pem
concludes 1 key_unusable 'key generate --out' --key none.pem --channel "$channel" # P12
check channel ok
concludes 1 key_unreadable "ls -l -- 'it'\\''s.pem'" --key "it's.pem"
openssl pkcs8 -topk8 -in 1.pem -passout pass:x -out locked.pem
concludes 1 key_locked '--passphrase-file FILE' --key locked.pem
concludes 3 token_other_key 'token mint' --key 2.pem --token token
expect 1 env AWS_REGION=eu-west-1 "$cli" doctor --json --key 1.pem
json .cause key_other_region
expect 0 "$cli" key import --key 2.pub --name two
expect 0 "$cli" key import --key 3.pub --name three
notes key_pairs_full "${all[@]}" # P10
concludes 1 key_no_room 'key list --keys . --region us-west-2 && ivs-token key delete ARN' \
    --key 4.pem # P10
expect 0 "$cli" doctor --json --key 2.pem --key 1.pem --token token
json '.checks[] | select(.check == "token_signature") | .detail' 'by 1.pem'

# Playback URLs
printf '%s?token.m3u8?token=%s\n' "$url" "$(cat token)" > asked.txt
concludes 1 url_two_question_marks "--playback-url $url" \
    --playback-url - --key 1.pem < asked.txt # P2
fails 2 'found a token, which others can see on the command line' \
    "$cli" doctor --playback-url "$(cat asked.txt)" --key 1.pem
printf '%s?token=%s\n' "$url" "$(cat token)" > asked.txt
expect 0 "$cli" doctor --json --key 1.pem --playback-url - < asked.txt
check token_signature ok
silent "$err"
concludes 3 token_lost "--playback-url $url" --playback-url "$url?token=" # P3
notes url_without_token --playback-url "$url" # P3
concludes 1 url_malformed GetChannel --playback-url https://example.com/x.m3u8 --channel "$channel"
concludes 1 url_other_channel GetChannel --playback-url "${url%.m3u8}x.m3u8" --channel "$channel"

# Tokens that are made by hand
ch="\"aws:channel-arn\":\"$channel\""
now=$(date +%s)
soon=$((now + 300))
printf 'abc' > token
concludes 3 segments 'token mint' "${all[@]}" # P3
contains "$out" 'token contains an invalid number of segments'
claims "{$ch,\"exp\":$soon}" '{"alg":"HS256","typ":"JWT"}'
concludes 3 alg 'token mint' "${all[@]}"
claims "{$ch,\"exp\":$soon}" '{"alg":"ES384","typ":"JWT"}' der
concludes 3 signature_der 'token mint' "${all[@]}" # P16
claims "{$ch,\"exp\":$soon,\"aws:viewer-id\":\"v\"}" '{"alg":"ES384","typ":"JWT","kid":"x"}'
notes kid_ignored "${all[@]}" # P21
claims "{$ch,\"exp\":${now}000}"
concludes 3 exp_milliseconds "--ttl 5m" "${all[@]}" # P1
claims "{$ch,\"exp\":$((now - 60)),\"aws:viewer-id\":\"v\"}"
concludes 3 expired "--viewer-id v --ttl 5m" "${all[@]}"
claims "{$ch,\"exp\":$((now + 14400))}"
notes long_life "${all[@]}" # P17
notes no_viewer_id "${all[@]}" # P20
claims "{$ch,\"exp\":$((now + 3600)),\"aws:viewer-id\":\"v\"}"
concludes 3 exp_too_far 'token mint' "${all[@]}" # P18
claims "{$ch,\"exp\":$soon,\"aws:viewer-id\":\"$(printf 'x%.0s' {1..41})\"}"
concludes 3 viewer_id '--viewer-id ID' "${all[@]}" # P19
claims "{$ch,\"exp\":$soon,\"aws:viewer-id\":\"v\",\"aws:viewer-session-version\":\"3\"}"
concludes 3 version_string 'token mint' "${all[@]}" # P22
claims "{$ch,\"exp\":$soon,\"aws:viewer-id\":\"v\",\"aws:viewer-session-version\":${now}000}"
notes version_not_revocable "${all[@]}" # P23
mint --single-use
notes single_use "${all[@]}" # P8
claims "{$ch,\"exp\":$soon,\"aws:access-control-allow-origin\":\"https://a.example/#/\"}"
concludes 3 origin_malformed 'token mint' "${all[@]}" # P5
mint --origin https://a.example
concludes 3 origin_mismatch '--origin https://b.example' "${all[@]}" --origin https://b.example
expect 0 "$cli" doctor "${all[@]}" --origin https://a.example
lacks "$out" 'not restricted'
concludes 3 origin_mismatch '--origin' "${all[@]}" --origin a.example
contains "$out" 'it has no scheme, expected such as https://example.com'
mint --viewer-id v
expect 0 "$cli" doctor "${all[@]}" --origin https://a.example
contains "$out" 'https://a.example, not restricted by the token'
mint --origin https://a.example --strict-origin
notes strict_needs_origin "${all[@]}" # P6
concludes 3 origin_missing 'token mint' "${all[@]}" --origin '' # P6 P7
expect 0 "$cli" token mint --key 1.pem --channel "${channel}x"
cp "$out" token
concludes 3 token_other_channel "--channel $channel" "${all[@]}" # P4
expect 0 "$cli" token mint --key 1.pem --channel "${channel/us-west-2/us-east-1}"
cp "$out" token
concludes 3 token_other_region "--channel $channel" "${all[@]}"

# The channel, its stream and its policy
mint --viewer-id v
concludes 1 channel_not_found ListChannels --channel "${channel}x"
concludes 1 channel_other_account 'ivs-token credentials' \
    --channel "${channel/000000000000/123456789012}"
concludes 1 region_without_ivs CreateChannel \
    --channel "${channel/us-west-2/eu-north-1}" # P28
stream "$channel" stop
concludes 1 stream_offline ListStreamKeys "${all[@]}" # P27
# The emulator has a command for it.
contains repair "&& ivs-emulator stream start --channel $channel --url $AWS_ENDPOINT_URL"
{
    cat repair
    echo ' --from none'
} | tr -d '\n' > started
PATH=$IVS_BUILD_DIR/bin:$PATH bash started > "$out"
expect 0 "$cli" doctor "${all[@]}"
stream "$channel" stop
call CreatePlaybackRestrictionPolicy '{"allowedOrigins":["https://a.example"]}'
policy=$(jq -r .playbackRestrictionPolicy.arn "$out")
call UpdateChannel "{\"arn\":\"$channel\",\"playbackRestrictionPolicyArn\":\"$policy\"}"
stream "$channel" start
concludes 1 policy_ignored_live StopStream "${all[@]}" # P24
contains repair '"playbackRestrictionPolicyArn":""'
stream "$channel" stop
concludes 1 stream_offline ListStreamKeys "${all[@]}"
json '[.checks[].findings[].code] | sort | join(" ")' 'key_pairs_full policy_ignored stream_offline' # P24
call CreateChannel "{\"playbackRestrictionPolicyArn\":\"$policy\"}"
public=$(jq -r .channel.arn "$out")
concludes 1 channel_public '"authorized":true' --channel "$public" # P4
concludes 1 policy_refuses_origin \
    "'{\"arn\":\"$policy\",\"allowedOrigins\":[\"https://a.example\",\"https://b.example\"]}'" \
    --channel "$public" --origin https://b.example
concludes 1 channel_public '"authorized":true' --channel "$public" --origin https://a.example
check policy ok
stream "$public" start
concludes 1 channel_public_live StopStream --channel "$public" # P25

# Clocks: the service's Date is another.
pairs=$(jq -cn --arg f "$("$cli" key show --json --key 1.pem | jq -r .fingerprint)" \
    '{keyPairs: [], keyPair: {fingerprint: $f}, channel: {authorized: true}, stream: {health: "HEALTHY"}}')
ANSWER_SKEW=400 answering late 200 application/json "$pairs"
mint --ttl 5m
concludes 1 clock_misleads timedatectl --token token --endpoint-url "$url"
concludes 1 clock_off timedatectl --channel "$channel" --endpoint-url "$url"
contains "$out" '400 s behind the service'

# Nobody can be asked: what is at hand is still told, and wins.
concludes 7 no_network 'ivs-token --debug key list' "${all[@]}" --endpoint-url http://127.0.0.1:1
check token_expiry ok
check channel not_checked
concludes 4 no_credentials 'ivs-token credentials' "${all[@]}" --profile none
check token_signature ok
expect 4 env -u AWS_ACCESS_KEY_ID "$cli" doctor --json --token token
json .cause no_credentials
expect 5 env AWS_SECRET_ACCESS_KEY=wrong "$cli" doctor --json --token token
json .cause service_refuses
claims "{$ch,\"exp\":$((now - 60))}"
concludes 3 expired 'token mint' "${all[@]}" --endpoint-url http://127.0.0.1:1
fails 1 'cannot open none' "$cli" doctor --token none
