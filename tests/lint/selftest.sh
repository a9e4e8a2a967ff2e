#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A check that cannot fail proves nothing: each one is shown a copy of the tree
# with a fault in it, and must refuse it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

tree=$tmp/tree
mkdir "$tree"
(cd "$root" && tar cf - --exclude=node_modules \
    .clang-format include src tools tests fuzz) | tar xf - -C "$tree"

# accepts CHECK: the tree as it is.
accepts()
{
    local code=0

    "$here/$1.sh" "$tree" > "$tmp/out" 2>&1 || code=$?
    case $code in
    0 | 77) ;;
    *)
        echo "$1: refuses the tree before any fault was planted"
        cat "$tmp/out"
        status=1
        ;;
    esac
}

# refuses CHECK WHAT FILE [SED-SCRIPT]: with a line of standard input added to
# the end of the file, or the script applied to it.
refuses()
{
    local code=0 file=$tree/$3

    if [ $# -eq 4 ]; then
        sed -i -E "$4" "$file"
        if cmp -s "$file" "$root/$3"; then
            echo "$1: $2: the fault could not be planted in $3"
            status=1
            return
        fi
    else
        mkdir -p "$(dirname "$file")"
        cat >> "$file"
    fi
    "$here/$1.sh" "$tree" > "$tmp/out" 2>&1 || code=$?
    case $code in
    1 | 123) ;; # 123: xargs, when a program it ran failed
    77) echo "$1: $2: not checked here" ;;
    *)
        echo "$1: $2: exit $code, expected a refusal"
        cat "$tmp/out"
        status=1
        ;;
    esac
    rm "$file"
    if [ -f "$root/$3" ]; then
        cp -p "$root/$3" "$file"
    else
        rmdir --ignore-fail-on-non-empty "$(dirname "$file")"
    fi
}

for check in layers headers rules sizes format standalone exports proofs man; do
    accepts $check
done

refuses layers 'base includes token' src/base/b64url.c \
    <<< '#include "token/key.h"'
refuses layers 'base includes a public header above it' src/base/b64url.c \
    <<< '#include <ivs/key.h>'
refuses layers 'token includes aws' src/token/new.c \
    <<< '#include "aws/sigv4.h"'
refuses layers 'aws includes token' src/aws/new.c \
    <<< '#  include "token/key.h"'
refuses layers 'service includes the inside of token' src/service/new.c \
    <<< '#include "token/key.h"'
refuses layers 'the command includes the inside of a library' \
    tools/ivs-token/new.c <<< '#include "base/buf.h"'
refuses layers 'a directory without a layer' src/other/new.c \
    <<< '#include "base/buf.h"'
refuses headers 'a header nobody allowed' src/base/b64url.c \
    <<< '#include <zlib.h>'
refuses headers 'curl outside its owner' src/service/new.c \
    <<< '#include <curl/curl.h>'
refuses headers 'OpenSSL in a public header' include/ivs/key.h \
    <<< '#include <openssl/evp.h>'
refuses headers 'libjwt outside the bridge' include/ivs/token.h \
    <<< '#include <jwt.h>'
refuses headers 'SQLite in the command' tools/ivs-token/new.c \
    <<< ' # include <sqlite3.h>'
refuses rules 'no licence line' src/base/b64url.c '1d'
refuses rules 'a bag of leftovers' src/base/util.c \
    <<< '/* SPDX-License-Identifier: MIT */'
refuses rules 'an open end' src/base/b64url.c <<< "/* TO""DO */"
refuses rules 'cmocka skip' tests/unit/test_base.c <<< '    skip();'
refuses rules 'a library that prints' src/base/b64url.c \
    <<< '    printf("%d", 1);'
refuses rules 'case by locale' src/base/b64url.c <<< '    return tolower(c);'
refuses rules 'a clock in the token half' src/token/new.c \
    <<< 'int64_t now = time(NULL);'
refuses rules 'a MAC in the token half' src/token/new.c \
    <<< '    ok = ivs_hmac_sha256(pem, n, text, len, mac);'
refuses rules 'a signature compared byte by byte' tools/ivs-emulator/new.c \
    <<< '    return memcmp(sent, signature, 64) == 0;'
refuses rules 'RSA in the token half' src/token/new.c \
    <<< '    pkey = EVP_RSA_gen(2048);'
refuses rules 'words of a value outside its row' tools/ivs-token/new.c \
    <<< '    return bad_value(c, o, value, "red, green or blue");'
refuses format 'a line out of form' src/base/b64url.c <<< 'int  x ;'
refuses standalone 'a header that needs another' include/ivs/key.h \
    '/include <stddef.h>|include <ivs\/error.h>/d'
refuses standalone 'a header that is not C++' include/ivs/key.h \
    's/IVS_BEGIN_DECLS/struct class { int new; };/'
