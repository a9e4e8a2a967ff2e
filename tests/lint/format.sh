#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every C file is as clang-format leaves it.
set -euo pipefail
cd "$1"
if ! command -v clang-format > /dev/null; then
    echo 'clang-format is not installed'
    exit 77
fi
find include src tools tests fuzz -name node_modules -prune -o \
    -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
