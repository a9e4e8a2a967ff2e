#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ivs-emulator as a program: options, exit codes, the ready line, signals, and
# a database that outlives it.
set -euo pipefail
emulator=$IVS_BUILD_DIR/bin/ivs-emulator
tmp=$(mktemp -d)
pid=
finish()
{
    if [ -n "$pid" ]; then
        kill -9 "$pid" 2> /dev/null || true
    fi
    rm -rf "$tmp"
}
trap finish EXIT
cd "$tmp"

die()
{
    printf '%s\n' "$*" >&2
    head -n 40 out err log >&2 2> /dev/null || true
    exit 1
}

# expect CODE COMMAND...: stdout to out, stderr to err.
expect()
{
    local want=$1 code=0

    shift
    timeout 20 "$@" > out 2> err < /dev/null || code=$?
    [ $code -eq "$want" ] || die "exit code $code, expected $want: $*"
}

# holds FILE TEXT: the file has that text.
holds()
{
    grep -qF -- "$2" "$1" || die "'$2' is not in $1"
}

empty()
{
    [ ! -s "$1" ] || die "$1 is not empty"
}

# start OPTION...: in the background; $url is where it listens.
start()
{
    : > ready
    "$emulator" "$@" > ready 2> log < /dev/null &
    pid=$!
    for _ in $(seq 100); do
        [ ! -s ready ] || break
        kill -0 $pid 2> /dev/null || break
        sleep 0.1
    done
    [ -s ready ] || die 'no ready line'
    url=$(jq -er .url ready)
}

# stop SIGNAL: it must end with 0.
stop()
{
    local code=0

    kill "-$1" "$pid"
    wait "$pid" || code=$?
    pid=
    [ $code -eq 0 ] || die "exit code $code after $1, expected 0"
}

# --- usage ---
expect 0 "$emulator" --help
holds out '--secret-access-key-file FILE'
empty err
expect 0 "$emulator" --version
holds out 'ivs-emulator 0.'
for wrong in --nonsense --por -p extra '' --port= --port=x --port=65536 \
    --port=-1 --port=+1 --host= --quiet=yes --session-seconds=1h \
    --session-seconds=-1 --viewer-limit=2147483648 --viewer-limit= \
    --viewer-country=d --viewer-country=deu --viewer-country=d1 \
    --explain=1 --session-seconds=0 '--access-key-id=a b' \
    --access-key-id=a/b "--access-key-id=$(printf '%0129d' 0)"; do
    expect 2 "$emulator" "$wrong"
    empty out
    [ "$(wc -l < err)" -eq 1 ] || die "more than a line about '$wrong'"
done
expect 2 "$emulator" --port
holds err 'a value is missing for --port'
expect 2 "$emulator" --port=65536
holds err '--port is "65536", expected a number from 0 to 65535'
expect 2 "$emulator" --viewer-country deu
holds err '--viewer-country is "deu", expected two letters'
expect 2 "$emulator" --session-seconds 0
holds err '--session-seconds is "0", expected a number from 1 to 2147483647'
expect 2 "$emulator" --access-key-id 'a b'
holds err '--access-key-id is "a b", expected at most 128 letters, digits and _'
expect 2 "$emulator" stream begin
holds err 'expected start or stop after stream, not begin'
expect 2 "$emulator" stream start
holds err 'a channel is missing, expected --channel ARN'
expect 2 "$emulator" stream start --channel a --ladder=
holds err 'a value is missing for --ladder'

# --- what keeps it from starting ---
expect 1 "$emulator" --port 0 --host no-such-host.invalid
holds err 'cannot resolve host no-such-host.invalid'
expect 1 "$emulator" --port 0 --db "$tmp/no/such/folder/file"
holds err 'no/such/folder/file'
expect 1 "$emulator" --port 0 --secret-access-key-file missing
holds err 'missing'
printf 'one\ntwo\n' > two-lines
: > nothing
for file in two-lines nothing; do
    expect 1 "$emulator" --port 0 --secret-access-key-file $file
    holds err "$file does not hold one line"
done
for words in --help --version; do
    code=0
    "$emulator" $words > /dev/full 2> err || code=$?
    [ $code -eq 1 ] || die "exit code $code with a full stdout, expected 1"
    holds err 'cannot write to stdout: No space left on device'
done
code=0
"$emulator" --port 0 > /dev/full 2> err || code=$?
[ $code -eq 1 ] || die "exit code $code with a full stdout, expected 1"
holds err 'cannot write the ready line'

# --- ready line, one port, quiet ---
start --port 0 --quiet
jq -e '.ready == true and .host == "127.0.0.1" and .port > 0 and
    .accessKeyId == "test"' ready > /dev/null || die 'the ready line is wrong'
[ "$(wc -l < ready)" -eq 1 ] || die 'the ready line is more than a line'
port=$(jq -r .port ready)
expect 1 "$emulator" --port "$port"
holds err "cannot listen on 127.0.0.1 port $port"
holds err 'try --port 0 for a free one'
expect 0 curl -fsS "$url/_/health"
jq -e '.status == "ok"' out > /dev/null || die 'it is not well'
stop TERM
empty log

