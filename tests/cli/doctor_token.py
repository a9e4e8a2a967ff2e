# SPDX-License-Identifier: MIT
"""A token with any claims, signed by openssl: what a mint of ours refuses.

doctor_token.py KEY CLAIMS [HEADER [der|short|zero]]
"""
import base64
import os
import subprocess
import sys

key, claims, *more = sys.argv[1:]
header = more[0] if more else '{"alg":"ES384","typ":"JWT"}'


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


signed = b64(os.fsencode(header)) + b"." + b64(os.fsencode(claims))
sig = subprocess.run(
    ["openssl", "dgst", "-sha384", "-sign", key], input=signed, check=True,
    stdout=subprocess.PIPE).stdout
if "der" not in more:
    # SEQUENCE of two INTEGERs, all shorter than 128 bytes (X.690)
    r = int.from_bytes(sig[4 : 4 + sig[3]], "big")
    s = int.from_bytes(sig[6 + sig[3] :], "big")
    sig = r.to_bytes(48, "big") + s.to_bytes(48, "big")
if "short" in more:
    sig = sig[:95]
if "zero" in more:
    sig = bytes(96)
sys.stdout.write((signed + b"." + b64(sig)).decode())
