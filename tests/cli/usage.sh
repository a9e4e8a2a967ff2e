#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The command line: options, help, output, signals.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
key_arn=arn:aws:ivs:us-west-2:123456789012:playback-key/abcd

# Without a command: short help, and not on stdout.
expect 2 "$cli"
silent "$out"
contains "$err" 'usage: ivs-token'
contains "$err" 'token mint'

expect 0 "$cli" --version
grep -qE '^ivs-token [0-9]+\.[0-9]+\.[0-9]+$' "$out" || die 'version'
silent "$err"

# Help goes to stdout and is made from the rows.
for words in 'token mint --help' '--help token mint' 'help token mint' \
    'token mint -h --key'; do
    [ "$words" != 'token mint -h --key' ] || continue
    # shellcheck disable=SC2086 # several words
    expect 0 "$cli" $words
    silent "$err"
    contains "$out" 'usage: ivs-token token mint --key FILE'
    contains "$out" '--single-use[=UUID]'
    contains "$out" '--region REGION'
done
commands=('key generate' 'key show' 'key export' 'key import' 'key list'
    'key get' 'key delete' 'key match' 'token mint' 'token verify'
    'token inspect' 'revoke viewer' 'revoke batch' 'api list' 'api describe'
    'api call' 'completion bash' 'completion zsh' 'completion fish'
    'completion json')
# The overview: a line for each command, the global options, no more.
for words in help --help; do
    expect 0 "$cli" "$words"
    for command in "${commands[@]}"; do
        [ "$(grep -c "^  $command  *[A-Z]" "$out")" = 1 ] || die "$command"
    done
    contains "$out" '--region REGION'
    contains "$out" 'Exit codes: 0 done'
    lacks "$out" '--viewer-id'
    [ "$(wc -l < "$out")" -le 60 ] || die 'the overview is no overview'
done
# The details, by noun and by verb, within 80 columns.
narrow()
{
    if awk 'length > 80 { exit 1 }' "$out"; then
        return
    fi
    die 'a line of help is longer than 80 columns'
}
expect 0 "$cli" --help
narrow
for command in "${commands[@]}"; do
    # shellcheck disable=SC2086 # two words
    expect 0 "$cli" $command --help
    contains "$out" "usage: ivs-token $command"
    narrow
    # shellcheck disable=SC2086
    expect 0 "$cli" ${command% *} --help
    contains "$out" "usage: ivs-token $command"
    narrow
done
expect 0 "$cli" key --help
contains "$out" 'usage: ivs-token key match'
lacks "$out" 'usage: ivs-token token mint'
expect 0 "$cli" key delete --help
contains "$out" 'It asks first; without a terminal it needs'

# Words and options that are not there.
fails 2 'unknown command kye; did you mean key?' "$cli" kye list
fails 2 'unknown command key lst; did you mean key list?' "$cli" key lst
fails 2 'unknown command version; did you mean --version?' "$cli" version
fails 2 'unknown command help; did you mean --help?' "$cli" help help
fails 2 'unknown command key help, expected key generate, ' "$cli" key help
contains "$err" 'try ivs-token key --help'
fails 2 'the word after key is missing, expected generate, show, ' "$cli" key
fails 2 'the word after api is missing, expected list, describe or call' "$cli" api
fails 2 'one argument too many: k.pem; is it for --key?' "$cli" key show k.pem
fails 2 'one argument too many: b.pem' "$cli" key show --key k.pem b.pem
lacks "$err" 'is it for'
fails 2 'unknown command api get, expected api list, describe or call' "$cli" api get
contains "$err" 'try ivs-token api --help'
fails 2 'the command is missing' "$cli" --json
fails 2 'unknown option --chanel; did you mean --channel?' \
    "$cli" token mint --chanel "$arn"
contains "$err" 'try ivs-token token mint --help'
fails 2 'unknown option --zzz' "$cli" token mint --zzz=1
fails 2 'unknown option --key' "$cli" api list --key k.pem
lacks "$err" 'did you mean' # which is not --yes
fails 2 'unknown option -q' "$cli" token mint -q
fails 2 'unknown option --key' "$cli" --key k.pem token mint
fails 2 'unknown option --chan; did you mean --channel?' \
    "$cli" token mint --chan "$arn" # no abbreviations
fails 2 'unknown option -kk.pem' "$cli" token mint -kk.pem

# Values.
fails 2 '--key: the value FILE is missing' "$cli" token mint --key
fails 2 '--key: the value FILE is missing' "$cli" token mint --key --json
fails 2 '--json takes no value' "$cli" key list --json=yes
fails 2 '--key is given twice' "$cli" token mint --key a --key b
fails 2 '--region is given twice' "$cli" --region a key list --region b
fails 2 'the option --key FILE is missing' "$cli" token mint --channel "$arn"
fails 2 'the option --out FILE is missing' "$cli" key generate
fails 2 'the argument ARN is missing' "$cli" key get
fails 2 'one argument too many: b' "$cli" api describe GetChannel b
fails 2 'one argument too many: --b' "$cli" api describe GetChannel -- --b
fails 2 '--key: found "", expected the name of a file' \
    "$cli" token mint --key= --channel "$arn"
