#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# key import and delete on a way to the emulator on which answers get lost.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

emulator --no-quotas
direct=$url
expect 0 "$cli" key generate --out key.pem

# through PATH STEP...: a way on which that happens
through()
{
    start lossy python3 "$here/lossy.py" "$direct" "$@"
    AWS_ENDPOINT_URL=$(head -n 1 "$tmp/lossy.ready")
}

# one NAME: exactly one key pair, of that name, which is then deleted
one()
{
    expect 0 "$cli" key list --json --endpoint-url "$direct"
    json '.keyPairs | map(.name) | join(" ")' "$1"
    expect 0 "$cli" key delete --yes --endpoint-url "$direct" \
        "$(jq -r '.keyPairs[0].arn' "$out")"
}

# Imported, and the answer lost: the pair is found.
for step in lost broken; do
    through /ImportPlaybackKeyPair $step
    expect 0 "$cli" key import --key key.pem --name n
    found=$(cat "$out")
    case $found in arn:aws:ivs:us-west-2:*:playback-key/*) ;; *) die 'no ARN' ;; esac
    contains "$err" "notice: an answer was lost; $found was found afterwards"
    one n
done

# Lost before it was imported: it is imported at the second try.
through /ImportPlaybackKeyPair gone
expect 0 "$cli" key import --key key.pem --name n --json
json .name n
lacks "$err" 'notice'
one n

# Twice lost, the second time behind the import.
through /ImportPlaybackKeyPair gone lost
expect 0 "$cli" key import --key key.pem --name n
contains "$err" 'was found afterwards'
one n

# Lost for good: no third try.
through /ImportPlaybackKeyPair gone gone gone
fails 7 'closed the connection' "$cli" key import --key key.pem --name n
contains "$err" 'it may or may not have been carried out; look with ivs-token key match --key key.pem'
expect 0 "$cli" key list --json
json '.keyPairs | length' 0

# The key is there under another name: who has it is said, lost or not.
expect 0 "$cli" key import --key key.pem --name first --endpoint-url "$direct"
first=$(cat "$out")
fails 5 "$first has this key already (ConflictException)" \
    "$cli" key import --key key.pem --name n --endpoint-url "$direct"
through /ImportPlaybackKeyPair lost
fails 5 "$first has this key already" "$cli" key import --key key.pem --name n
lacks "$err" 'may not have been'

# Deleted, and the answer lost: the next one says that it is gone.
through /DeletePlaybackKeyPair lost
expect 0 "$cli" key delete --yes "$first"
contains "$err" "deleted $first"
fails 5 'ResourceNotFoundException' "$cli" key delete --yes "$first"
