# SPDX-License-Identifier: MIT
"""PyJWT; the protocol is that of peer.c.

usage: pyjwt.py PRIVATE.pem PUBLIC.pem PRIVATE.jwk
"""
import sys
import time

import jwt
from cryptography.hazmat.primitives import serialization

with open(sys.argv[1], "rb") as file:
    private = serialization.load_pem_private_key(file.read(), None)
with open(sys.argv[2], "rb") as file:
    public = serialization.load_pem_public_key(file.read())
token = ""


def mint():
    return jwt.encode({
        "aws:channel-arn":
            "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234",
        "aws:access-control-allow-origin": "https://www.example.com",
        "aws:viewer-id": "viewer-20394",
        "aws:viewer-session-version": 1700000000,
        "exp": int(time.time()) + 300,
    }, private, algorithm="ES384")


def verify(text):
    return jwt.decode(text, public, algorithms=["ES384"])


def measure(once, milliseconds):
    start = time.process_time_ns()
    end = start + milliseconds * 1000000
    done = 0
    while True:
        for _ in range(8):
            once()
        done += 8
        if time.process_time_ns() >= end:
            return f"{done} {time.process_time_ns() - start}"


for line in sys.stdin:
    command, _, argument = line.rstrip("\n").partition(" ")
    if command == "token":
        answer = mint()
    elif command == "check":
        try:
            verify(argument)
            token, answer = argument, "good"
        except jwt.InvalidTokenError:
            answer = "bad"
    elif command == "mint":
        answer = measure(mint, int(argument))
    else:
        answer = measure(lambda: verify(token), int(argument))
    print(answer, flush=True)
