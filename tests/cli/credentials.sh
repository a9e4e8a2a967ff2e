#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# credentials: what is printed, in both forms, and how it fails. The sources
# themselves: tests/integration/credentials_chain.py.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

fails_with_report()
{
    expect 4 "${@:2}"
    contains "$err" "$1"
}

# none at all: a sentence, and a line for each source
fails_with_report 'no credentials: AWS_ACCESS_KEY_ID is not set' \
    "$cli" credentials
[ "$(wc -l < "$out")" = 11 ] || die 'not one line for each source'
grep -q '^environment  *not configured: AWS_ACCESS_KEY_ID is not set$' "$out" ||
    die 'the environment'
fails_with_report 'no credentials: ' "$cli" credentials --json
json .found false
json .accessKeyId null
json .sessionToken null
json '.chain | length' 11
json '.chain[10].reason' 'AWS_EC2_METADATA_DISABLED is true'

# the environment
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=long-secret-of-the-test
expect 0 "$cli" credentials
contains "$out" 'AKIDEXAMPLE'
grep -q '^session token  no$' "$out" || die 'a session token'
grep -q '^expires  *never$' "$out" || die 'an expiry'
grep -q '^environment  *used$' "$out" || die 'not used'
lacks "$out" long-secret
silent "$err"
AWS_SESSION_TOKEN=long-token-of-the-test \
    AWS_CREDENTIAL_EXPIRATION=2099-01-02T03:04:05Z expect 0 "$cli" credentials --json
json .found true
json .source environment
json .accessKeyId AKIDEXAMPLE
json .sessionToken true
json .expiration 2099-01-02T03:04:05Z
json .error null
json '.chain[0].state' used
json '.chain[1].state' not_reached
lacks "$out" long-secret
lacks "$out" long-token

# a profile asked for by name comes before it
mkdir "$HOME/.aws"
printf '[profile ops]\naws_access_key_id = OPS\naws_secret_access_key = s\n' \
    > "$HOME/.aws/config"
expect 0 "$cli" credentials --profile ops --json
json .accessKeyId OPS
json '.chain[0].state' skipped
json '.chain[0].reason' 'a profile is asked for by name'
fails_with_report 'no profile "none" in the shared files; there are: ops' \
    "$cli" credentials --profile none

# one word is the whole command
fails 2 'one argument too many: show' "$cli" credentials show
fails 2 'did you mean credentials?' "$cli" credential
expect 0 "$cli" credentials --help
contains "$out" 'usage: ivs-token credentials [options]'
expect 0 "$cli" help credentials
contains "$out" 'Show which AWS credentials are used, and why.'

# a process may ask on the terminal; its words are no line of a shell
cat > ask << 'TEXT'
#!/bin/sh
[ "$*" = '$HOME; x' ] || exit 3
printf 'Code? ' > /dev/tty
read -r code < /dev/tty
printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"s"}' "$code"
TEXT
chmod +x ask
# shellcheck disable=SC2016 # nothing expands it, which is the point
printf '[profile ask]\ncredential_process = %s "$HOME; x"\n' "$PWD/ask" \
    > "$HOME/.aws/config"
python3 "$here/ask.py" 'Code? ' CODE42 "$cli" credentials --profile ask \
    > "$out" || die 'asked on the terminal'
contains "$out" 'CODE42'
# AWS_PROFILE names the profile, AWS_DEFAULT_PROFILE does not
fails_with_report 'no profile "none"' env AWS_PROFILE=none "$cli" credentials
expect 0 env AWS_DEFAULT_PROFILE=none "$cli" credentials

# settings that every other command would end with
AWS_PROFILE=none fails_with_report 'no profile "none" in the shared files' \
    "$cli" credentials
grep -q '^environment  *used$' "$out" || die 'the report is missing'
for n in 01 02 03 04 05 06 07 08 09 10 11 12; do
    printf '[profile with-a-long-name-%s]\nregion = us-west-2\n' "$n"
done > "$HOME/.aws/config"
fails_with_report 'with-a-long-name-06, ...' "$cli" credentials --profile none
printf '[default]\nno sign\n' > "$HOME/.aws/config"
fails_with_report 'config:2: ' "$cli" credentials
