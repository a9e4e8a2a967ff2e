#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The AWS command line against ivs-emulator, with the operations that Debian's
# version of it knows: revocation is not among them.
set -euo pipefail
if ! command -v aws > /dev/null; then
    echo 'the aws command is not installed'
    exit 77
fi
tmp=$(mktemp -d)
pid=
finish()
{
    if [ -n "$pid" ]; then
        kill "$pid" 2> /dev/null || true
        wait "$pid" 2> /dev/null || true
    fi
    rm -rf "$tmp"
}
trap finish EXIT
cd "$tmp"
for name in $(compgen -e AWS_); do
    unset "$name"
done
export HOME=$tmp AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' AWS_MAX_ATTEMPTS=1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_DEFAULT_REGION=us-west-2 AWS_REGION=us-west-2

die()
{
    printf '%s\n' "$*" >&2
    head -n 40 out err log >&2 2> /dev/null || true
    exit 1
}

# ivs CODES ARGUMENT...: an IVS command with JSON on stdout, in out.
ivs()
{
    local want=$1 code=0

    shift
    aws --endpoint-url "$url" --output json ivs "$@" > out 2> err \
        < /dev/null || code=$?
    [[ " $want " = *" $code "* ]] || die "exit code $code, expected $want: $*"
}

# is FILTER: a condition on out.
is()
{
    jq -e "$1" out > /dev/null || die "it does not hold that $1"
}

# refused NAME ARGUMENT...: the service's error has that name.
refused()
{
    local name=$1

    shift
    ivs '254 255' "$@" # version 2, version 1
    grep -q "($name)" err || die "the error is not $name: $*"
}

"$IVS_BUILD_DIR/bin/ivs-emulator" --port 0 > ready 2> log < /dev/null &
pid=$!
for _ in $(seq 100); do
    [ ! -s ready ] || break
    sleep 0.1
done
url=$(jq -er .url ready)

# --- channels ---
ivs 0 create-channel --name first --authorized --tags team=video,empty=
is '.channel.authorized and .channel.name == "first" and
    .channel.type == "STANDARD" and .channel.latencyMode == "LOW" and
    .channel.tags == {"team":"video","empty":""}'
is '.streamKey.channelArn == .channel.arn'
is '.streamKey.value | startswith("sk_us-west-2_")'
arn=$(jq -r .channel.arn out)
playback=$(jq -r .channel.playbackUrl out)
jq -S .channel out > created
jq -S .streamKey out > created-key
ivs 0 get-channel --arn "$arn"
jq -S .channel out | cmp -s - created || die 'the channel changed'
ivs 0 create-channel --name second --latency-mode NORMAL --type BASIC
is '.channel.authorized == false and .channel.latencyMode == "NORMAL"'
ivs 0 create-channel
ivs 0 list-channels --filter-by-name second
is '[.channels[].name] == ["second"]'
ivs 0 list-channels --page-size 1
is '[.channels[].name] == ["first","second",""]'
ivs 0 batch-get-channel --arns "$arn" "${arn%/*}/zzzzzzzzzzzz"
is '[.channels[].arn] == ["'"$arn"'"] and (.errors | length) == 1'
ivs 0 update-channel --arn "$arn" --name renamed --no-authorized
is '.channel.name == "renamed" and .channel.authorized == false'
ivs 0 update-channel --arn "$arn" --authorized
is '.channel.name == "renamed" and .channel.authorized'
refused ResourceNotFoundException get-channel --arn "${arn%/*}/zzzzzzzzzzzz"
refused AccessDeniedException get-channel \
    --arn "${arn/:000000000000:/:123456789012:}"
refused ValidationException get-channel --arn nonsense
refused ValidationException create-channel --name 'white space'
refused ValidationException list-channels --starting-token nonsense
refused ResourceNotFoundException create-channel --recording-configuration-arn \
    "${arn%channel/*}recording-configuration/abcdABCDefgh"

# --- key pairs ---
for name in a b c d; do
    openssl ecparam -name secp384r1 -genkey -noout -out $name.pem
    openssl pkey -in $name.pem -pubout -out $name.pub
