#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# key import, list, get, delete, match and api, against the emulator; services
# that are not there, or not the service.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# Configuration: nothing, half, a region that is none.
fails 4 'none in profile default of ' "$cli" key list
contains "$err" '  give --region, or set AWS_REGION or the profile'
fails 4 'credentials' "$cli" key list --region us-west-2
fails 4 'AWS_SECRET_ACCESS_KEY' \
    env AWS_ACCESS_KEY_ID=x "$cli" key list --region us-west-2
fails 4 'ops' "$cli" key list --region us-west-2 --profile ops
contains "$err" '  its section is [profile NAME] in the config file'
credentials
fails 4 'region' "$cli" key list --region 'not a region'
printf '[default]\nregion = not one\n' > config
fails 4 'region "not one" from region of profile default in config' \
    env AWS_CONFIG_FILE=config "$cli" key list
fails 4 'http' "$cli" key list --region us-west-2 --endpoint-url http://192.0.2.1
fails 4 'AWS_USE_FIPS_ENDPOINT is "1", expected true or false' \
    env AWS_USE_FIPS_ENDPOINT=1 "$cli" key list --region us-west-2
fails 4 'AWS_RETRY_MODE is "often"' \
    env AWS_RETRY_MODE=often "$cli" key list --region us-west-2
fails 4 'AWS_SDK_UA_APP_ID is "a b"' \
    env AWS_SDK_UA_APP_ID='a b' "$cli" key list --region us-west-2
fails 4 'cannot read the CA bundle none.pem: No such file' \
    "$cli" key list --region us-west-2 --ca-bundle none.pem
fails 4 'AWS_MAX_ATTEMPTS is "11", expected a number from 1 to 10' \
    env AWS_MAX_ATTEMPTS=11 "$cli" key list --region us-west-2
fails 2 '--ca-bundle: found "", expected the name of a file' \
    "$cli" key list --ca-bundle=

fails 4 'cannot read the CA bundle missing.pem' \
    "$cli" key list --region us-west-2 --ca-bundle missing.pem
fails 4 'cannot read' env AWS_CONFIG_FILE="$tmp" "$cli" key list

# Nobody listens.
fails 7 'cannot connect to 127.0.0.1:1' \
    "$cli" key list --region us-west-2 --endpoint-url http://127.0.0.1:1
# The wrong answers: HTML, a redirect, JSON that is none, a refusal.
answering html 200 text/html '<html><body>Sign in to the network</body></html>'
fails 5 'text/html' "$cli" api call GetStream '{"channelArn":"arn:aws:ivs:us-west-2:123456789012:channel/a"}' \
    --region us-west-2 --endpoint-url "$url"
lacks "$err" '<html>'
answering gateway 502 text/html '<html>'
fails 5 '502' "$cli" key list --region us-west-2 --endpoint-url "$url"
answering moved 301 text/plain ''
fails 5 '301' "$cli" key list --region us-west-2 --endpoint-url "$url"
answering broken 200 application/json '{"keyPairs": ['
fails 5 'JSON' "$cli" key list --region us-west-2 --endpoint-url "$url"
answering shape 200 application/json '{"keyPairs": 5}'
expect 5 "$cli" key list --region us-west-2 --endpoint-url "$url"
answering ansi 403 application/json \
    '{"__type":"AccessDeniedException","message":"no \u001b[31m way\u009b"}'
fails 5 'no \x1b[31m way\xc2\x9b' \
    "$cli" key list --region us-west-2 --endpoint-url "$url"

# Plain http leaves loopback where it is allowed to; 0.0.0.0 is no loopback
# address, and leads to one.
answering plain 200 application/json '{"keyPairs": []}'
fails 4 'only loopback hosts' \
    "$cli" key list --region us-west-2 --endpoint-url "${url/127.0.0.1/0.0.0.0}"
contains "$err" '  to allow it: --allow-http'
expect 0 "$cli" key list --region us-west-2 --allow-http \
    --endpoint-url "${url/127.0.0.1/0.0.0.0}"

# ---- the emulator ----
# Quick calls one after the other are not what is tested here.
emulator --no-quotas

