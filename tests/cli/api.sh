#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# api describe, call --skeleton, --no-validate and --paginate; wrong input in
# every form.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

export AWS_REGION=us-west-2
arn=arn:aws:ivs:us-west-2:123456789012
channel=$arn:channel/abcdABCDefgh

# ---- what needs no credentials ----

# A table for people.
expect 0 "$cli" api describe UntagResource
contains "$out" 'UntagResource  DELETE /tags/{resourceArn}'
contains "$out" '  answers 200, without a body or with an object'
contains "$out" '  safe to repeat'
grep -qE '^  resourceArn +string +required  in the path  1 to 128 characters' \
    "$out" || die 'a member of the path'
grep -qE '^  tagKeys +list of string +required  in the query  0 to 50 elements' \
    "$out" || die 'a member of the query'
expect 0 "$cli" api describe BatchStartViewerSessionRevocation
grep -qE '^    viewerSessionVersionsLessThanOrEqualTo +integer +optional  from 0$' \
    "$out" || die 'a nested member'
expect 0 "$cli" api describe CreateChannel
grep -qE '^  latencyMode +string +optional  NORMAL \| LOW$' "$out" || die 'an enum'
contains "$out" 'answers 200, an object with channel'
contains "$out" 'not repeated after a lost answer'
expect 0 "$cli" api describe ListStreamKeys
contains "$out" 'pages of streamKeys: nextToken leads to the next, maxResults is their size'
expect 0 "$cli" api describe BatchGetChannel
contains "$out" 'answers 200, an object'

# The same for programs.
expect 0 "$cli" api describe DeletePlaybackKeyPair --json
json .answer.empty true
json .answer.result null
expect 0 "$cli" api describe ListChannels --json
json .answer.result channels
json .paginator.input nextToken
json '.members | map(.name) | index("maxResults") != null' true

# Skeletons: valid JSON, and refused as they are, each at a placeholder.
expect 0 "$cli" api list --json
cp "$out" list.json
while read -r name; do
    expect 0 "$cli" api call "$name" --skeleton
    json type object
    cp "$out" skeleton.json
    expect 2 env AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y \
        "$cli" api call "$name" @skeleton.json
    contains "$err" "is the placeholder '<"
    contains "$err" "ivs-token api describe $name"
done < <(jq -r '.[].name' list.json)
expect 0 "$cli" api call StartViewerSessionRevocation --skeleton
json .viewerId '<required: text of 1 to 40 characters>'
json .channelArn '<required: ARN of a channel>'
json .viewerSessionVersionsLessThanOrEqualTo 0
expect 0 "$cli" api call CreateChannel --skeleton
json .latencyMode '<optional: NORMAL | LOW>'
json .authorized false
fails 2 'did you mean GetChannel?' "$cli" api call GetChanel --skeleton
fails 2 '--skeleton: nothing is sent, so there is no input' \
    "$cli" api call GetChannel '{}' --skeleton
fails 2 'there is no --paginate' "$cli" api call ListChannels --skeleton --paginate
fails 2 'there is no --no-validate' \
    "$cli" api call ListChannels --skeleton --no-validate

fails 2 '--paginate: GetChannel has no pages' \
    "$cli" api call GetChannel --paginate '{}'
contains "$err" 'these have: ListAdConfigurations, ListChannels, ListPlaybackKeyPairs,'
contains "$err" ', ListStreams'

# ---- wrong input sends nothing ----
credentials
export AWS_ENDPOINT_URL=http://127.0.0.1:1 # nobody listens: 7 if it were sent

# refused TEXT OPERATION INPUT
refused()
{
    fails 2 "$1" "$cli" api call "$2" "$3"
}
refused 'arn is missing, expected a string' GetChannel '{}'
refused 'arn is an integer, expected a string' GetChannel '{"arn":7}'
refused "did you mean 'arn'?" GetChannel '{"Arn":"x"}'
refused 'has the member "arn" twice' GetChannel '{"arn":"a","arn":"b"}'
refused 'the ARN of a playback-key, expected that of a channel' \
    GetChannel "{\"arn\":\"$arn:playback-key/abcdABCDefgh\"}"
refused 'arn is of region eu-west-1, but the call goes to region us-west-2' \
    GetChannel "{\"arn\":\"${channel/us-west-2/eu-west-1}\"}"
contains "$err" 'choose that region with --region'
contains "$err" 'to leave the check to the service: --no-validate'
refused 'viewerSessions has 21 elements, expected at most 20' \
    BatchStartViewerSessionRevocation \
    "$(jq -nc --arg c "$channel" '{viewerSessions: [range(21) | {channelArn: $c, viewerId: "v\(.)"}]}')"
refused 'tags has 51 members, expected at most 50' TagResource \
    "$(jq -nc --arg c "$channel" '{resourceArn: $c, tags: ([range(51) | {key: "k\(.)", value: "v"}] | from_entries)}')"
expect 7 "$cli" api call GetChannel "{\"arn\":\"${channel/123456789012/999999999999}\"}"