done
ivs 0 import-playback-key-pair --name a --tags k=v \
    --public-key-material file://a.pub
fingerprint=$(openssl pkey -pubin -in a.pub -outform DER | openssl md5 -c)
is '.keyPair.fingerprint == "'"${fingerprint##* }"'" and
    .keyPair.tags == {"k":"v"} and .keyPair.name == "a"'
pair=$(jq -r .keyPair.arn out)
ivs 0 get-playback-key-pair --arn "$pair"
is '.keyPair.fingerprint == "'"${fingerprint##* }"'"'
sleep 1
refused ConflictException import-playback-key-pair \
    --public-key-material file://a.pub
refused ValidationException import-playback-key-pair \
    --public-key-material file://a.pem
sleep 1
ivs 0 import-playback-key-pair --public-key-material file://b.pub
ivs 0 import-playback-key-pair --public-key-material file://c.pub
sleep 1
refused ServiceQuotaExceededException import-playback-key-pair \
    --public-key-material file://d.pub
ivs 0 list-playback-key-pairs
is '(.keyPairs | length) == 3 and
    (.keyPairs | all(has("fingerprint") | not))'
AWS_DEFAULT_REGION=eu-west-1 AWS_REGION=eu-west-1 ivs 0 \
    list-playback-key-pairs
is '.keyPairs == []'

# --- stream keys ---
key=$(jq -r .arn created-key)
ivs 0 get-stream-key --arn "$key"
jq -S .streamKey out | cmp -s - created-key ||
    die 'the stream key changed'
ivs 0 batch-get-stream-key --arns "$key" "${key%/*}/zzzzzzzzzzzz"
is '[.streamKeys[].arn] == ["'"$key"'"] and .errors[0].code == "404"'
ivs 0 list-stream-keys --channel-arn "$arn"
is '(.streamKeys | length) == 1 and (.streamKeys[0] | has("value") | not)'
refused ServiceQuotaExceededException create-stream-key --channel-arn "$arn"
ivs 0 delete-stream-key --arn "$key"
refused ResourceNotFoundException get-stream-key --arn "$key"
ivs 0 create-stream-key --channel-arn "$arn" --tags a=b
is '.streamKey.tags == {"a":"b"} and .streamKey.channelArn == "'"$arn"'"'

# --- recording configurations ---
ivs 0 create-recording-configuration --name keep --tags a=b \
    --destination-configuration 's3={bucketName=my-bucket}'
is '.recordingConfiguration.state == "ACTIVE" and
    .recordingConfiguration.destinationConfiguration.s3.bucketName ==
        "my-bucket"'
recording=$(jq -r .recordingConfiguration.arn out)
ivs 0 get-recording-configuration --arn "$recording"
is '.recordingConfiguration.name == "keep"'
ivs 0 list-recording-configurations
is '[.recordingConfigurations[].arn] == ["'"$recording"'"]'
ivs 0 update-channel --arn "$arn" --recording-configuration-arn "$recording"
is '.channel.recordingConfigurationArn == "'"$recording"'"'
ivs 0 list-channels --filter-by-recording-configuration-arn "$recording"
is '[.channels[].arn] == ["'"$arn"'"]'
refused ConflictException delete-recording-configuration --arn "$recording"
ivs 0 update-channel --arn "$arn" --recording-configuration-arn ''
ivs 0 delete-recording-configuration --arn "$recording"
sleep 1
refused ResourceNotFoundException get-recording-configuration \
    --arn "$recording"

# --- tags ---
ivs 0 tag-resource --resource-arn "$arn" \
    --tags '{"k":"v","cost center":"ä+b/c"}'
ivs 0 list-tags-for-resource --resource-arn "$arn"
is '.tags == {"team":"video","empty":"","k":"v","cost center":"ä+b/c"}'
ivs 0 untag-resource --resource-arn "$arn" --tag-keys 'cost center' k absent
ivs 0 get-channel --arn "$arn"
is '.channel.tags == {"team":"video","empty":""}'
refused ResourceNotFoundException list-tags-for-resource \
    --resource-arn "${arn%/*}/zzzzzzzzzzzz"