# api
expect 0 "$cli" api list
[ "$(wc -l < "$out")" = 41 ] || die 'not all operations are listed'
grep -q '^UntagResource  *DELETE /tags/{resourceArn}$' "$out" || die 'a row'
expect 0 "$cli" api list --json
json length 41
expect 0 "$cli" api describe ImportPlaybackKeyPair
contains "$out" 'publicKeyMaterial'
contains "$out" 'required'
fails 2 'did you mean GetChannel?' "$cli" api describe GetChanel
fails 2 'did you mean GetChannel?' "$cli" api call GetChanel
expect 0 "$cli" api call CreateChannel '{"name":"one","authorized":true}'
json .channel.name one
channel=$(jq -r .channel.arn "$out")
printf '{"arn":"%s"}' "$channel" > input.json
expect 0 "$cli" api call GetChannel @input.json
json .channel.arn "$channel"
expect 0 "$cli" api call GetChannel - --json < input.json
json .channel.arn "$channel"
expect 0 "$cli" api call ListChannels
json '.channels | length' 1
for n in two three; do
    expect 0 "$cli" api call CreateChannel "{\"name\":\"$n\"}"
done
expect 0 "$cli" api call ListChannels '{"maxResults":2}'
json '.channels | length' 2
json '.nextToken | type' string
expect 0 "$cli" api call ListChannels '{"maxResults":2}' --paginate
json '.channels | length' 3
json '.channels | map(.name) | sort | join(" ")' 'one three two'
json 'has("nextToken")' false
expect 0 "$cli" api call ListPlaybackKeyPairs --paginate
json '.keyPairs | length' 0
for more in '' --paginate; do
    # shellcheck disable=SC2086 # nothing, or an option
    fails 2 'not a JSON object' "$cli" api call ListChannels '[]' $more
    # shellcheck disable=SC2086
    fails 2 'not well-formed JSON at line 1, column 8' \
        "$cli" api call ListChannels '{"name":' $more
done
fails 2 'arn' "$cli" api call GetChannel '{}'
contains "$err" 'ivs-token api describe GetChannel'
fails 2 'colour' "$cli" api call GetChannel \
    '{"arn":"arn:aws:ivs:us-west-2:123456789012:channel/a","colour":1}'
# What stands on the command line is an argument; what a file holds is not.
fails 2 'the input has the member "arn" twice, at line 1, column 16' \
    "$cli" api call GetChannel '{"arn":"a","arn":"b"}'
fails 2 'JSON' "$cli" api call GetChannel input.json
contains "$err" 'to send what is in a file, put @ before its name: @input.json'
fails 2 'JSON' "$cli" api call ListChannels none.json
contains "$err" '@none.json'
fails 2 'found @ alone, expected the name of a file' \
    "$cli" api call ListChannels @
printf '{\n"arn":}' > bad.json
fails 1 'the input in bad.json is not well-formed JSON at line 2, column 7' \
    "$cli" api call GetChannel @bad.json
fails 2 'not well-formed JSON' "$cli" api call GetChannel "$channel"
contains "$err" "such as '{\"arn\":\"$channel\"}'"
fails 1 'not well-formed JSON at line 2' "$cli" api call GetChannel - < bad.json
fails 1 'cannot open none.json' "$cli" api call GetChannel @none.json
fails 5 'ResourceNotFoundException' "$cli" api call GetChannel \
    "{\"arn\":\"${channel%/*}/missing12345\"}"
contains "$err" 'request id'
fails 5 'InvalidSignatureException' env AWS_SECRET_ACCESS_KEY=wrong "$cli" key list
contains "$err" 'or the request was changed after it was signed.'
lacks "$err" 'canonical'
lacks "$err" AWS4wrong
expect 0 "$cli" --debug key list
contains "$err" 'ivs-token: debug: '
lacks "$err" 'Signature=0'

# import: a private file, a public one, and what comes back.
for n in 1 2 3 4; do
    expect 0 "$cli" key generate --out "$n.pem" --public-out "$n.pub"
