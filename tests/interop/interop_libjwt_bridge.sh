#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a program that was linked with libjwt's OpenSSL build with its GnuTLS
# build. Their packages exclude each other, so this one is unpacked into the
# build folder, and found under the name the program asks for.
set -euo pipefail
program=$1
work=$IVS_BUILD_DIR/libjwt-gnutls
mkdir -p "$work"
cd "$work"

if [ -z "$(find . -name libjwt-gnutls.so.0)" ]; then
    apt-get download -qq libjwt-gnutls0 || {
        echo 'libjwt-gnutls0 cannot be downloaded'
        exit 77
    }
    for package in libjwt-gnutls0_*.deb; do
        dpkg-deb -x "$package" .
    done
fi
library=$(realpath "$(find . -name libjwt-gnutls.so.0)")
name=$(ldd "$program" | awk '$1 ~ /^libjwt\./ { print $1 }')
mkdir -p names
ln -sfn "$library" "names/$name"
export LD_LIBRARY_PATH=$work/names${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# It is this build that the program gets.
ldd "$program" | grep -F "$work/names/$name"
needs=$(ldd "$library")
case $needs in
*libcrypto*) needs= ;;
esac
case $needs in
*libgnutls*) ;;
*)
    echo "$library is not the GnuTLS build"
    exit 1
    ;;
esac
IVS_LIBJWT_ENGINE=gnutls "$program"