fails 2 'expected an integer from 0' \
    "$cli" revoke viewer --channel "$arn" --viewer-id v --up-to-version=-1
fails 2 'expected UTF-8 text' \
    "$cli" revoke viewer --channel "$arn" --viewer-id $'a\xff'
fails 2 'expected a duration such as 90s, 5m or 1h, at most 24855d' \
    "$cli" token mint --key k --channel "$arn" --ttl 5x
fails 2 'expected a duration such as 90s, 5m or 1h, at most 24855d' \
    "$cli" token mint --key k --channel "$arn" --ttl 99999999999999999999s
fails 2 'expected a duration of at least' \
    "$cli" token mint --key k --channel "$arn" --ttl 0
for time in 2026-02-30T00:00:00Z 2026-01-01T00:00:00 2026-13-01T00:00:00Z \
    2026-01-01T24:00:00Z tomorrow 1.5 99999999999999999999 \
    2026-01-01T00:00:00+0100; do
    fails 2 'expected seconds since 1970 or a time' \
        "$cli" token mint --key k --channel "$arn" --expires-at "$time"
done
fails 2 'is no Amazon IVS ARN' "$cli" key get not-an-arn
fails 2 'expected the ARN of a playback key pair' "$cli" key get "$arn"
fails 2 'expected the ARN of a channel' \
    "$cli" token mint --key k --channel "$key_arn"

# What is typed by mistake is not repeated.
fails 2 'expected the name of a file' "$cli" token verify --key k eyJhbGciOi.e30.c2ln
lacks "$err" eyJ
fails 2 'expected the name of a file' \
    "$cli" key show --key='-----BEGIN PRIVATE KEY-----xyz'
lacks "$err" xyz
fails 2 'one argument too many' "$cli" api describe GetChannel eyJhbGciOi.e30.c2ln
lacks "$err" eyJ

# Both places of a global option, and '--'.
expect 0 "$cli" --json api describe GetChannel
json .name GetChannel
expect 0 "$cli" api describe --json -- GetChannel
json .method POST

# stdout that cannot be written.
if [ -w /dev/full ]; then
    for words in 'api list' 'api list --json' '--version' 'help'; do
        # shellcheck disable=SC2086,SC2016
        expect 1 bash -c '"$@" > /dev/full' full "$cli" $words
        contains "$err" 'cannot write to standard output: No space left'
    done
fi
# shellcheck disable=SC2016
expect 1 bash -c '"$@" >&-' closed "$cli" api list
contains "$err" 'cannot write to standard output: Bad file descriptor'
# shellcheck disable=SC2016
expect 1 bash -c 'set -o pipefail
    { sleep 1; "$@"; } | true' pipe "$cli" api list
contains "$err" 'cannot write to standard output: Broken pipe'

# Control bytes of an argument do not reach the terminal.
fails 2 'unknown command a\x1b[31mb' "$cli" $'a\x1b[31mb'
fails 2 'unknown option --\xe2\x80\xae' "$cli" key list $'--\xe2\x80\xae'
fails 2 'unknown option --\xe2\x81\xa2a' "$cli" key list $'--\xe2\x81\xa2a'
fails 2 'unknown option --\xf3\xa0\x81\xa1a' "$cli" key list $'--\xf3\xa0\x81\xa1a'

# The engine.
fails 4 'IVS_TOKEN_ENGINE: found "fast", expected openssl or gnutls' \
    env IVS_TOKEN_ENGINE=fast "$cli" key generate --out k.pem
[ ! -e k.pem ] || die 'k.pem was made'
expect 0 env IVS_TOKEN_ENGINE=openssl "$cli" key generate --out k.pem
expect 0 env IVS_TOKEN_ENGINE=openssl "$cli" key show --key k.pem
contains "$out" 'engine       openssl'

# Signals end a call that waits, and say so by the exit code.
credentials
answering hang hang
for signal in INT TERM HUP; do
    env --default-signal="$signal" "$cli" key list --region us-west-2 \
        --endpoint-url "$url" > "$out" 2> "$err" &
    pid=$!
    for _ in {1..300}; do
        [ "$(grep -c waiting "$tmp/hang.ready")" -lt 1 ] || break
        sleep 0.1
    done
    kill -s "$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    case $signal in INT) want=130 ;; TERM) want=143 ;; HUP) want=129 ;; esac
    [ "$code" = "$want" ] || die "SIG$signal: exit code $code"
    silent "$out"
    : > "$tmp/hang.ready"
done
# And one that waits for its input.
mkfifo fifo
env --default-signal=TERM "$cli" revoke batch - < fifo > "$out" 2> "$err" &
pid=$!
exec 9> fifo
sleep 0.5
kill -s TERM "$pid"
code=0
wait "$pid" || code=$?
exec 9>&-
[ "$code" = 143 ] || die "waiting for input: exit code $code"

# Colour on a terminal only, and not where NO_COLOR or --no-color say so.
color()
{
    script -qec "$1" /dev/null < /dev/null > "$out" || true
}
color "'$cli' kye"
contains "$out" $'\x1b['
color "NO_COLOR=1 '$cli' kye"
lacks "$out" $'\x1b['
color "'$cli' --no-color api describe GetChanel"
lacks "$out" $'\x1b['