# --- streams ---
for operation in get-stream stop-stream; do
    refused ChannelNotBroadcasting $operation --channel-arn "$arn"
done
refused ChannelNotBroadcasting put-metadata --channel-arn "$arn" --metadata x
refused ResourceNotFoundException get-stream-session --channel-arn "$arn"
# stream ACTION: what an encoder does
stream()
{
    curl -fsS -o out -d "{\"channelArn\":\"$arn\",\"action\":\"$1\"}" \
        "$url/_/streams" || die "cannot $1 the stream"
}
stream start
ivs 0 get-stream --channel-arn "$arn"
is '.stream.state == "LIVE" and .stream.health == "HEALTHY" and
    .stream.viewerCount == 0'
id=$(jq -r .stream.streamId out)
ivs 0 list-streams --filter-by health=HEALTHY
is '[.streams[].streamId] == ["'"$id"'"]'
ivs 0 list-streams --filter-by health=STARVING
is '.streams == []'
ivs 0 put-metadata --channel-arn "$arn" --metadata '{"goal":1}'
ivs 0 get-stream-session --channel-arn "$arn" --stream-id "$id"
is '.streamSession.channel.arn == "'"$arn"'" and
    (.streamSession | has("endTime") | not)'
sleep 1
refused ConflictException update-channel --arn "$arn" --name live
refused ConflictException delete-channel --arn "$arn"

# --- playback, until its key goes ---
play()
{
    local want=$1 got

    shift
    got=$(curl -sS -o out -w '%{http_code}' "$@")
    [ "$got" = "$want" ] || die "playback was answered $got, expected $want"
}
play 403 "$playback"
if [ -x "$IVS_BUILD_DIR/bin/ivs-token" ]; then
    "$IVS_BUILD_DIR/bin/ivs-token" token mint --key a.pem --channel "$arn" \
        > viewer-token
    play 200 "$playback?token=$(cat viewer-token)"
fi
ivs 0 delete-playback-key-pair --arn "$pair"
if [ -x "$IVS_BUILD_DIR/bin/ivs-token" ]; then
    play 403 "$playback?token=$(cat viewer-token)"
fi
refused ResourceNotFoundException get-playback-key-pair --arn "$pair"

# --- the end of the stream ---
ivs 0 stop-stream --channel-arn "$arn"
ivs 0 list-stream-sessions --channel-arn "$arn"
is '(.streamSessions | length) == 1 and .streamSessions[0].endTime and
    .streamSessions[0].hasErrorEvent == false'
ivs 0 update-channel --arn "$arn" --no-authorized
play 404 "$playback"
stream start
play 200 "$playback"
stream stop

# --- who is not known ---
AWS_SECRET_ACCESS_KEY=wrong refused InvalidSignatureException list-channels
AWS_ACCESS_KEY_ID=nobody refused UnrecognizedClientException list-channels
AWS_SESSION_TOKEN=session ivs 0 list-channels
ivs 0 delete-channel --arn "$arn"
refused ResourceNotFoundException get-channel --arn "$arn"
play 404 "$playback"

# --- one line of somebody's CI: settings and profiles lead nowhere else ---
printf '[default]\nregion = eu-west-1\nignore_configured_endpoint_urls = true\n' \
    > config
code=0
# shellcheck disable=SC2016 # for the inner shell
AWS_CONFIG_FILE=$tmp/config AWS_PROFILE=none AWS_SESSION_TOKEN=old \
    HTTP_PROXY=http://127.0.0.1:1 AWS_ACCESS_KEY_ID=real \
    "$IVS_BUILD_DIR/bin/ivs-emulator" --quiet -- sh -c '
        aws --output json ivs create-channel --name ci > /dev/null &&
        aws --output json ivs list-channels' > out 2> err || code=$?
[ $code -eq 0 ] || die "exit code $code of aws beneath the emulator"
is '[.channels[].name] == ["ci"]'
