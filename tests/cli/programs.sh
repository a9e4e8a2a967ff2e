#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The two programs: what ivs-token loads, and how it finds ivs-token-service.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
service=$IVS_BUILD_DIR/bin/ivs-token-service
openssl ecparam -name secp384r1 -genkey -noout |
    openssl pkcs8 -topk8 -nocrypt -out k.pem
chmod 600 k.pem

# loaded COMMAND...: the libraries of a run that succeeds, dlopen() included.
loaded()
{
    rm -f ld.*
    LD_DEBUG=files LD_DEBUG_OUTPUT=ld "$@" > "$out" 2> "$err" ||
        die "it failed: $*"
    sed -nE 's/.*calling init: .*\/([^/]+)\.so.*/\1/p' ld.* > libraries
    [ -s libraries ] || die "no libraries are known of: $*"
}

# Commands without the service load neither its library nor libcurl.
local_only()
{
    loaded "$cli" "$@"
    lacks libraries libcurl
    lacks libraries libivs-service
    [ "$(find . -name 'ld.*' | wc -l)" = 1 ] || die "a second program: $*"
}

local_only --version
local_only help
local_only api call --help
local_only key generate --out new.pem
local_only key show --key k.pem
local_only key export --key k.pem --format jwk
local_only token mint --key k.pem --channel "$arn"
contains libraries libivs-token
cp "$out" good.jwt
local_only token verify --key k.pem good.jwt
local_only token inspect good.jwt
loaded "$cli" api list
contains libraries libcurl

# Mistakes are found without the second program, which is then missing.
mkdir -p alone/bin
cp "$cli" alone/bin/
lonely=$tmp/work/alone/bin/ivs-token
expect 0 "$lonely" api --help
contains "$out" 'usage: ivs-token api call'
fails 2 'the argument OPERATION is missing' "$lonely" api call
expect 0 "$lonely" token mint --key k.pem --channel "$arn"
fails 1 'which api list needs: No such file' "$lonely" api list
contains "$err" 'it belongs into '
contains "$err" libexec/ivs-token

# Where it is looked for: as installed, then beside; through symbolic links.
mkdir -p alone/libexec/ivs-token elsewhere
ln -s "$lonely" elsewhere/ivs-token
cp "$service" alone/libexec/ivs-token/
expect 0 "$lonely" api list
expect 0 elsewhere/ivs-token api list
(
    cd elsewhere
    PATH=$PWD:$PATH
    expect 0 ivs-token api list
)
mv alone/libexec/ivs-token/ivs-token-service alone/bin/
expect 0 elsewhere/ivs-token api list
chmod 600 alone/bin/ivs-token-service
if [ "$(id -u)" != 0 ] || ! [ -x alone/bin/ivs-token-service ]; then
    fails 1 'Permission denied' "$lonely" api list
fi

# The command line, standard input and the exit code go through as they are.
cat > alone/bin/ivs-token-service << 'EOT'
#!/bin/sh
printf '<%s>' "$@"
cat
exit 5
EOT
chmod 700 alone/bin/ivs-token-service
printf 'the input' | expect 5 "$lonely" --region '' api call 'a  b' - ||
    die 'not as expected'
is "$out" '<--region><><api><call><a  b><->the input'
