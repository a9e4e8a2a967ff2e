# SPDX-License-Identifier: MIT
"""complete.py bash|zsh|fish SCRIPT: what the shell completes.

Each line of standard input is a command line that ends at the cursor. Printed
is, for each, what the shell put in place of the last word, all candidates in
one line. bash and zsh are asked as a user asks them: keys on a terminal. What
they make of the line is then run, and a function prints its words.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

SECONDS = 30

# A word is printed between brackets. The next line is typed when the prompt says
# that the shell reads keys. Neither mark is spelled as it is typed.
SHOW = ("ivs-token() { printf '<%s>' \"$@\"; printf '\\n=%s=\\n' end; }\n"
        "PS1='=pro''mpt='\n")
END = rb'=end=[\r\n]+[^\n]*=prompt='
START = {
    'bash': (['bash', '--noprofile', '--norc', '-i'],
             "bind '\"\\t\": insert-completions'\n"
             "bind 'set enable-bracketed-paste off'\n"),
    'zsh': (['zsh', '-f', '-i'],
            'PROMPT_EOL_MARK=; unset zle_bracketed_paste\n'
            'autoload -Uz compinit; compinit -D -u\n'
            "zstyle ':completion:*' completer _all_matches _complete\n"
            "zstyle ':completion:*' insert true\n"
            "bindkey '\\t' complete-word\n"),
}


class Terminal:
    def __init__(self, command):
        environment = {'PATH': os.environ['PATH'], 'HOME': os.environ['HOME'],
                       'TERM': 'dumb', 'INPUTRC': '/dev/null', 'LC_ALL': 'C'}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 50, 4000, 0, 0))
        self.text = b''

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, pattern):
        """What stands before the pattern, and the pattern's groups."""
        end = time.monotonic() + SECONDS
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.text = self.text[found.end():]
                return found
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                sys.exit(f'no answer within {SECONDS} s: {self.text[-2000:]}')
            self.text += os.read(self.fd, 65536)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def ask_terminal(shell, script, lines):
    command, setup = START[shell]
    terminal = Terminal(command)
    terminal.send(setup + f". '{script}'\n" + SHOW + 'ivs-token ready\n')
    terminal.until(rb'<ready>\r*\n' + END)
    for line in lines:
        terminal.send(line + '\t\n')
        words = terminal.until(rb'(<[^\r\n]*>)?\r*\n' + END).group(1) or b''
        yield re.findall('<([^>]*)>', words.decode())
    terminal.send('exit\n')
    terminal.close()


def ask_fish(script, lines):
    for line in lines:
        made = subprocess.run(
            ['fish', '--no-config', '-c',
             'source $argv[1]; complete -C $argv[2]', script, line],
            capture_output=True, text=True, timeout=SECONDS, check=True)
        if made.stderr:
            sys.exit(made.stderr)
        yield [row.split('\t')[0] for row in made.stdout.splitlines()]


def main():
    shell, script = sys.argv[1], os.path.abspath(sys.argv[2])
    lines = sys.stdin.read().splitlines()
    if shell == 'fish':
        answers = ask_fish(script, lines)
    else:
        answers = (words[len(line.split(' ')) - 2:]
                   for line, words in zip(
                       lines, ask_terminal(shell, script, lines)))
    for words in answers:
        print(' '.join(words))


main()
