# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the scripts of this directory share: expect and its relatives, a fresh
# directory, a service that is started and ended by its process id.
set -euo pipefail

# shellcheck disable=SC2034 # used by the scripts
cli=$IVS_BUILD_DIR/bin/ivs-token
here=$IVS_SOURCE_DIR/tests/cli
tmp=$(mktemp -d)
out=$tmp/out
err=$tmp/err
pids=()

# Nothing of the caller's configuration counts.
while IFS= read -r name; do
    unset "$name"
done < <(compgen -e | grep -E '^(AWS_|IVS_TOKEN_|NO_COLOR$|https?_proxy$|HTTPS?_PROXY$)' || true)
export HOME=$tmp/home
export AWS_EC2_METADATA_DISABLED=true
mkdir "$HOME" "$tmp/work"
cd "$tmp/work"

finish()
{
    local pid

    for pid in ${pids[@]+"${pids[@]}"}; do
        kill "$pid" 2> /dev/null || true
        wait "$pid" 2> /dev/null || true
    done
    rm -rf "$tmp"
}
trap finish EXIT

die()
{
    printf '%s\n' "$*" >&2
    printf -- '--- stdout\n' >&2
    cat -v "$out" >&2 || true
    printf -- '--- stderr\n' >&2
    cat -v "$err" >&2 || true
    exit 1
}

# expect CODE COMMAND...: run it and insist on its exit code. What it printed is
# in $out and $err, and never holds a control byte or a private key.
expect()
{
    local want=$1 code=0

    shift
    "$@" > "$out" 2> "$err" || code=$?
    [ "$code" = "$want" ] || die "exit code $code, expected $want: $*"
    if LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n\t' < "$out") ||
        LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n' < "$err"); then
        die "a control byte in the output: $*"
    fi
    if grep -qE -e '-----BEGIN|MI[GH][A-Za-z0-9]AgE' "$err"; then
        die "a private key on stderr: $*"
    fi
}

# fails CODE TEXT COMMAND...: it fails with a sentence that has TEXT in it, and
# without a result.
fails()
{
    local want=$1 text=$2

    shift 2
    expect "$want" "$@"
    [ ! -s "$out" ] || die "a result in spite of the failure: $*"
    grep -q '^ivs-token: ' "$err" || die "no sentence on stderr: $*"
    grep -qF -e "$text" "$err" || die "stderr lacks \"$text\": $*"
}

# contains FILE TEXT, lacks FILE TEXT, is FILE TEXT (the whole of it)
contains()
{
    grep -qF -e "$2" "$1" || die "$1 lacks \"$2\""
}

lacks()
{
    if grep -qF -e "$2" "$1"; then
        die "$1 has \"$2\""
    fi
}

is()
{
    [ "$(cat "$1")" = "$2" ] || die "$1 is not \"$2\""
}

# silent FILE: nothing in it
silent()
{
    [ ! -s "$1" ] || die "$1 is not empty"
}

# json FILTER VALUE: what the filter finds in $out
json()
{
    local found

    found=$(jq -r "$1" "$out") || die "stdout is no JSON document"
    [ "$found" = "$2" ] || die "$1 is \"$found\", expected \"$2\""
}

mode()
{
    local found

    found=$(stat -c %a "$1")
    [ "$found" = "$2" ] || die "$1 has mode $found, expected $2"
}

# start NAME COMMAND...: a server in the background; its first line of stdout
# ends up in $tmp/NAME.ready.
start()
{
    local name=$1

    shift
    : > "$tmp/$name.ready" # a server before it may have had the name
    "$@" > "$tmp/$name.ready" 2> "$tmp/$name.log" &
    pids+=($!)
    until [ -s "$tmp/$name.ready" ]; do
        if ! kill -0 "${pids[-1]}" 2> /dev/null; then
            cat "$tmp/$name.log" >&2
            die "$name did not start"
        fi
        sleep 0.1
    done
}

# answering NAME ARGUMENT...: a server that gives one answer; its URL is $url.
answering()
{
    start "$1" python3 "$here/answer.py" "${@:2}"
    url=$(head -n 1 "$tmp/$1.ready")
}

# emulator ARGUMENT...: one with empty state; its URL is $url, and the
# environment has its credentials.
emulator()
{
    start emulator "$IVS_BUILD_DIR/bin/ivs-emulator" --port 0 "$@"
    url=$(jq -r .url "$tmp/emulator.ready")
    credentials
    export AWS_REGION=us-west-2 AWS_ENDPOINT_URL=$url
}

credentials()
{
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
}

# full COMMAND...: run it where no file can grow. Its stdout goes nowhere.
full()
{
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'set -o pipefail
        (ulimit -f 0; exec "$@" 2>&1 > /dev/null) | cat >&2' full "$@"
}

# with COMMAND...: with the library $preload of the caller
with()
{
    env LD_PRELOAD="$preload" "$@"
}

# each_allocation CHECK COMMAND...: fails in turn, or each STEP-th of them; CHECK
# looks at what came of it
step=1
each_allocation()
{
    local check=$1 n code

    shift
    for ((n = 1; n < 4000; n += step)); do
        code=0
        with PRELOAD_ALLOC=$n IVS_TOKEN_ENGINE=openssl "$@" \
            > "$out" 2> "$err" || code=$?
        [ "$code" -lt 128 ] || die "allocation $n: exit code $code: $*"
        "$check" "$code" "$n"
        grep -q '^preload: an allocation failed' "$err" || break
    done
    [ "$code" = 0 ] || die "allocation $n does not fail any more, $code: $*"
    [ "$n" -gt 20 ] || die "only $n allocations: $*"
}
