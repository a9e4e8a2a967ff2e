#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ivs-emulator -- COMMAND: what the command gets, what becomes of signals and
exit codes, and that nothing stays behind."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from emulator import PROGRAM, main

# Tells that it is there, counts signals until it has what it waits for.
WAITER = '''
import os, signal, sys, time
got = []
for name in sys.argv[1].split(','):
    signal.signal(getattr(signal, name), lambda n, frame: got.append(n))
print(os.getpid(), flush=True)
while not got:
    time.sleep(0.01)
time.sleep(0.3)
print(*got, flush=True)
sys.exit(7)
'''


def run(*words, options=(), env=None, data=''):
    """A finished run; its environment is PATH and what is given."""
    return subprocess.run(
        [PROGRAM, *options, '--', *words], input=data, text=True, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={'PATH': os.environ['PATH'], **(env or {})})


def start(*words, **more):
    return subprocess.Popen([PROGRAM, '--', *words], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, **more)


def reaches(pid, states):
    """Wait until a process is in one of these states: T stopped, Z ended and
    not waited for, X not there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
                state = file.read().rsplit(')', 1)[1].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            state = 'X'
        if state in states:
            return True
        time.sleep(0.02)
    return False


def pending(pid, number):
    """Wait until a signal waits for the process."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with open(f'/proc/{pid}/status', encoding='utf-8') as file:
            waiting = re.search('^ShdPnd:\\s*(.*)$', file.read(), re.M)[1]
        if int(waiting, 16) & 1 << (number - 1):
            return True
        time.sleep(0.02)
    return False


def ended(pid):
    return reaches(pid, 'ZX')