done
expect 0 "$cli" key import --key 1.pem --name first --tag team=video --tag a=b=c
first=$(cat "$out")
case $first in arn:aws:ivs:us-west-2:*:playback-key/*) ;; *) die 'no ARN' ;; esac
expect 0 "$cli" key import --key - --name second --json < 2.pub
json .name second
second=$(jq -r .arn "$out")
fails 5 'ConflictException' "$cli" key import --key 1.pub --name again
contains "$err" 'ivs-token key match --key 1.pub'
fails 2 '--tag: found "x", expected NAME=VALUE' \
    "$cli" key import --key 3.pem --name third --tag x
fails 2 '--tag: a is given twice' \
    "$cli" key import --key 3.pem --name third --tag a=1 --tag a=2
fails 2 'name' "$cli" key import --key 3.pem --name 'no spaces'
openssl ecparam -name prime256v1 -genkey -noout -out p256.pem
fails 1 'P-384' "$cli" key import --key p256.pem --name third

# get, list, match
expect 0 "$cli" key get "$first"
contains "$out" "$first"
contains "$out" 'team=video'
contains "$out" 'a=b=c'
expect 0 "$cli" key show --json --key 1.pem
print=$(jq -r .fingerprint "$out")
expect 0 "$cli" key get "$first" --json
json .fingerprint "$print"
expect 0 "$cli" key list
[ "$(wc -l < "$out")" = 2 ] || die 'expected two rows'
contains "$out" "$print"
contains "$err" '2 of 3 key pairs in us-west-2, account 000000000000'
expect 0 "$cli" key list --json
json .quota 3
json '.keyPairs | length' 2
# Which file is whose: the private one before the public one.
mkdir keys keys/below
cp 1.pem keys/b.pem
cp 1.pem keys/a.pem
cp 2.pub keys/two.pub
cp 4.pem keys/below/
cp input.json keys/no.key
mkfifo keys/pipe
printf 'a secret' > pass
expect 0 "$cli" key list --keys keys
contains "$out" "$first	$print	first	keys/a.pem"
grep -q "^$second	.*	second	keys/two.pub$" "$out" || die 'the public key'
lacks "$err" notice
contains "$err" '2 of 3 key pairs'
expect 0 "$cli" key list --keys keys/ --json
json ".keyPairs[] | select(.arn == \"$first\") | .private_key_file" keys/a.pem
json ".keyPairs[] | select(.arn == \"$first\") | .public_key_file" null
json ".keyPairs[] | select(.arn == \"$second\") | .private_key_file" null
json ".keyPairs[] | select(.arn == \"$second\") | .public_key_file" keys/two.pub
expect 0 "$cli" key list --keys keys/below
grep -q "	-$" "$out" || die 'no file is a dash'
expect 0 "$cli" key export --key 2.pem --format pkcs8 --passphrase-file pass
cp "$out" keys/sealed.pem
expect 0 "$cli" key list --keys keys
contains "$err" 'keys/sealed.pem'
contains "$err" 'passphrase'
expect 0 "$cli" key list --keys keys --passphrase-file pass
grep -q "^$second	.*	second	keys/sealed.pem$" "$out" || die 'the sealed key'
fails 1 'cannot read the directory none: No such file' "$cli" key list --keys none
fails 1 'cannot read the directory 1.pem: Not a directory' "$cli" key list --keys 1.pem

expect 0 "$cli" key match --key 1.pub
is "$out" "$first"
expect 0 "$cli" key match --key 2.pem --json
json .arn "$second"
fails 1 'none of the key pairs in us-west-2 (2 of 3) has the fingerprint' \
    "$cli" key match --key 4.pem

# Three is all there is.
expect 0 "$cli" key import --key 3.pem --name third
fails 5 'has 3 of 3 key pairs already' "$cli" key import --key 4.pem --name no
contains "$err" "$first first"
contains "$err" "$second second"
contains "$err" 'third'
contains "$err" 'remove one with ivs-token key delete ARN'
contains "$err" 'ivs-token key rotate replaces a pair'

# delete asks, and does not without a terminal.
fails 2 'Without a terminal nobody can be asked, so it needs --yes' \
    "$cli" key delete "$second" < /dev/null
fails 2 'With --no-input nobody is asked, so it needs --yes' \
    "$cli" key delete "$second" --no-input
expect 0 "$cli" key get "$second"
expect 0 "$cli" key delete "$second" --yes
silent "$out"
fails 5 'ResourceNotFoundException' "$cli" key get "$second"
contains "$err" '  ivs-token key list shows the key pairs of the region'
expect 0 "$cli" key delete --yes --json "$first"
json .deleted "$first"
expect 0 env AWS_REGION=eu-west-1 "$cli" key list
is "$err" 'ivs-token: 0 of 3 key pairs in eu-west-1'
expect 0 "$cli" key list
contains "$err" '1 of 3 key pairs'

# On a terminal it asks, and waits for the answer with the question in sight.
on_terminal()
{
    python3 "$here/ask.py" 'makes every token signed with it useless. [y/N] ' \
        "$1" "$cli" key delete "$first"
}
expect 0 "$cli" key import --key 1.pem --name first
first=$(cat "$out")
code=0
on_terminal n > "$out" || code=$?
[ "$code" = 1 ] || die "no is no: $code"
contains "$out" 'nothing was done'
on_terminal y > "$out"
contains "$out" "deleted $first"

# Regions: the ARN's where nothing else says one, and never another.
fails 2 "of region us-west-2, but --region is eu-west-1" \
    "$cli" key get "$first" --region eu-west-1
contains "$err" '  leave --region away, or give --region us-west-2'
for name in AWS_REGION AWS_DEFAULT_REGION; do
    fails 2 "of region us-west-2, but $name is eu-west-1" \
        env -u AWS_REGION "$name=eu-west-1" "$cli" key get "$first"
    contains "$err" "  give --region us-west-2, or set $name to it"
done
expect 5 env -u AWS_REGION "$cli" key get "$first"

# Answers that are not what they should be: no result is made of them.
pair=arn:aws:ivs:us-west-2:000000000000:playback-key/x
answering nothing 200 application/json '{}'
fails 5 'the answer to GetPlaybackKeyPair has no keyPair' \
    "$cli" key get "$pair" --endpoint-url "$url"
answering numbers 200 application/json '{"keyPairs":[5]}'
fails 5 'no keyPairs with ARNs' "$cli" key list --endpoint-url "$url"
fails 5 'no keyPairs with ARNs' "$cli" key match --key 1.pem --endpoint-url "$url"
answering number 200 application/json '{"keyPairs":[],"channels":[],"nextToken":5}'
fails 5 'nextToken' "$cli" key list --endpoint-url "$url"
fails 5 'nextToken' "$cli" api call ListChannels --paginate --endpoint-url "$url"
long=$(printf 'x%.0s' {1..1025})
answering long 200 application/json "{\"keyPairs\":[],\"channels\":[],\"nextToken\":\"$long\"}"
fails 5 'nextToken' "$cli" key list --endpoint-url "$url"
fails 5 'nextToken' "$cli" api call ListChannels --paginate --endpoint-url "$url"
answering same 200 application/json '{"keyPairs":[],"nextToken":"x"}'
fails 5 'gave the same nextToken twice' "$cli" key list --endpoint-url "$url"
# Who may not read the fingerprints cannot be told that none fits.
answering secret script 200:"{\"keyPairs\":[{\"arn\":\"$pair\"}]}" \
    403:'{"__type":"AccessDeniedException","message":"no"}'
fails 5 'cannot tell' "$cli" key match --key 1.pem --endpoint-url "$url"

# A service that signs for another key than the one it was sent.
other='{"keyPair":{"arn":"arn:aws:ivs:us-west-2:000000000000:playback-key/x","fingerprint":"00"},"keyPairs":[]}'
answering other 200 application/json "$other"
fails 1 'the service says the fingerprint is "00"' \
    "$cli" key import --key 4.pem --name n --endpoint-url "$url"

# A stdout that takes nothing: what was done is said, for it stays done.
# undone CODE SENTENCE ARGUMENT...
undone()
{
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "$cli" "${@:2}"
    contains "$err" 'cannot write to standard output'
    contains "$err" "$1"
}
if [ -w /dev/full ]; then
    undone 'was imported; ivs-token key match --key 1.pem finds it again' \
        key import --key 1.pem --name first
    expect 0 "$cli" key match --key 1.pem
    first=$(cat "$out")
    undone "$first was deleted" key delete --json --yes "$first"
    undone 'the key is in full.pem' key generate --out full.pem
    undone 'viewer v was revoked' revoke viewer --json --channel "$channel" \
        --viewer-id v --up-to-version 1
    undone 'CreateChannel was carried out' api call CreateChannel '{}'
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "$cli" api call ListChannels
    lacks "$err" 'carried out'
fi

# No answer: it may have been done.
# lost HINT STEPS ARGUMENT...
lost()
{
    # shellcheck disable=SC2086 # several steps
    answering lost script $2
    expect 7 env AWS_MAX_ATTEMPTS=1 "$cli" "${@:3}" --endpoint-url "$url"
    contains "$err" "it may or may not have been carried out; $1"
}
lost 'to send it again does no harm' drop: revoke viewer --channel "$channel" \
    --viewer-id v --up-to-version 1
lost 'look with ivs-token key match --key 2.pem' '200:{"keyPairs":[]} drop:' \
    key import --key 2.pem --name n
lost 'look with ivs-token key list' drop: key delete --yes "$second"
lost 'look before you send it again' drop: api call CreateChannel '{}'
lost 'to send it again does no harm' drop: api call StartViewerSessionRevocation \
    "{\"channelArn\":\"$channel\",\"viewerId\":\"v\"}"
answering lost script drop:
expect 7 env AWS_MAX_ATTEMPTS=1 "$cli" key list --endpoint-url "$url"
lacks "$err" 'may not have been'
expect 7 "$cli" key delete --yes "$second" --endpoint-url http://127.0.0.1:1
lacks "$err" 'may not have been'
