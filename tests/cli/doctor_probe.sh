#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# doctor --probe: what is asked of the playback side, what its answers lead to,
# and what a playlist proves.
# shellcheck source=tests/cli/doctor_lib.sh
source "$IVS_SOURCE_DIR/tests/cli/doctor_lib.sh"

emulator --no-quotas
fresh '{"authorized":true}'
stream "$channel" start
keys 1 2
expect 0 "$cli" key import --key 1.pub --name one
path=api/video/v1/us-west-2.000000000000.channel.${channel##*/}.m3u8
playback=$url/$path
all=(--key 1.pem --channel "$channel" --token token --probe)

# clock TIME: the emulator's
clock()
{
    curl -sS --noproxy '*' -o "$tmp/clock" -d "$1" "$url/_/clock"
}

# probes STATUS CODE: what the last report says of the probe
probes()
{
    json '.probe.status' "$1"
    json '.probe.error_code' "$2"
    # Whatever was answered, no part of the token is repeated.
    lacks "$out" "$(cut -c 1-24 token)"
    lacks "$out" "$(sed 's/.*\.//' token)"
    lacks "$err" "$(sed 's/.*\.//' token)"
}

# ---- it plays ----

mint --viewer-id v
expect 0 "$cli" doctor --json "${all[@]}"
probes 200 null
json .probe.message null
check probe ok
check revocation ok
contains "$out" 'this token was let in, just now, from here, without an Origin; that proves nothing of'
expect 0 "$cli" doctor --json --key 1.pem --channel "$channel" --token token
json .probe null
check probe not_checked
expect 0 "$cli" --debug doctor "${all[@]}"
contains "$err" "debug: request| GET $playback, its query left out"
lacks "$err" "$(sed 's/.*\.//' token)"
# The URL as the player has it, and the token beside one.
printf '%s?player_version=1&token=%s' "$playback" "$(cat token)" > asked.txt
expect 0 "$cli" doctor --json --key 1.pem --probe --playback-url - < asked.txt
probes 200 null
expect 0 "$cli" doctor --json --token token --probe --playback-url "$playback?a=b#c"
probes 200 null
# What it disproves is no problem any more.
notes token_other_key --key 2.pem --token token --probe
expect 0 env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY "$cli" doctor --json \
    --token token --probe --playback-url "$playback"
probes 200 null
contains "$out" 'whether a token was looked at is not known'
check service note
# What it does not disprove stays one.
claims "{\"aws:channel-arn\":\"$channel\",\"exp\":$(date +%s)000}"
concludes 3 exp_milliseconds 'token mint' "${all[@]}"
probes 200 null
mint --origin https://a.example
concludes 3 origin_mismatch 'token mint' "${all[@]}" --origin https://b.example
probes 403 invalid_playback_auth_token
mint --origin https://a.example --strict-origin
expect 0 "$cli" doctor --json "${all[@]}" --origin https://a.example
probes 200 null
contains "$out" 'with the Origin https://a.example'

# ---- a token for single use is not used up unasked ----

mint --single-use
notes single_use "${all[@]}"
json .probe null
contains "$out" '--probe=burn does'
notes single_use "${all[@]/%--probe/--probe=burn}"
probes 200 null
contains "$out" 'without an Origin, and is used up'
concludes 3 probe_used_or_revoked '--single-use' "${all[@]/%--probe/--probe=burn}" # P8
probes 403 playback_auth_error
cp token once
cut -d. -f 1-3 once | tr "[:upper:]" "[:lower:]" > token # not to be decoded
expect 3 "$cli" doctor --json "${all[@]}"
json .probe null
fails 2 'expected burn' "$cli" doctor --token once --probe=x

printf '%s?token=&token=%s' "$playback" "$(cat once)" > asked.txt
expect 0 "$cli" doctor --json --probe --playback-url - < asked.txt
json .probe null
contains "$out" '--probe=burn does'

# ---- 403 ----

concludes 3 probe_no_token "--playback-url $playback" --key 1.pem --channel "$channel" --probe # P3
probes 403 invalid_playback_auth_token
concludes 3 token_lost "--playback-url $playback" --probe --playback-url "$playback?token="
probes 403 invalid_playback_auth_token
printf 'abc' > token
concludes 3 segments 'token mint' "${all[@]}" # P3
json .probe.error_code invalid_playback_auth_token
expect 0 "$cli" token mint --key 2.pem --channel "$channel"
cp "$out" token
concludes 3 probe_other_key 'key list --keys .' --token token --probe
probes 403 invalid_playback_auth_token
mint --origin https://a.example --strict-origin
concludes 3 probe_no_origin '--origin https://a.example --ttl 5m' "${all[@]}" # P6
probes 403 invalid_playback_auth_token
mint --viewer-id gone
expect 0 "$cli" revoke viewer --channel "$channel" --viewer-id gone
concludes 3 probe_revoked '--viewer-id gone --viewer-version now' "${all[@]}"
PATH=$IVS_BUILD_DIR/bin:$PATH bash repair > token
expect 0 "$cli" doctor --json "${all[@]}"
probes 200 null
mint --ttl 5m
clock "{\"now_s\":$(($(date +%s) + 3600))}"
concludes 3 probe_expired 'token mint --key 1.pem' "${all[@]}"
clock '{}'

# ---- 404: also without credentials, which it does not take ----

stream "$channel" stop
concludes 1 stream_offline ListStreamKeys "${all[@]}" # P27
probes 404 transcode_does_not_exist
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
concludes 1 probe_offline GetStream --token token --probe --playback-url "$playback" # P27
credentials
stream "$channel" start

# ---- a public channel: nothing is said of the token ----

call CreateChannel '{}'
public=$(jq -r .channel.arn "$out")
stream "$public" start
concludes 1 channel_public_live StopStream --channel "$public" --probe
probes 200 null
contains "$out" 'no token was looked at'

call CreatePlaybackRestrictionPolicy '{"allowedCountries":["CH"]}'
policy=$(jq -r .playbackRestrictionPolicy.arn "$out")
call CreateChannel "{\"playbackRestrictionPolicyArn\":\"$policy\"}"
public=$(jq -r .channel.arn "$out")
stream "$public" start
concludes 1 probe_restricted "GetPlaybackRestrictionPolicy '{\"arn\":\"$policy\"}'" \
    --channel "$public" --probe
probes 403 playback_auth_error

# ---- answers that the emulator does not give ----

# answered NAME STATUS BODY: by whoever has the playback URL
answered()
{
    local api=$url

    answering "$1" "$2" application/json "$3"
    playback=$url/$path
    url=$api
}
asked=(--key 1.pem --channel "$channel" --token token --probe --playback-url)
answered gated 403 '[{"error":"gated\u001b[2J\u202e","error_code":"playback_gated"}]'
concludes 3 probe_refused 'token mint' "${asked[@]}" "$playback" # P4
probes 403 playback_gated
expect 3 "$cli" doctor "${asked[@]}" "$playback"
contains "$out" '403 playback_gated: gated\x1b[2J'
mint --origin https://a.example
answered lenient 200 '#EXTM3U'
concludes 3 origin_mismatch 'token mint' "${asked[@]}" "$playback" --origin https://b.example
probes 200 null
answered text 403 'origin required'
concludes 3 probe_no_origin 'token mint' "${asked[@]}" "$playback"
probes 403 null
answered echo 403 "[{\"error\":\"bad $(cat token)\"}]"
concludes 3 probe_refused 'token mint' "${asked[@]}" "$playback"
probes 403 null
contains "$out" 'not shown: it repeats the token'
call CreateChannel '{}'
public=$(jq -r .channel.arn "$out")
answered forbidden 403 Forbidden
concludes 1 channel_public UpdateChannel --channel "$public" --probe \
    --playback-url "${playback/${channel##*/}/${public##*/}}"
probes 403 null
json '[.checks[].findings[].code] | index("probe_failed") != null' true
answered broken 503 ''
concludes 1 probe_failed GetChannel "${asked[@]}" "$playback"
probes 503 null
answered page 200 '<html>'
concludes 1 probe_failed GetChannel "${asked[@]}" "$playback"
answered moved 302 ''
concludes 1 probe_failed GetChannel "${asked[@]}" "$playback"
contains "$out" 'a redirect (302), which is never followed'
concludes 7 probe_unreachable 'ivs-token --debug doctor' "${asked[@]}" "http://127.0.0.1:1/$path"
probes null null

# ---- where nothing is sent ----

expect 0 "$cli" doctor --json "${asked[@]}" "http://a.b.live-video.net/$path"
check probe not_checked
contains "$out" 'by plain http to a.b.live-video.net'
json .probe null
expect 3 "$cli" doctor --json "${all[@]}" --origin 'a b'
check probe not_checked
expect 1 "$cli" doctor --json --key 2.pem --probe
check probe not_checked
answering other script '200:{"keyPairs":[]}' \
    "200:{\"channel\":{\"authorized\":true,\"playbackUrl\":\"http://127.0.0.1:1/x\"}}" \
    '200:{"stream":{}}'
expect 0 "$cli" doctor --json --channel "$channel" --token token --probe --endpoint-url "$url"
contains "$out" 'a playback URL of another channel'

# ---- a signal ends it ----

answering silent hang
code=0
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
env --default-signal=INT "$cli" doctor --token token --probe \
    --playback-url "$url/$path" > "$out" 2> "$err" &
pid=$!
for _ in {1..300}; do
    [ "$(grep -c waiting "$tmp/silent.ready")" -lt 1 ] || break
    sleep 0.1
done
kill -s INT "$pid"
wait "$pid" || code=$?
[ "$code" = 130 ] || die "interrupted: exit code $code"
silent "$out"

# ---- the limit of concurrent views, of which a probe is one ----

credentials
emulator --no-quotas --viewer-limit 1
fresh '{"authorized":true}'
stream "$channel" start
expect 0 "$cli" key import --key 1.pub --name one
mint --viewer-id v
all=(--key 1.pem --channel "$channel" --token token --probe)
expect 0 "$cli" doctor "${all[@]}"
concludes 1 viewer_limit ListStreams "${all[@]}"
json .probe.status 429
