# SPDX-License-Identifier: MIT
"""One token by PyJWT, as a whole process: oneshot.py PRIVATE.pem"""
import sys
import time

import jwt

with open(sys.argv[1], encoding="ascii") as file:
    print(jwt.encode({
        "aws:channel-arn":
            "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234",
        "aws:viewer-id": "viewer-20394",
        "exp": int(time.time()) + 300,
    }, file.read(), algorithm="ES384"))
