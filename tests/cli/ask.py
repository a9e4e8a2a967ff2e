# SPDX-License-Identifier: MIT
"""Answers a question on a terminal, but only once it is to be seen.

ask.py QUESTION ANSWER COMMAND...    prints what the command wrote, and exits
                                     as it does; 99: the question never came
"""
import os
import pty
import select
import sys

question, answer = (text.encode() for text in sys.argv[1:3])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
seen, answered = b"", False
while True:
    if not select.select([terminal], [], [], 300)[0]:
        break
    try:
        got = os.read(terminal, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if not answered and question in seen:
        os.write(terminal, answer + b"\n")
        answered = True
sys.stdout.buffer.write(seen)
sys.stdout.flush()
if not answered:
    os.close(terminal)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(code if answered else 99)