class Command(unittest.TestCase):
    def environment(self, **env):
        done = run('env', '-0', env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(entry.split('=', 1)
                    for entry in done.stdout.split('\0')[:-1])

    def test_streams_and_exit_code_are_the_commands(self):
        done = run('sh', '-c', 'cat; echo err >&2; exit 3', data='a\nb\n')
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (3, 'a\nb\n', 'err\n'))
        for code in 0, 1, 255:
            self.assertEqual(run('sh', '-c', f'exit {code}').returncode, code)

    def test_it_answers_before_the_command_begins(self):
        done = run('sh', '-c', 'curl -fsS "$AWS_ENDPOINT_URL_IVS/_/health"')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)['status'], 'ok')
        self.assertIn(' 200 GET /_/health', done.stderr)
        quiet = run('sh', '-c', 'curl -fsS "$AWS_ENDPOINT_URL_IVS/_/health"',
                    options=['--quiet'])
        self.assertEqual((quiet.returncode, quiet.stderr), (0, ''))

    def test_it_is_gone_afterwards(self):
        done = run('sh', '-c', 'echo "$AWS_ENDPOINT_URL_IVS"')
        port = int(done.stdout.strip().rsplit(':', 1)[1])
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(('127.0.0.1', port), timeout=20)

    def test_environment(self):
        env = self.environment()
        self.assertRegex(env['AWS_ENDPOINT_URL_IVS'],
                         r'^http://127\.0\.0\.1:[1-9][0-9]*$')
        self.assertEqual(
            {n: env[n] for n in env if n not in ('PATH', 'PWD', 'SHLVL', '_')
             and n != 'AWS_ENDPOINT_URL_IVS'},
            {'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test',
             'AWS_REGION': 'us-west-2', 'AWS_DEFAULT_REGION': 'us-west-2',
             'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS': 'false',
             'AWS_USE_FIPS_ENDPOINT': 'false',
             'AWS_USE_DUALSTACK_ENDPOINT': 'false',
             'no_proxy': '127.0.0.1', 'NO_PROXY': '127.0.0.1'})

    def test_what_would_lead_elsewhere_is_replaced(self):
        env = self.environment(
            AWS_PROFILE='prod', AWS_DEFAULT_PROFILE='prod',
            AWS_SESSION_TOKEN='t', AWS_SECURITY_TOKEN='t',
            AWS_ACCESS_KEY='k', AWS_SECRET_KEY='s',
            AWS_CREDENTIAL_EXPIRATION='2020-01-01T00:00:00Z',
            AWS_ACCESS_KEY_ID='AKIDREAL', AWS_SECRET_ACCESS_KEY='real',
            AWS_ENDPOINT_URL_IVS='https://ivs.us-east-1.amazonaws.com',
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS='true',
            AWS_USE_FIPS_ENDPOINT='true', OTHER='kept',
            AWS_ENDPOINT_URL='http://127.0.0.1:1', AWS_PROFILES='kept')
        for name in ('AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN',
                     'AWS_SECURITY_TOKEN', 'AWS_ACCESS_KEY', 'AWS_SECRET_KEY',
                     'AWS_CREDENTIAL_EXPIRATION'):
            self.assertNotIn(name, env)
        self.assertEqual(env['AWS_ACCESS_KEY_ID'], 'test')
        self.assertEqual(env['AWS_SECRET_ACCESS_KEY'], 'test')
        self.assertEqual(env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'], 'false')
        self.assertEqual(env['AWS_USE_FIPS_ENDPOINT'], 'false')
        self.assertIn('127.0.0.1', env['AWS_ENDPOINT_URL_IVS'])
        self.assertEqual(env['AWS_ENDPOINT_URL'], 'http://127.0.0.1:1')
        self.assertEqual((env['OTHER'], env['AWS_PROFILES']), ('kept', 'kept'))

    def test_region_is_kept_where_there_is_one(self):
        for given, want in (
                ({'AWS_REGION': 'eu-west-1'}, ('eu-west-1', 'eu-west-1')),
                ({'AWS_DEFAULT_REGION': 'a'}, ('a', 'a')),
                ({'AWS_REGION': '', 'AWS_DEFAULT_REGION': 'a'}, ('a', 'a')),
                ({'AWS_REGION': 'a', 'AWS_DEFAULT_REGION': 'b'}, ('a', 'b'))):
            env = self.environment(**given)
            self.assertEqual(
                (env['AWS_REGION'], env['AWS_DEFAULT_REGION']), want)

    def test_no_proxy_stands_between(self):
        for given, want in (({'NO_PROXY': 'a.example'}, 'a.example,127.0.0.1'),
                            ({'no_proxy': 'b.example'}, 'b.example,127.0.0.1'),
                            ({'no_proxy': '*'}, '*')):
            env = self.environment(HTTP_PROXY='http://127.0.0.1:1', **given)
            self.assertEqual(env['no_proxy'], want)
        done = run('sh', '-c', 'curl -fsS "$AWS_ENDPOINT_URL_IVS/_/health"',
                   env={'http_proxy': 'http://127.0.0.1:1'})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_credentials_are_those_of_the_emulator(self):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('wJalrXUtnFEMI\n')
            file.flush()
            done = run('sh', '-c',
                       'echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY"',
                       options=['--access-key-id', 'AKIDEXAMPLE',
                                '--secret-access-key-file', file.name])
        self.assertEqual(done.stdout, 'AKIDEXAMPLE wJalrXUtnFEMI\n')

    def test_nothing_of_ours_is_open_in_it(self):
        done = run('sh', '-c', 'ls /proc/$$/fd')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(), ['0', '1', '2'])

    def test_command_that_cannot_run(self):
        with tempfile.TemporaryDirectory() as folder:
            plain = os.path.join(folder, 'plain')
            with open(plain, 'w', encoding='utf-8') as file:
                file.write('text')
            for word, code, why in (
                    ('no-such-command', 127, 'No such file'),
                    (f'{folder}/none', 127, 'No such file'),
                    (plain, 126, 'Permission denied'),
                    (folder, 126, 'Permission denied')):
                done = run(word)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(f'cannot run {word}: {why}', done.stderr)
                self.assertEqual(done.stdout, '')

    def test_command_without_the_emulator_is_not_run(self):
        with socket.create_server(('127.0.0.1', 0)) as other:
            done = run('echo', 'run', options=[
                '--port', str(other.getsockname()[1])])
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('cannot listen', done.stderr)

    def test_command_is_missing(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('a command is missing after --', done.stderr)

    def test_options_of_the_command_are_its_own(self):
        done = run('echo', '--port', '--', '--help')
        self.assertEqual((done.returncode, done.stdout),
                         (0, '--port -- --help\n'))

    def test_command_killed_by_a_signal(self):
        for number in signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE:
            done = run('sh', '-c', f'kill -{int(number)} $$')
            self.assertEqual(done.returncode, 128 + number)

    def test_signals_are_passed_on(self):
        for name in ('SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1',
                     'SIGUSR2'):
            number = int(getattr(signal, name))
            with start(sys.executable, '-c', WAITER, name) as process:
                pid = int(process.stdout.readline())
                process.send_signal(number)
                self.assertEqual(process.stdout.read(), f'{number}\n')
                self.assertEqual(process.wait(20), 7)
            self.assertTrue(ended(pid))

    def test_signal_that_ends_the_command_ends_the_emulator(self):
        with start('sh', '-c', 'echo $$; exec sleep 100') as process:
            pid = int(process.stdout.readline())
            process.terminate()
            self.assertEqual(process.wait(20), 128 + signal.SIGTERM)
        self.assertTrue(ended(pid))

    def test_command_does_not_outlive_a_killed_emulator(self):
        with start('sh', '-c', 'echo $$; exec sleep 100') as process:
            pid = int(process.stdout.readline())
            process.kill()
            self.assertEqual(process.wait(20), -signal.SIGKILL)
        self.assertTrue(ended(pid))

    def test_stopped_command_goes_on(self):
        with start('sh', '-c', 'echo $$; kill -STOP $$; echo on; exit 5') \
                as process:
            pid = int(process.stdout.readline())
            self.assertTrue(reaches(pid, 'T'))
            self.assertIsNone(process.poll())
            os.kill(pid, signal.SIGCONT)
            self.assertEqual(process.stdout.read(), 'on\n')
            self.assertEqual(process.wait(20), 5)

    def test_mask_and_pipe_signal_are_as_a_command_expects(self):
        def fields(**more):
            with start('cat', '/proc/self/status', **more) as process:
                text = process.stdout.read()
                self.assertEqual(process.wait(20), 0)
            return {line.split(':')[0]: int(line.split()[1], 16)
                    for line in text.splitlines() if line.startswith('Sig')
                    and not line.startswith('SigQ')}
        got = fields()
        self.assertEqual((got['SigBlk'], got['SigIgn']), (0, 0))
        mask = {signal.SIGUSR1, signal.SIGWINCH}
        got = fields(restore_signals=False, preexec_fn=lambda:
                     signal.pthread_sigmask(signal.SIG_SETMASK, mask))
        self.assertEqual(got['SigBlk'], sum(1 << (n - 1) for n in mask))
        self.assertEqual(got['SigIgn'] & 1 << (signal.SIGPIPE - 1), 0)

    def test_interrupt_before_the_command_begins_reaches_it(self):
        with tempfile.TemporaryDirectory() as folder:
            slow = os.path.join(folder, 'secret')
            os.mkfifo(slow)
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(PROGRAM, [PROGRAM, '--secret-access-key-file', slow,
                                   '--', 'sleep', '60'])
            with open(slow, 'w', encoding='ascii') as file, \
                    os.fdopen(terminal, 'r+b', buffering=0) as screen:
                screen.write(b'\x03') # it reads the file, and so is blocked
                self.assertTrue(pending(pid, signal.SIGINT))
                file.write('test\n')
                file.close()
                _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status),
                         128 + signal.SIGINT)

    def test_interrupt_of_a_terminal_arrives_once(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(PROGRAM, [PROGRAM, '--', sys.executable, '-c', WAITER,
                               'SIGINT'])
        with os.fdopen(terminal, 'r+b', buffering=0) as file:
            text = b''
            while not text.endswith(b'\n'): # what is unread then is lost
                text += file.read(100)
            file.write(b'\x03')
            try:
                while part := file.read(100):
                    text += part
            except OSError: # the other end is closed
                pass
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 7, text)
        # Its number stands alone; the terminal may echo ^C before it.
        self.assertRegex(text, rb'\n(\^C)?2\r\n$')


if __name__ == '__main__':
    main()
