#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever happens, no encoder outlives its stream: with a stand-in for ffmpeg
that does what a bad one would."""

import os
import shutil
import tempfile
import threading
import time

from emulator import Case, Emulator, main
from emulator_media import children, until

PRLIMIT = shutil.which('prlimit')
# Looks for sound (an output of format null) and for what is played.
STAND_IN = '''#!/bin/sh
case "$*" in
*' -f null '*) {probe} ;;
*) {play} ;;
esac
'''


class Encoder(Case):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.film = os.path.join(self.directory, 'film')
        with open(self.film, 'w') as file:
            file.write('anything')

    def emulate(self, play='exec sleep 600', probe='exit 0', prefix=()):
        program = os.path.join(self.directory, 'ffmpeg')
        with open(program, 'w') as file:
            file.write(STAND_IN.format(play=play, probe=probe))
        os.chmod(program, 0o755)
        # It is looked for where it is not for long, too: a wide gap for races.
        emulator = Emulator(prefix=prefix, env={**os.environ, 'PATH':
                                 f'{"/a:" * 20000}{self.directory}'})
        self.addCleanup(emulator.process.wait, 20)
        self.addCleanup(emulator.process.terminate)
        return emulator

    def channel(self, emulator):
        return self.done(emulator.call('CreateChannel'))['channel']['arn']

    def start(self, emulator, arn, **more):
        return self.done(emulator.stream(arn, **{
            'from': 'testsrc', 'ladder': ['160p'], **more}))

    def test_streams_that_end_while_they_begin_leave_none(self):
        emulator = self.emulate()
        arn = self.channel(emulator)
        end = time.monotonic() + 3
        started = []

        def starts():
            while time.monotonic() < end:
                started.append(emulator.stream(arn, **{
                    'from': 'testsrc', 'ladder': ['160p']}).status)

        def stops():
            while time.monotonic() < end:
                emulator.stream(arn, 'stop')

        threads = [threading.Thread(target=target)
                   for target in (starts, starts, stops, stops)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        emulator.stream(arn, 'stop')
        self.assertIn(200, started)
        until(lambda: not children(emulator.process.pid), 10)

    def test_looking_for_sound_ends_with_the_stream(self):
        emulator = self.emulate(
            probe='while sleep 1; do echo still >&2 || exit; done')
        arn = self.channel(emulator)
        self.start(emulator, arn, **{'from': self.film})
        until(lambda: children(emulator.process.pid), 10)
        self.done(emulator.stream(arn, 'stop'))
        until(lambda: not children(emulator.process.pid), 3)
        # and with the emulator
        self.start(emulator, arn, **{'from': self.film})
        until(lambda: children(emulator.process.pid), 10)
        begun = time.monotonic()
        self.assertEqual(emulator.stop(), 0)
        self.assertLess(time.monotonic() - begun, 5)

    def test_neither_sound_nor_picture_is_no_stream(self):
        """Silence alone would never end."""
        emulator = self.emulate(probe='exit 1')
        arn = self.channel(emulator)
        for loop in (False, True):
            self.start(emulator, arn, ladder=['audio_only'], loop=loop,
                       **{'from': self.film})
            stream = until(lambda: self.ended(emulator, arn), 10)
            self.assertEqual(stream['endReason'], 'there is no sound in the '
                             'file, and no picture in the ladder')

    def ended(self, emulator, arn):
        stream = self.done(emulator.control(f'/_/streams?channelArn={arn}'))
        return stream if stream['state'] == 'OFFLINE' else None

    def test_streams_are_as_many_as_there_are_files_for(self):
        emulator = self.emulate(prefix=(PRLIMIT, '--nofile=500:500'))
        arns = [self.channel(emulator) for _ in range(4)]
        for arn in arns[:2]:
            self.start(emulator, arn)
        message = self.refused(emulator.stream(arns[2], **{
            'from': 'testsrc'}), 409, 'ConflictException')
        self.assertIn('2 streams have pictures', message)
        self.refused(emulator.call('GetStream', {'channelArn': arns[2]}), 404,
                     'ChannelNotBroadcasting')
        # one without has no files, and the end of one makes room
        self.done(emulator.stream(arns[2]))
        self.done(emulator.stream(arns[0], 'stop'))
        self.start(emulator, arns[3])
        until(lambda: len(children(emulator.process.pid)) == 2, 10)

    def test_none_where_files_are_few(self):
        emulator = self.emulate(prefix=(PRLIMIT, '--nofile=100:100'))
        self.refused(emulator.stream(self.channel(emulator), **{
            'from': 'testsrc'}), 409, 'ConflictException')


if __name__ == '__main__':
    main()
