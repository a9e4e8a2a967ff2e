#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What --json prints has the members that ivs-token(1) lists, and no other: for
# every command that the program has. The examples of the page do what it says.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# COMMAND, a tab, and the members of its document in the order of the alphabet;
# nothing where the page describes it in words.
python3 - "$IVS_SOURCE_DIR/tools/ivs-token/ivs-token.1" > page << 'EOT'
import re
import sys

text = open(sys.argv[1], encoding='ascii').read()
section = text.split('\n.Sh OUTPUT FORMAT\n')[1].split('\n.Sh ')[0]


def members(block):
    """The strings of the outer object that are no values."""
    found, depth, name = [], 0, False
    for token in re.findall(r'"[^"]*"|[][{}:,]', block):
        if token in '{[':
            depth += token == '{' or depth > 0
        elif token in '}]':
            depth -= token == '}' or depth > 1
        elif depth == 1 and token[0] == '"' and name:
            found.append(token[1:-1])
        name = token in '{,'
    return sorted(found)


waiting = []
for item in re.split(r'^\.It Ic ', section, flags=re.M)[1:]:
    command, _, body = item.partition('\n')
    waiting.append(command)
    if not body.strip():
        continue
    block = re.search(r'^\.Bd -literal -compact\n(.*?)^\.Ed', body, re.M | re.S)
    for command in waiting:
        print(command, ' '.join(members(block.group(1)) if block else []),
              sep='\t')
    waiting = []
EOT

# document WORDS... -- ARGUMENTS...: the members of the document, of the first
# object where it is a list
document()
{
    local words='' listed

    while [ "$1" != -- ]; do
        words+=${words:+ }$1
        shift
    done
    shift
    # shellcheck disable=SC2086 # two words
    expect 0 "$cli" $words --json "$@"
    echo "$words" >> shown
    listed=$(sed -n "s/^$words\t//p" page)
    [ -z "$listed" ] ||
        json 'if type == "array" then .[0] else . end | keys | join(" ")' \
            "$listed"
}

emulator --no-quotas
expect 0 "$cli" api call CreateChannel '{"name":"c","authorized":true}'
channel=$(jq -r .channel.arn "$out")

document key generate -- --out k.pem
document key show -- --key k.pem
document key export -- --key k.pem --format jwk
document key import -- --key k.pem --name demo --tag a=b
arn=$(jq -r .arn "$out")
document key list --
document key get -- "$arn"
document key match -- --key k.pem
document key rotate -- --old "$arn" --out next.pem --name next --dry-run
document token mint -- --key k.pem --channel "$channel" --viewer-id v
jq -j .token "$out" > token
document token verify -- --key k.pem token
document token inspect -- token
document revoke viewer -- --channel "$channel" --viewer-id v --up-to-version 1
printf '%s,v\n' "$channel" > rows
document revoke batch -- rows --job rows.job
document revoke status -- --job rows.job
document doctor -- --key k.pem
document credentials --
document api list --
document api describe -- GetChannel
document api call -- GetChannel "{\"arn\":\"$channel\"}"
for form in bash zsh fish json; do
    document completion $form --
done
document key delete -- --yes "$arn"

# examples PAGE NUMBER: so many, each in a file of its own
examples()
{
    local found

    rm -f example.*
    awk '/^\.Sh/ { on = $2 == "EXAMPLES" }
        on && /^\.Bd/ { file = sprintf("example.%02d", ++n); next }
        /^\.Ed/ { file = "" }
        file { gsub(/\\e/, "\\"); print > file }' "$IVS_SOURCE_DIR/$1"
    found=(example.*)
    [ ${#found[@]} = "$2" ] || die "$1: ${#found[@]} examples"
}

# example NUMBER: run it in a shell of its own
example()
{
    expect 0 bash -euo pipefail "example.0$1"
}

PATH=$IVS_BUILD_DIR/bin:$PATH
export channel
export url=https://a.b.live-video.net/api/video/v1/us-west-2.000000000000.channel.${channel##*/}.m3u8
cp rows viewers.csv
examples tools/ivs-token/ivs-token.1 8
example 1
contains "$out" arn:aws:ivs:us-west-2:000000000000:playback-key/
example 2
contains "$out" "$url?token=ey"
example 3
jq -rs 'map(.viewerId) | join(" ")' "$out" > viewers
is viewers 'anna ben'
expect 0 "$cli" token mint --key viewer-key.pem --channel "$channel" \
    --origin https://example.com
cp "$out" token.jwt
example 4
contains "$out" 'origin     ok'
# Nothing is streamed.
expect 1 bash -euo pipefail example.05
contains "$out" 'conclusion  stream_offline'
example 6
contains "$err" 'revoked viewer viewer-1, sessions up to version'
example 7
contains "$err" '1 acknowledged, 0 failed, 0 not done'
contains "$out" 'acknowledged  1'
example 8
json '.channels | map(.name) | join(" ")' c

examples tools/ivs-emulator/ivs-emulator.1 6
# shellcheck disable=SC2016 # of that shell
echo 'kill $!' >> example.01
AWS_ENDPOINT_URL='' example 1
json .channel.name demo
# shellcheck disable=SC2016 # of that shell
sed -i 's/seed.json$/& -- "$IVS_TOKEN" api call ListChannels/' example.02
IVS_TOKEN=$cli AWS_ENDPOINT_URL='' example 2
tail -n +2 "$out" > seeded
jq -e '.channels[0].arn | endswith("/abcdEFGH1234")' seeded
# Both serve until they are ended; what the first example left is not waited for.
rm ready
# shellcheck disable=SC2016 # of that shell
sed -i 's/^ivs-emulator --/ivs-emulator --port 0 --/; s/^ivs-emulator.*/& > ready \&/
    /ready &$/a until [ -s ready ]; do sleep 0.1; done
    s|https://localhost:8787|$(jq -r .url ready)|; s/curl/curl -sS/
    s/^$/kill $!; rm ready/; $a kill $!' example.03
sed -i 's/--port 0 --unix/--unix/' example.03
AWS_DEFAULT_REGION=us-west-2 AWS_ENDPOINT_URL='' example 3
jq -se '.[0].channels == [] and .[1].status == "ok"' "$out"
sed -i "s|http://127.0.0.1:8787|$AWS_ENDPOINT_URL|; s/curl/curl -sS --noproxy '*'/" \
    example.04 example.06
example 4
json '.faults | length' 1
curl -sS --noproxy '*' -X DELETE "$AWS_ENDPOINT_URL/_/faults" > "$out"
expect 0 "$cli" api call CreateChannel '{}'
arn=$(jq -r .channel.arn "$out")
export arn
sed -i 's/--ladder [^ ]*/--ladder 160p/; s/ffplay/ffprobe -v error -show_streams/' \
    example.05
AWS_ENDPOINT_URL_IVS=$AWS_ENDPOINT_URL example 5
contains "$out" codec_name=h264
expect 0 ivs-emulator stream stop --channel "$arn" --url "$AWS_ENDPOINT_URL"
example 6
json .offset_s 600

# The page has a form for each command, and each was looked at.
expect 0 "$cli" completion json
jq -r '.commands[].words | join(" ")' "$out" | LC_ALL=C sort > commands
LC_ALL=C sort shown | diff - commands > "$out" ||
    die 'commands looked at here (<), and those that there are (>)'
cut -f 1 page | LC_ALL=C sort | diff - commands > "$out" ||
    die 'commands with a form in the page (<), and those that there are (>)'
[ "$(grep -c $'\t.' page)" -gt 10 ] || die 'the page was not understood'