start --port 0 --host ::1
case $url in
'http://[::1]:'*) ;;
*) die "$url is not on ::1" ;;
esac
expect 0 curl -fsS -g "$url/_/health"
holds log ' 200 GET /_/health'
stop INT

# --- the database ---
start --port 0 --db state.db --no-quotas
[ "$(stat -c %a state.db)" = 600 ] || die 'others may read the database'
for file in state.db-*; do
    [ ! -e "$file" ] || [ "$(stat -c %a "$file")" = 600 ] ||
        die "others may read $file"
done
expect 1 "$emulator" --port 0 --db state.db
holds err 'is another ivs-emulator using it?'
python3 - "$url" > arn << 'TEXT'
import json, os, sys
sys.path.insert(0, os.path.join(os.environ['IVS_SOURCE_DIR'],
                                'tests/integration'))
from emulator import sign
import urllib.request
url = sys.argv[1]
headers = sign('POST', '/CreateChannel', url.split('//')[1], b'{}')
request = urllib.request.Request(url + '/CreateChannel', b'{}', headers)
print(json.load(urllib.request.urlopen(request))['channel']['arn'])
TEXT
channel=$(sed 's/.*://; s,/,.,' arn)
path=/api/video/v1/us-west-2.000000000000.$channel.m3u8
expect 22 curl -fsS "$url$path"
printf '{"channelArn":"%s","action":"start"}' "$(cat arn)" > start.json
expect 0 curl -fsS -d @start.json "$url/_/streams"
expect 0 curl -fsS "$url$path"
variant=$(grep -m 1 '^http://' out)
# An end without warning loses nothing.
kill -9 "$pid"
wait "$pid" 2> /dev/null || true
start --port 0 --db state.db
expect 0 curl -fsS "$url$path"
expect 0 curl -fsS "$url/${variant#http://*/}"
# A file of schema version 3, where only its document told when a stream began.
expect 0 curl -fsS "$url/_/streams?channelArn=$(cat arn)"
began=$(jq -r .startTime out)
stop TERM
python3 -c 'import sqlite3
old = sqlite3.connect("state.db")
old.executescript("DROP INDEX session_stream;"
                  "ALTER TABLE stream DROP COLUMN start_s;"
                  "ALTER TABLE session DROP COLUMN start_s;"
                  "PRAGMA user_version = 3")'
start --port 0 --db state.db
stop TERM
test "$(python3 -c 'import sqlite3
print(sqlite3.connect("state.db").execute(
    "SELECT start_s FROM stream").fetchone()[0])')" = "$(date -d "$began" +%s)" ||
    die 'the start of the stream was not taken from its document'
# A file of schema version 1, of when there were no streams: its resources stay.
python3 -c 'import sqlite3
old = sqlite3.connect("state.db")
old.executescript("DROP INDEX session_stream;"
                  "ALTER TABLE session DROP COLUMN start_s;"
                  "ALTER TABLE session DROP COLUMN stream; DROP TABLE cue;"
                  "DROP TABLE stream; PRAGMA user_version = 1")'
start --port 0 --db state.db
expect 22 curl -fsS "$url$path"
expect 22 curl -fsS "$url/${variant#http://*/}"
expect 0 curl -fsS -d @start.json "$url/_/streams"
expect 0 curl -fsS "$url$path"
expect 0 curl -fsS -X POST "$url/_/reset"
expect 22 curl -fsS "$url$path"
stop TERM
start --port 0 --db state.db
expect 22 curl -fsS "$url$path"
stop TERM

head -c 4096 /dev/zero | tr '\0' x > text
expect 1 "$emulator" --port 0 --db text
holds err 'text'
python3 -c 'import sqlite3
sqlite3.connect("foreign.db").execute("CREATE TABLE t(a)")
new = sqlite3.connect("state.db")
new.execute("PRAGMA user_version = 99")
new.commit()'
expect 1 "$emulator" --port 0 --db foreign.db
holds err 'is a database of another program'
expect 1 "$emulator" --port 0 --db state.db
holds err 'schema version 99, expected 1 to 6'

# --- another secret, from a file ---
printf 'wJalrXUtnFEMI\n' > secret
start --port 0 --access-key-id AKIDEXAMPLE --secret-access-key-file secret
jq -e '.accessKeyId == "AKIDEXAMPLE"' ready > /dev/null ||
    die 'the ready line does not tell the access key id'
python3 - "$url" << 'TEXT'
import os, sys
sys.path.insert(0, os.path.join(os.environ['IVS_SOURCE_DIR'],
                                'tests/integration'))
from emulator import sign
import urllib.error, urllib.request
url = sys.argv[1]
for secret, want in (('wJalrXUtnFEMI', 200), ('test', 403)):
    headers = sign('POST', '/ListChannels', url.split('//')[1], b'{}',
                   key='AKIDEXAMPLE', secret=secret)
    request = urllib.request.Request(url + '/ListChannels', b'{}', headers)
    try:
        got = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        got = error.code
    assert got == want, (got, want)
TEXT
stop TERM
[ "$(grep -c wJalrXUtnFEMI ready log)" = "$(printf 'ready:0\nlog:0')" ] ||
    die 'the secret was printed'
