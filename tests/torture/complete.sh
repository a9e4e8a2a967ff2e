#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every function from outside that base and token call is either in calls.h, or
# listed here as one that cannot fail (or whose failure is no loss).
set -euo pipefail
calls=$1
shift

# Releases, accessors, constants, arithmetic on memory.
harmless='
*_free *_clear_free OPENSSL_cleanse OPENSSL_strlcpy CRYPTO_memcmp
ERR_clear_error ERR_get_error ERR_set_mark ERR_pop_to_mark
ASN1_STRING_get0_data ASN1_STRING_length X509_SIG_get0 *_it
BIO_s_mem BN_set_flags ECDSA_SIG_get0_r ECDSA_SIG_get0_s EC_curve_nid2nist
EVP_aes_256_cbc EVP_sha256 EVP_sha384 OSSL_PARAM_construct_*
OBJ_nid2sn OBJ_obj2nid OBJ_sn2nid
gnutls_free gnutls_*_deinit gnutls_strerror
json_array_get json_delete json_*_value json_object_get json_object_iter*
json_object_key_to_iter json_object_size json_string_length
mem* __mem*_chk str* *snprintf* inet_pton gmtime_r timegm __errno_location
__stack_chk_fail _GLOBAL_OFFSET_TABLE_
__asan_* __ubsan_* __tsan_* __sanitizer_* __gcov_* __llvm_*
'
# Not on the way of a key or token.
elsewhere='HMAC clock_gettime nanosleep renameat'

names=$(nm -u "$@" | awk 'NF == 2 && $1 == "U" { print $2 }' | LC_ALL=C sort -u)
if [ -z "$names" ]; then
    echo 'no names found in the objects'
    exit 1
fi
status=0
set -f
for name in $names; do
    case $name in ivs_*) continue ;; esac
    if grep -qE "^[A-Z]+\\(${name}[,)]" "$calls"; then
        continue
    fi
    known=no
    for pattern in $harmless $elsewhere; do
        # shellcheck disable=SC2053 # the right side is a pattern
        if [[ $name == $pattern ]]; then
            known=yes
        fi
    done
    if [ $known = no ]; then
        echo "$name can fail and is not in calls.h, or is to be listed in $0"
        status=1
    fi
done
# A row nobody calls tests nothing.
while IFS= read -r name; do
    case $name in gnutls_*) continue ;; esac
    if ! grep -qx "$name" <<< "$names"; then
        echo "$name is in calls.h, and nothing calls it"
        status=1
    fi
done < <(sed -nE 's/^[A-Z]+\(([A-Za-z0-9_]+)[,)].*/\1/p' "$calls")
exit $status