refuses exports 'a name missing from a map' src/libivs-token.map \
    '/ivs_free;/d'
refuses exports 'a map out of order' src/libivs-token.map \
    's/ivs_free;/zzz;/'
refuses exports 'a function that no header declares' include/ivs/error.h \
    's/ivs_free\(/ivs_release(/'
refuses exports 'a header without a library' include/ivs/new.h \
    <<< '/* SPDX-License-Identifier: MIT */'
refuses exports 'a function of the bridge without a library' \
    include/ivs/libjwt.h <<< 'IVS_API void ivs_jwt_new(void);'
refuses proofs 'a test renamed' tests/unit/test_rules.c \
    's/edge_does_as_the_service/edge_does_so/'
refuses proofs 'a test not run' tests/unit/test_mint.c \
    '/cmocka_unit_test\(rules_of_mint_hold\)/d'
refuses proofs 'a test of Python renamed' tests/integration/emulator_edge.py \
    's/def test_keys\(/def test_other_keys(/'
refuses proofs 'a row renamed' tests/unit/test_rules.c 's/"exp past"/"exp over"/'
refuses proofs 'a file renamed' tests/README.md 's/test_jws.c/test_jwt.c/'
refuses proofs 'a cell without a proof' tests/README.md \
    's/ .channel off the pattern., .channel over 128 bytes. / - /'
refuses proofs 'a row without a proof' tests/README.md \
    's/^(\| CVE-2018-0114.*\|) .unit.*$/\1 - |/'
refuses proofs 'no proofs at all' tests/README.md \
    's/^## What the security rules are.*/## Else/'
page=tools/ivs-token/ivs-token.1
refuses man 'a command missing from the page' $page '/^\.Ic api list$/d'
refuses man 'a command that is not there' $page 's/^\.Ic api list$/&s/'
refuses man 'a command without its output' $page '/^\.It Ic key list$/d'
refuses man 'an option missing from the page' $page '/^\.It Fl -dry-run$/d'
refuses man 'an option missing from the usage' $page '/^\.Op Fl -dry-run$/d'
refuses man 'an option that is not there' $page 's/^\.It Fl -dry-run$/&s/'
refuses man 'an option of every command missing' $page '/^\.It Fl -debug$/d'
refuses man 'another letter' $page 's/^\.It Fl k , /.It Fl K , /'
refuses man 'an option that is required' $page 's/^\.Fl -name /.Op &/'
refuses man 'an option that repeats' $page 's/^(\.Op Fl -tag .*) \.\.\./\1/'
refuses man 'a value missing' $page 's/^(\.It Fl f , .*) \| jwk/\1/'
refuses man 'an argument missing' $page '/^\.It Ar json$/d'
refuses man 'an exit code missing' $page '/^\.It 6$/d'
refuses man 'an exit code that is not there' $page 's/^\.It 6$/.It 6 , 8/'
refuses man 'an exit code that is not listed' tools/ivs-token/cli.h \
    's/CLI_NETWORK = 7,/& CLI_NEW = 8,/'
refuses man 'a variable missing' $page 's/ , AWS_SESSION_TOKEN//'
refuses man 'a new variable' src/aws/new.c <<< '    get("AWS_NEW");'
refuses man 'a member that has another name' tools/ivs-token/batch_members.c \
    's/\{"ttl", /{"life", /'
refuses man 'a page out of form' $page '/^\.Xc$/d'
page=tools/ivs-emulator/ivs-emulator.1
refuses man 'an option of the emulator missing' $page '/^\.It Fl -db /d'
refuses man 'an option missing from its synopsis' $page '/^\.Op Fl -db /d'
refuses man 'an exit code of the emulator missing' $page '/^\.It 1$/d'
refuses man 'a request missing' $page '/^\.It Li POST .*reset$/d'
refuses man 'a new request' tools/ivs-emulator/new.c \
    <<< '    {"GET", "/_/new", show_new},'
refuses sizes 'a function of 82 lines' src/base/b64url.c < <(
    printf 'static int\nlong_one(void)\n{\n'
    yes '    (void)0;' | head -n 78 || true
    printf '}\n'
)
refuses sizes 'a file of 501 lines' src/base/new.c < <(
    yes '/* */' | head -n 501
)

# A tree of one script is enough for shellcheck, which takes its time.
tree=$tmp/scripts
mkdir -p "$tree/tests"
cp "$here/shell.sh" "$tree/tests/shell.sh"
accepts shell
refuses shell 'an unquoted variable' tests/new.sh \
    <<< $'#!/bin/sh\nrm $1'
refuses shell 'a negated command' tests/new.sh \
    <<< $'#!/bin/sh\n! false'
exit $status
