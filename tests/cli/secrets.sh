#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process that holds a key writes no core and shows its memory to no other
# process of the same user.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

openssl ecparam -name secp384r1 -genkey -noout |
    openssl pkcs8 -topk8 -nocrypt -out k.pem
chmod 600 k.pem
ulimit -S -c "$(ulimit -H -c)"

# Root gives up what lets it look into every process.
plain=()
[ "$(id -u)" != 0 ] || plain=(setpriv --bounding-set=-all --inh-caps=-all)

# Can another process of the same user see the inside of $watched?
can_see()
{
    ${plain[@]+"${plain[@]}"} cat "/proc/$watched/environ" > /dev/null 2>&1
}

# An ordinary process shows that the question can be answered with yes.
${plain[@]+"${plain[@]}"} sleep 60 &
watched=$!
pids+=("$watched")
sleep 0.2
can_see || die 'not even an ordinary process can be looked into'

# guarded PROGRAM COMMAND...: it waits for its input, guarded
guarded()
{
    local program=$1

    shift
    rm -f fifo
    mkfifo fifo
    ${plain[@]+"${plain[@]}"} "$@" < fifo > "$out" 2> "$err" &
    watched=$!
    pids+=("$watched")
    exec 9> fifo
    for _ in {1..100}; do
        # Blocked in read(), all else done.
        [ "$(readlink "/proc/$watched/exe")" != "$program" ] ||
            [ "$(cut -d ' ' -f 3 "/proc/$watched/stat")" != S ] || break
        sleep 0.1
    done
    sleep 0.2
    [ "$(readlink "/proc/$watched/exe")" = "$program" ] || die "no $program: $*"
    grep -qE '^Max core file size +0 +0 ' "/proc/$watched/limits" ||
        die "a core file would be written: $*"
    if can_see; then
        die "another process can look into it: $*"
    fi
    kill "$watched"
    wait "$watched" 2> /dev/null || true
    exec 9>&-
}
guarded "$cli" "$cli" token verify --key k.pem -
guarded "$cli" "$cli" token verify --key - k.pem
guarded "$IVS_BUILD_DIR/bin/ivs-token-service" \
    "$cli" key import --name n --key - --region us-west-2
