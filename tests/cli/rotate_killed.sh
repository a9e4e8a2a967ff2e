#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rotate_killed.sh PRELOAD: key rotate, killed before and after each step is
# recorded, and on a disk that fails then. The same command ends it: no key pair
# too many, none lost.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

preload=$1
emulator --no-quotas
expect 0 "$cli" key generate --out 0.pem
expect 0 "$cli" key import --key 0.pem --name n0
old=$(cat "$out")
n=0
# What is recorded when it is killed before a record, and after it.
steps=('' begun saved imported waited verified deleted)
for ((step = 1; step < ${#steps[@]}; step++)); do
    for at in "$step" "$step+"; do
        n=$((n + 1))
        command=("$cli" key rotate --old "$old" --out "$n.pem" --name "n$n"
            --grace 0 --yes)
        expect 137 env LD_PRELOAD="$preload" PRELOAD_RENAME="$at" "${command[@]}"
        was=${steps[step - 1]}
        [ "$at" = "$step" ] || was=${steps[step]}
        if [ -n "$was" ]; then
            found=$(jq -r .step "$n.pem.rotation")
            [ "$found" = "$was" ] || die "killed at $at: $found, expected $was"
        fi
        # Whatever the service has, its private key is on the disk.
        expect 0 "$cli" key list --keys . --json
        json '[.keyPairs[] | select(.private_key_file == null)] | length' 0
        expect 0 "${command[@]}"
        new=$(cat "$out")
        case $was in
        '') ;;
        deleted) contains "$err" "the rotation of $n.pem.rotation is complete" ;;
        *) contains "$err" "going on after the step \"$was\"" ;;
        esac
        expect 0 "$cli" key list --json
        json '[.keyPairs[].arn] | join(" ")' "$new"
        expect 0 "$cli" key match --key "$n.pem"
        is "$out" "$new"
        [ ! -e "$n.pem.rotation.new" ] || die 'a file is left'
        old=$new
    done
done
[ "$n" = 12 ] || die 'every record, twice'

# ---- a disk that fails at a call, once and from then on ----
for fault in rename:{1..6}:EROFS rename:{1,3,5}+:EIO fsync:{1..13..3}:EIO \
    fsync:{2..8..3}+:ENOSPC write:{1..7..2}:ENOSPC; do
    n=$((n + 1))
    command=("$cli" key rotate --old "$old" --out "$n.pem" --name "n$n" --grace 0 --yes)
    expect 1 env LD_PRELOAD="$preload" PRELOAD_FAIL="$fault" "${command[@]}"
    contains "$err" 'preload: the disk failed'
    contains "$err" 'ivs-token: '
    contains "$err" "$n.pem"
    case $fault in
    *EROFS) contains "$err" 'Read-only file system' ;;
    *ENOSPC) contains "$err" 'No space left on device' ;;
    *) contains "$err" 'Input/output error' ;;
    esac
    expect 0 "$cli" key list --keys . --json
    json '[.keyPairs[] | select(.private_key_file == null)] | length' 0
    expect 0 "${command[@]}"
    new=$(cat "$out")
    expect 0 "$cli" key list --json
    json '[.keyPairs[].arn] | join(" ")' "$new"
    expect 0 "$cli" key match --key "$n.pem"
    is "$out" "$new"
    [ ! -e "$n.pem.rotation.new" ] || die 'a file is left'
    old=$new
done
