# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of doctor share.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# concludes CODE CAUSE REPAIR ARGUMENT...: the conclusion, and a command with
# REPAIR in it
concludes()
{
    expect "$1" "$cli" doctor --json "${@:4}"
    json .cause "$2"
    json .good false
    jq -r .repair "$out" > repair
    contains repair "$3"
}

# notes CODE ARGUMENT...: nothing is wrong, but this is said
notes()
{
    expect 0 "$cli" doctor --json "${@:2}"
    json .good true
    json "[.checks[].findings[] | select(.code == \"$1\" and .result == \"note\")] | length" 1
}

# check NAME RESULT: of the last report
check()
{
    json ".checks[] | select(.check == \"$1\") | .result" "$2"
}

stream()
{
    curl -sS --noproxy '*' -o "$tmp/stream" \
        -d "{\"channelArn\":\"$1\",\"action\":\"$2\"}" "$AWS_ENDPOINT_URL/_/streams"
}

call()
{
    expect 0 "$cli" api call "$@"
}

# fresh CHANNEL_INPUT: a channel; its ARN is $channel
fresh()
{
    call CreateChannel "$1"
    channel=$(jq -r .channel.arn "$out")
}

# keys NAME...: private keys NAME.pem with their public halves NAME.pub
keys()
{
    local name

    for name in "$@"; do
        expect 0 "$cli" key generate --out "$name.pem" --public-out "$name.pub"
    done
}

mint()
{
    expect 0 "$cli" token mint --key 1.pem --channel "$channel" "$@"
    cp "$out" token
}

# claims CLAIMS [HEADER] [der]: a token that mint would not make
claims()
{
    python3 "$here/doctor_token.py" 1.pem "$@" > token
}
