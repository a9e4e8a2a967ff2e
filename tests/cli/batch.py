# SPDX-License-Identifier: MIT
"""token mint --batch as another program sees it while it runs. The arguments
are a scenario and the command."""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time

ROW = b'{"viewerId":"viewer-%d"}\n'


def begin(argv, **more):
    # Ignored signals of whoever started this would be inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(argv + ["--batch", "-"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            **more)


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, expected {wanted!r}")


def check_rows(text):
    """Whole rows, from the first on; their number."""
    lines = text.split(b"\n")
    expect("the end of the last row", lines.pop(), b"")
    for i, line in enumerate(lines):
        row = json.loads(line)
        expect("line", row["line"], i + 1)
        expect("viewer", row["viewerId"], f"viewer-{i}")
    return len(lines)


def wait_ready(pipe, seconds):
    return bool(select.select([pipe], [], [], seconds)[0])


def answers_at_once(argv):
    """Each row is answered though no further one comes."""
    child = begin(argv)
    for i in range(3):
        os.write(child.stdin.fileno(), ROW % i)
        if not wait_ready(child.stdout, 30):
            sys.exit("no answer while the input is open")
        row = json.loads(child.stdout.readline())
        expect("line", row["line"], i + 1)
    child.stdin.close()
    expect("exit code", child.wait(60), 0)


def window(argv):
    """Nobody takes the answers: it stops reading. Then all comes, in order."""
    child = begin(argv)
    put, rows = child.stdin.fileno(), 0
    os.set_blocking(put, False)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and rows < 100000:
        try:
            os.write(put, ROW % rows)
            rows += 1
            deadline = time.monotonic() + 2
        except BlockingIOError:
            select.select([], [put], [], 0.1)
    if rows > 50000:
        sys.exit(f"{rows} rows were read and none of their answers")
    # A write of few bytes to a pipe is whole or not done.
    child.stdin.close()
    child.stdin = None
    out, err = child.communicate(timeout=120)
    expect("rows", check_rows(out), rows)
    expect("exit code", child.returncode, 0)
    expect("stderr", err, b"")


def interrupted(argv, number, busy):
    """What was done is written, in order, and the exit code tells."""
    child = begin(argv)
    put = child.stdin.fileno()
    for i in range(2000 if busy else 5):
        os.write(put, ROW % i)
    out = child.stdout.readline()
    child.send_signal(number)
    # The input stays open: the signal alone has to end it.
    out += child.stdout.read()
    err = child.stderr.read().decode()
    expect("exit code", child.wait(60), 128 + number)
    rows = check_rows(out)
    expect("stderr", err, "ivs-token: interrupted; the first "
           f"{rows} rows are done\n")


def twice(argv):
    """A second signal does not wait for whoever reads the answers."""
    child = begin(argv)
    put = child.stdin.fileno()
    os.set_blocking(put, False)
    try:
        for i in range(100000):
            os.write(put, ROW % i)
    except BlockingIOError:
        pass
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    expect("exit code", child.poll(), None)
    child.send_signal(signal.SIGINT)
    expect("exit code", child.wait(60), 130)


def closed(argv):
    """Nobody is there for the answers any more."""
    child = begin(argv)
    os.write(child.stdin.fileno(), ROW % 0)
    child.stdout.readline()
    child.stdout.close()
    os.write(child.stdin.fileno(), ROW % 1)
    # The input stays open here, too.
    expect("exit code", child.wait(60), 1)
    expect("stderr", child.stderr.read(), b"ivs-token: cannot write to "
           b"standard output: Broken pipe\n  the first 1 rows are done\n")


def memory(argv, path):
    """Peak of the memory, in KiB."""
    with open(os.devnull, "wb") as null:
        child = subprocess.run(argv + ["--batch", path], stdout=null,
                               stderr=null, check=False)
    expect("exit code", child.returncode, 6)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def main():
    scenario, argv = sys.argv[1], sys.argv[2:]
    if scenario == "interrupted":
        for busy in (False, True):
            interrupted(argv, signal.SIGINT, busy)
            interrupted(argv, signal.SIGTERM, busy)
    elif scenario == "memory":
        memory(argv[1:], argv[0])
    else:
        {"answers_at_once": answers_at_once, "window": window,
         "twice": twice, "closed": closed}[scenario](argv)


main()
