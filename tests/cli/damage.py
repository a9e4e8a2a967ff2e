# SPDX-License-Identifier: MIT
"""Damage a job file in many ways. Whatever is done to it, `revoke status` says
so in a sentence, or shows what it showed before.

damage.py CLI JOB       bytes changed, cut off, filled with NUL
damage.py CLI JOB WAL   the same to the write-ahead log of a run that was
                        killed: its last transactions may be lost, no more
"""
import json
import os
import shutil
import subprocess
import sys

cli, job = sys.argv[1:3]
wal = len(sys.argv) > 3
target = "torn.job" + ("-wal" if wal else "")


def status():
    done = subprocess.run(
        [cli, "revoke", "status", "--job", "torn.job", "--json"],
        capture_output=True,
        timeout=60,
    )
    err = done.stderr.decode()
    if done.returncode == 1:
        assert err.startswith("ivs-token: ") and not done.stdout, err
        return None
    assert done.returncode == 0, (done.returncode, err)
    doc = json.loads(done.stdout)
    return [doc[n] for n in ("pairs", "acknowledged", "failed", "left", "input_sha256")]


def lay_out():
    for end in ("", "-wal", "-shm"):
        if os.path.exists(job + end):
            shutil.copy(job + end, "torn.job" + end)
        elif os.path.exists("torn.job" + end):
            os.remove("torn.job" + end)


lay_out()
before = status()
assert before is not None
refused = kept = 0


def judge(what):
    global refused, kept
    found = status()
    if found is None:
        refused += 1
        return
    kept += 1
    if not wal:
        assert found == before, (what, found, before)
        return
    # Pairs are never lost, and none turns acknowledged by itself.
    assert found[0] == before[0] and found[1] <= before[1], (what, found)
    assert found[1] + found[2] + found[3] == found[0], (what, found)


lay_out()
size = os.path.getsize(target)
step = max(1, size // 100)
for at in range(0, size, step):
    lay_out()
    with open(target, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ (1 << at % 8)]))
    judge(("flip", at))
for length in range(1, size, max(1, size // 25)):
    lay_out()
    os.truncate(target, length)
    judge(("cut", length))
for at in range(0, size, max(1, size // 25)):
    lay_out()
    with open(target, "r+b") as f:
        f.seek(at)
        f.write(bytes(min(4096, size - at)))
    judge(("nul", at))
print("%d refused, %d as before" % (refused, kept))
assert kept > 0 and (wal or refused > 0)