# Left to the service, it is sent; but a request has to be made of it.
expect 7 "$cli" api call GetChannel '{"arn":7,"new":true}' --no-validate
expect 7 "$cli" api call ListChannels '{"maxResults":101}' --paginate --no-validate
fails 2 'resourceArn is no text' "$cli" api call TagResource '{}' --no-validate
lacks "$err" '--no-validate'
fails 2 'not a JSON object' "$cli" api call GetChannel '[]' --no-validate
fails 2 'has the member "arn" twice' \
    "$cli" api call GetChannel '{"arn":"a","arn":"b"}' --no-validate

# ---- answers ----
answering empty 200 application/json ''
expect 5 "$cli" api call GetChannel "{\"arn\":\"$channel\"}" --endpoint-url "$url"
contains "$err" 'the answer to GetChannel is empty, expected a JSON object'
silent "$out"
expect 0 "$cli" api call StopStream "{\"channelArn\":\"$channel\"}" --endpoint-url "$url"
is "$out" '{}'
answering lacking 200 application/json '{"keyPair":{}}'
fails 5 'the answer to CreateChannel has no channel, expected an object' \
    "$cli" api call CreateChannel '{}' --endpoint-url "$url"
fails 5 'the answer to ListChannels has no array channels' \
    "$cli" api call ListChannels --endpoint-url "$url"

# ---- pages ----

# One document, an element a line, in ASCII.
answering pages script '200:{"channels":[{"name":"a"},{"name":"\u00fc\u007f"}],"nextToken":"t"}' \
    '200:{"channels":[]}'
expect 0 "$cli" api call ListChannels --paginate --endpoint-url "$url"
printf '{\n  "channels": [\n    {"name": "a"},\n    {"name": "\\u00FC\\u007f"}\n  ]\n}\n' > want
cmp want "$out" || die 'the pages in one document'
answering none 200 application/json '{"channels":[]}'
expect 0 "$cli" api call ListChannels --paginate --endpoint-url "$url"
json '.channels | length' 0

# A failure behind the first page leaves a document without an end.
answering broken script '200:{"channels":[{"name":"a"}],"nextToken":"t"}' \
    '403:{"__type":"AccessDeniedException"}'
expect 5 "$cli" api call ListChannels --paginate --endpoint-url "$url"
contains "$err" 'page 2: ListChannels: 403 AccessDeniedException'
contains "$out" '{"name": "a"}'
code=0
jq . "$out" > /dev/null 2>&1 || code=$?
[ "$code" != 0 ] || die 'half a list passes for a whole one'

# Tokens without end, one and several.
answering again 200 application/json '{"channels":[],"nextToken":"x"}'
expect 5 "$cli" api call ListChannels --paginate --endpoint-url "$url"
contains "$err" 'page 2: the service gave the same nextToken twice'
page='200:{"channels":[],"nextToken":"'
answering round script "${page}a\"}" "${page}b\"}" "${page}c\"}" "${page}a\"}" \
    "${page}b\"}" "${page}c\"}" "${page}a\"}"
expect 5 "$cli" api call ListChannels --paginate --endpoint-url "$url"
contains "$err" 'gave the same nextToken twice'

# A stdout that takes nothing ends it after one page.
if [ -w /dev/full ]; then
    answering full script "${page}a\"}"
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full \
        "$cli" api call ListChannels --paginate --endpoint-url "$url"
    contains "$err" 'cannot write to standard output'
fi

# Memory does not grow with the pages: each of these is a megabyte.
cat > many.py <<'PY'
import http.server

text = "x" * 1000
sent = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global sent
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent += 1
        token = '"nextToken":"%d",' % sent if sent < 100 else ""
        body = "{%s\"channels\":[%s]}" % (
            token, ",".join('{"name":"%s"}' % text for _ in range(900)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
PY
start many python3 many.py
url=$(head -n 1 "$tmp/many.ready")
cat > measure.py <<'PY'
import resource
import subprocess
import sys

count = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True).stdout
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(count.count(b'"name"'), peak)
PY
read -r elements peak < <(python3 measure.py \
    "$cli" api call ListChannels --paginate --endpoint-url "$url")
[ "$elements" = 90000 ] || die "$elements elements, expected 90000"
# The list is 90 MB; sanitizers keep freed memory, and are not measured.
if ! grep -q 'IVS_SANITIZE:STRING=.' "$IVS_BUILD_DIR/CMakeCache.txt"; then
    [ "$peak" -lt 60000 ] || die "$peak KiB for pages of 1 MB"
fi

# ---- nothing is not {} ----
: > empty.json
fails 1 'the input is empty, expected a JSON object' "$cli" api call CreateChannel @empty.json
fails 1 'the input is empty, expected a JSON object' \
    bash -c '"$@" < empty.json' bash "$cli" api call CreateChannel -
fails 2 'the input is empty, expected a JSON object' "$cli" api call ListChannels ''
