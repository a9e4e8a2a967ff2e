# SPDX-License-Identifier: MIT
"""Whole processes: one token each, and a batch of tokens."""
import json
import os
import statistics
import subprocess
import sys
import time

CHANNEL = "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234"
BASE = "openssl dgst -sha384 -sign"


def once(argv, env, stdin=None, stdout=subprocess.DEVNULL):
    """Wall clock and processor time of one process, in seconds."""
    begin = time.monotonic()
    process = subprocess.Popen([str(a) for a in argv], env=env, stdin=stdin,
                               stdout=stdout)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if process.returncode != 0:
        sys.exit(f"{argv[0]} exited {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime


def commands(bench):
    private = bench.keys[0]
    data = bench.work / "input"
    data.write_bytes(b"x" * 300)
    mint = [bench.build / "bin/ivs-token", "token", "mint", "--key", private,
            "--channel", CHANNEL, "--viewer-id", "viewer-20394"]
    rows = [
        (BASE, ["openssl", "dgst", "-sha384", "-sign", private, data], None),
        ("ivs-token token mint, GnuTLS", mint, "gnutls"),
        ("ivs-token token mint, OpenSSL", mint, "openssl"),
    ]
    node = bench.work / "node/oneshot.cjs"
    if node.exists():
        rows.append(("node, jsonwebtoken", ["node", node, private], None))
    python = ["/usr/bin/python3", bench.work / "oneshot.py", private]
    source = os.path.join(os.path.dirname(__file__), "oneshot.py")
    with open(source, encoding="utf-8") as file:
        (bench.work / "oneshot.py").write_text(file.read())
    if subprocess.run([*python], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL, check=False).returncode == 0:
        rows.append(("python3, PyJWT", python, None))
    return rows


def measure(bench, rounds):
    """[(name, wall, cpu, wall ratio, cpu ratio)], medians; each ratio is that
    of one round to the base in the same round."""
    rows = commands(bench)
    times = {name: [] for name, _, _ in rows}
    for number in range(rounds + 1):
        for name, argv, engine in rows:
            env = dict(os.environ)
            if engine:
                env["IVS_TOKEN_ENGINE"] = engine
            taken = once(argv, env)
            if number > 0:  # the first round fills the page cache
                times[name].append(taken)
    found = []
    for name, _, _ in rows:
        medians = [statistics.median(t[i] for t in times[name])
                   for i in range(2)]
        ratios = [statistics.median(t[i] / b[i] for t, b in
                                    zip(times[name], times[BASE]))
                  for i in range(2)]
        found.append((name, *medians, *ratios))
    return found


def has_batch(bench):
    usage = subprocess.run([bench.build / "bin/ivs-token", "token", "mint",
                            "--help"], text=True, capture_output=True,
                           check=False).stdout
    return "--batch" in usage


def batch(bench, rows):
    """Rows a second of `token mint --batch`."""
    path, out = bench.work / "batch.ndjson", bench.work / "batch.out"
    with open(path, "w", encoding="ascii") as file:
        for i in range(rows):
            file.write(json.dumps({"viewerId": f"viewer-{i}"}) + "\n")
    with open(out, "wb") as file:
        wall, _ = once([bench.build / "bin/ivs-token", "token", "mint", "--key",
                        bench.keys[0], "--channel", CHANNEL, "--batch", path],
                       dict(os.environ), stdout=file)
    with open(out, "rb") as file:
        if sum(1 for _ in file) != rows:
            sys.exit("token mint --batch lost rows")
    out.unlink()
    path.unlink()
    return rows / wall
