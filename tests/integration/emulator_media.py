#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Streams with pictures: what players get, judged by ffprobe, and what becomes
of ffmpeg, its files and the stream when one of them ends."""

import http.client
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from emulator import PROGRAM, Emulator, Key, full_disk, main
from emulator_edge import EdgeCase
import transport

LADDER = ['160p', 'audio_only']
WAIT_S = 300


def until(condition, seconds=WAIT_S):
    """Poll for what takes an encoder's time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f'not within {seconds} seconds')
        time.sleep(0.05)
    return value


def children(pid):
    found = []
    for thread in os.listdir(f'/proc/{pid}/task'):
        try:
            with open(f'/proc/{pid}/task/{thread}/children') as file:
                found += map(int, file.read().split())
        except FileNotFoundError:
            pass
    return found


def is_there(pid):
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


class Playlist:
    def __init__(self, body):
        self.lines = body.decode().split('\n')
        assert self.lines[:3] == ['#EXTM3U', '#EXT-X-VERSION:3',
                                  '#EXT-X-TARGETDURATION:6'], self.lines
        self.first = int(self.lines[3].removeprefix('#EXT-X-MEDIA-SEQUENCE:'))
        self.ended = self.lines[-2] == '#EXT-X-ENDLIST'
        items = self.lines[4:-2 if self.ended else -1]
        assert len(items) % 3 == 0, self.lines
        self.segments = [self.segment(i, items[3 * i:3 * i + 3])
                         for i in range(len(items) // 3)]

    def segment(self, i, lines):
        date = re.fullmatch(r'#EXT-X-PROGRAM-DATE-TIME:\d{4}-\d\d-\d\dT'
                            r'\d\d:(\d\d):(\d\d\.\d{3})Z', lines[0])
        length = re.fullmatch(r'#EXTINF:(\d+\.\d{3}),live', lines[1])
        url = re.fullmatch(r'http://[^/]+(/v1/segment/[0-9a-f]{32}\.\w+\.'
                           rf'{self.first + i}\.ts)', lines[2])
        return (int(date[1]) * 60 + float(date[2]), float(length[1]), url[1])


class MediaCase(EdgeCase):
    def command(self, *words, code=0, emulator=None):
        """ivs-emulator stream …; what it prints."""
        emulator = emulator or self.emulator
        done = subprocess.run(
            [PROGRAM, 'stream', *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True,
            env={**os.environ,
                 'AWS_ENDPOINT_URL_IVS': f'http://{emulator.host}'})
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def start(self, channel, *more, **how):
        return self.command('start', '--channel', channel['arn'], *more, **how)

    def shown(self, channel):
        return self.done(self.emulator.control(
            f'/_/streams?channelArn={channel["arn"]}'))

    def get(self, path, **headers):
        return self.emulator.request('GET', path, headers)

    def playlist(self, variant, n=1):
        """It, when it has n segments."""
        def ready():
            answer = self.get(variant)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.headers['Content-Type'],
                             'application/vnd.apple.mpegurl')
            playlist = Playlist(answer.body)
            return playlist if len(playlist.segments) >= n else None
        return until(ready)

    def fetch(self, path):
        answer = self.get(path)
        self.assertEqual(answer.status, 200, path)
        self.assertEqual(answer.headers['Content-Type'], 'video/mp2t')
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], '*')
        self.assertEqual(int(answer.headers['Content-Length']),
                         len(answer.body))
        return answer.body

    def fetch_all(self, variant, n):
        return b''.join(self.fetch(path) for _, _, path in
                        self.playlist(variant, n).segments)


class Media(MediaCase):
    """One stream for all tests: it takes seconds to begin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.new_channel(live=False)
        cls.begun = cls.start(cls(), cls.channel, '--ladder', ','.join(LADDER))

    def both(self):
        return self.variants(self.plays(self.token(viewer_id='v')))

    def test_start_waits_for_a_segment_of_each_rendition(self):
        self.assertEqual(self.begun['state'], 'LIVE')
        self.assertEqual(self.begun['media']['from'], 'testsrc')
        self.assertEqual([r['ladder'] for r in
                          self.begun['media']['renditions']], LADDER)
        for rendition in self.begun['media']['renditions']:
            self.assertGreater(rendition['segments'], 0)
        message = self.start(self.channel, code=1)
        self.assertIn('is live already', message)

    def test_playlists_name_what_the_ladder_has(self):
        answer = self.plays(self.token()).body.decode()
        self.assertEqual(re.findall('NAME="(.*?)"', answer),
                         ['160p30', 'audio_only'])
        session = self.done(self.emulator.call('GetStreamSession', {
            'channelArn': self.channel['arn']}))['streamSession']
        video = session['ingestConfiguration']['video']
        self.assertEqual((video['videoWidth'], video['videoHeight']),
                         (284, 160))

    def test_segments_are_two_seconds_and_follow_each_other(self):
        for variant in self.both():
            segments = self.playlist(variant, 3).segments
            for (date, length, _), (following, _, _) in zip(segments,
                                                            segments[1:]):
                self.assertAlmostEqual(length, 2, delta=0.1)
                self.assertAlmostEqual((following - date) % 3600, length,
                                       delta=0.002)

    def test_renditions_have_the_same_times(self):
        pictures, sound = (self.playlist(v, 2).segments for v in self.both())
        for (date, _, _), (other, _, _) in zip(pictures, sound):
            self.assertAlmostEqual(date, other, delta=0.1)

    def test_pictures_are_what_the_tags_say(self):
        data = self.fetch_all(self.both()[0], 3)
        transport.check_counters(data)
        transport.decode(data)
        streams = transport.probe(data, '-show_streams')['streams']
        self.assertEqual([s['codec_name'] for s in streams],
                         ['h264', 'aac', 'timed_id3'])
        video = streams[0]
        self.assertEqual((video['width'], video['height']), (284, 160))
        self.assertEqual((video['profile'], video['level']), ('Main', 31))
        self.assertEqual(video['r_frame_rate'], '30/1')
        self.assertEqual(video['has_b_frames'], 0)
        times = [float(p['pts_time']) for p in transport.probe(
            data, '-select_streams', 'v', '-show_packets')['packets']]
        for a, b in zip(times, times[1:]):
            self.assertAlmostEqual(b - a, 1 / 30, delta=0.001)

    def test_each_segment_begins_with_a_key_frame_of_its_own(self):
        for _, length, path in self.playlist(self.both()[0], 2).segments:
            data = self.fetch(path)
            self.assertLessEqual(len(data) * 8 / length, 230000)
            pids = [pid for pid, *_ in transport.packets(data)]
            self.assertEqual(pids[:2], [0, 0x1000])
            frames = transport.probe(data, '-select_streams', 'v',
                                     '-show_packets')['packets']
            self.assertEqual([f['flags'][0] for f in frames],
                             ['K'] + ['_'] * (len(frames) - 1))

    def test_sound_alone(self):
        variant = self.both()[1]
        data = self.fetch_all(variant, 3)
        transport.check_counters(data)
        transport.decode(data)
        streams = transport.probe(data, '-show_streams')['streams']
        self.assertEqual([s['codec_name'] for s in streams],
                         ['aac', 'timed_id3'])
        for _, length, path in self.playlist(variant).segments:
            self.assertLessEqual(len(self.fetch(path)) * 8 / length, 160000)

    def test_metadata_comes_once_in_every_rendition(self):
        variants = self.both()
        sent = ['one', 'zwei \u20ac', 'x' * 1024]
        for text in sent:
            self.assertEqual(self.emulator.call('PutMetadata', {
                'channelArn': self.channel['arn'],
                'metadata': text}).status, 204)
        last = self.playlist(variants[0]).segments[-1][2]
        seen = [[], []]
        for variant, found in zip(variants, seen):
            def read():
                found[:] = []
                for _, _, path in self.playlist(variant).segments:
                    found.extend((path.rsplit('.', 2)[1], *text) for text in
                                 transport.texts(self.fetch(path)))
                return len(found) >= len(sent)
            until(read)
            self.assertEqual([text for _, _, text in found], sent)
            self.assertGreaterEqual(int(found[0][0]),
                                    int(last.rsplit('.', 2)[1]))
        self.assertEqual(seen[0], seen[1])

    def test_segments_are_as_private_as_their_session(self):
        paths = {}
        for viewer in ('gone', 'stays'):
            variant = self.variants(self.plays(self.token(viewer_id=viewer)))[0]
            paths[viewer] = self.playlist(variant).segments[-1][2]
            self.fetch(paths[viewer])
        self.revoke(self.channel, 'gone')
        self.assertEqual(self.get(paths['gone']).status, 403)
        self.fetch(paths['stays'])

    def test_strict_origins_hold_for_segments(self):
        site = 'https://a.example'
        token = self.token(access_control_allow_origin=site,
                           strict_origin_enforcement=True)
        variant = self.variants(self.plays(token, Origin=site))[0]
        answer = self.get(variant, Origin=site)
        path = Playlist(answer.body).segments[-1][2]
        self.assertEqual(self.get(path).status, 403)
        self.assertEqual(self.get(path, Origin='https://b.example').status,
                         403)
        answer = self.get(path, Origin=site)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], site)

    def test_paths_are_not_those_of_files(self):
        path = self.playlist(self.both()[0]).segments[-1][2]
        stem, number, _ = path.rsplit('.', 2)
        session = stem.rsplit('.', 1)[0]
        for bad in [f'{stem}.{number}', f'{stem}.0{number}.ts', f'{stem}..ts',
                    f'{stem}.-1.ts', f'{stem}.{number}.ts.ts',
                    f'{stem}.{number}.TS', f'{session}.{number}.ts',
                    f'{session}.144p30.{number}.ts',
                    f'{session}.../../../../etc/passwd',
                    f'{session}.%2e%2e%2fetc%2fpasswd.0.ts',
                    '/v1/segment/', '/v1/segment/..%2f..%2fetc%2fpasswd',
                    '/v1/segment/' + 'x' * 4000]:
            self.assertEqual(self.get(bad).status, 403, bad)
        for gone in [f'{stem}.{10 ** 14}.ts', f'{stem}.{10 ** 14 + 7}.ts']:
            self.assertEqual(self.get(gone).status, 404, gone)
        # not of this ladder, or of none; the variants neither
        playlist = session.replace('/segment/', '/playlist/')
        for bad in [f'{session}.720p60.0.ts', f'{session}.144p30.{number}.ts',
                    f'{playlist}.720p60.m3u8', f'{playlist}.144p30.m3u8']:
            self.assertEqual(self.get(bad).status, 403, bad)
            last = self.emulator.control('/_/requests').json['requests'][-1]
            self.assertEqual(last['reason'], 'rendition_unknown', bad)
        self.assertEqual(self.emulator.request('POST', path).status, 405)
        head = self.emulator.request('HEAD', path)
        self.assertEqual((head.status, head.body), (200, b''))
        self.assertEqual(self.emulator.request('OPTIONS', path).status, 204)

    def test_half_of_a_segment(self):
        path = self.playlist(self.both()[0]).segments[-1][2]
        size = len(self.fetch(path))
        self.done(self.emulator.control('/_/faults', {'faults': [
            {'operation': 'edge:segment', 'reset': 'mid_body', 'count': 1}]}))
        request = f'GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode()
        head, body = self.emulator.raw(request).split(b'\r\n\r\n', 1)
        self.assertIn(b'content-length: %d' % size, head.lower())
        # What is not sent yet when the connection is reset is lost.
        self.assertTrue(0 < len(body) <= size // 2, len(body))

    def test_what_cannot_be_streamed_is_refused(self):
        channel = self.new_channel(live=False)
        for more, sentence in [
                ({'from': '/no/such.mp4'}, 'No such file'),
                ({'from': '/'}, '/ is not a regular file'),
                ({'from': '/dev/zero'}, '/dev/zero is not a regular file'),
                ({'from': 'film.mp4'}, 'absolute path'),
                ({'from': 1}, 'from is an integer, expected a string'),
                ({'from': 'testsrc', 'loop': 1},
                 'loop is an integer, expected true or false'),
                ({'from': 'testsrc', 'ladder': ['144p']},
                 'no rendition 144p, expected 1080p'),
                ({'from': 'testsrc', 'ladder': []}, 'ladder is not an array'),
                ({'from': 'testsrc', 'ladder': 'all'},
                 'ladder is not an array'),
                ({'from': 'testsrc', 'ladder': [1]}, 'that is no text'),
                ({'ladder': ['160p']}, 'ladder is expected only with from'),
                ({'loop': True}, 'loop is expected only with from'),
                ({'from': 'testsrc', 'more': 1}, "has a member 'more'")]:
            answer = self.emulator.stream(channel['arn'], **more)
            self.assertIn(sentence,
                          self.refused(answer, 400, 'ValidationException'))
        self.refused(self.emulator.call('GetStream', {
            'channelArn': channel['arn']}), 404, 'ChannelNotBroadcasting')


class Ends(MediaCase):
    """Each test begins and ends a stream of its own."""

    def setUp(self):
        self.channel = self.new_channel(live=False)
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.addCleanup(lambda: self.emulator.stream(self.channel['arn'],
                                                     'stop'))

    def begin(self, *more, **how):
        return self.start(self.channel, '--ladder', '160p', *more, **how)

    def ended(self):
        stream = self.shown(self.channel)
        return stream if stream['state'] == 'OFFLINE' else None

    def film(self, seconds=3, sound=('-f', 'lavfi', '-i', 'sine')):
        path = os.path.join(self.directory, 'film.mp4')
        subprocess.run(
            ['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i',
             'testsrc2=size=320x240:rate=25', *sound,
             '-t', str(seconds), '-c:v', 'libx264', '-preset', 'ultrafast',
             '-pix_fmt', 'yuv420p', path], check=True,
            stdin=subprocess.DEVNULL)
        return path

    def joined(self):
        """A player's rendition; the film waits until it has that."""
        [encoder] = children(self.emulator.process.pid)
        os.kill(encoder, signal.SIGSTOP)
        try:
            return self.variants(self.plays(self.token()))[0]
        finally:
            os.kill(encoder, signal.SIGCONT)

    def test_stop_and_start(self):
        self.begin()
        [encoder] = children(self.emulator.process.pid)
        variant = self.variants(self.plays(self.token()))[0]
        path = self.playlist(variant).segments[0][2]
        stopped = self.command('stop', '--channel', self.channel['arn'])
        self.assertEqual(stopped['state'], 'OFFLINE')
        self.assertNotIn('endReason', stopped)
        until(lambda: not is_there(encoder))
        self.assertTrue(until(lambda: Playlist(self.get(variant).body)).ended)
        self.fetch(path) # a player plays what it has heard of
        self.assertIn('is offline', self.command(
            'stop', '--channel', self.channel['arn'], code=1))
        self.begin()
        second = self.variants(self.plays(self.token()))[0]
        self.assertFalse(self.playlist(second).ended)
        self.assertTrue(Playlist(self.get(variant).body).ended)
        self.done(self.emulator.call('StopStream',
                                     {'channelArn': self.channel['arn']}))
        until(lambda: not children(self.emulator.process.pid))

    def test_nothing_is_left_open(self):
        def files():
            return len(os.listdir(f'/proc/{self.emulator.process.pid}/fd'))
        self.reset()
        before = files()
        self.channel = self.new_channel(live=False)
        self.begin()
        variant = self.variants(self.plays(self.token()))[0]
        path = self.playlist(variant).segments[0][2]
        for _ in range(20):
            self.fetch(path)
        self.reset()
        until(lambda: files() <= before)
        until(lambda: not children(self.emulator.process.pid))

    def reset(self):
        """All is dropped but the key."""
        self.emulator.control('/_/reset', {})
        self.done(self.emulator.call('ImportPlaybackKeyPair', {
            'publicKeyMaterial': self.key.public}))

    def test_a_file_is_played_again_and_again(self):
        self.begin('--from', os.path.relpath(self.film()))
        variant = self.variants(self.plays(self.token()))[0]
        data = self.fetch_all(variant, 3)
        transport.check_counters(data)
        transport.decode(data)
        [video] = transport.probe(data, '-show_streams', '-select_streams',
                                  'v')['streams']
        self.assertEqual((video['width'], video['height']), (284, 160))
        self.assertEqual(self.shown(self.channel)['media']['from'],
                         os.path.realpath(f'{self.directory}/film.mp4'))

    def test_a_file_ends_once(self):
        self.begin('--from', self.film(8), '--once')
        variant = self.joined()
        self.assertEqual(until(self.ended)['endReason'], 'the file has ended')
        session = self.done(self.emulator.call('GetStreamSession', {
            'channelArn': self.channel['arn']}))['streamSession']
        self.assertEqual([e['name'] for e in session['truncatedEvents']][:2],
                         ['Session Ended', 'Stream End'])
        self.assertNotIn('endReason', session)
        playlist = Playlist(self.get(variant).body)
        self.assertTrue(playlist.ended)
        self.assertAlmostEqual(sum(s[1] for s in playlist.segments), 8,
                               delta=0.2)

    def test_a_film_without_sound_is_silent(self):
        self.begin('--from', self.film(8, ()), '--once')
        variant = self.joined()
        data = self.fetch(self.playlist(variant).segments[0][2])
        self.assertEqual([s['codec_name'] for s in transport.probe(
            data, '-show_streams')['streams']], ['h264', 'aac', 'timed_id3'])
        transport.decode(data)
        self.assertEqual(until(self.ended)['endReason'], 'the file has ended')

    def test_sound_alone_has_no_picture_to_show(self):
        path = os.path.join(self.directory, 'sound.wav')
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'sine',
                        '-t', '5', path], check=True, stdin=subprocess.DEVNULL)
        self.assertIn('matches no streams', self.begin('--from', path, code=1))
        stream = self.start(self.channel, '--from', path, '--ladder',
                            'audio_only')
        self.assertEqual(stream['state'], 'LIVE')

    def test_what_is_no_film_ends_with_a_reason(self):
        path = os.path.join(self.directory, 'text')
        for content in [b'', b'#EXTM3U\nfile:///etc/passwd\n',
                        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
                        b'root:x:0:0:root\n' * 100]:
            with open(path, 'wb') as file:
                file.write(content)
            message = self.begin('--from', path, code=1)
            self.assertIn('the stream has ended: ffmpeg ended with status',
                          message)
            self.assertRegex(message, re.escape(path) +
                             r': Invalid (data|argument)')
            self.assertNotIn('/dev/fd', message + self.emulator.errors())

    def test_a_path_that_is_too_long_to_show(self):
        folder = self.directory
        for _ in range(3):
            folder = os.path.join(folder, 'ä' * 120)
        os.makedirs(folder)
        path = os.path.join(folder, 'text')
        with open(path, 'w') as file:
            file.write('text')
        self.assertIn('the file: Invalid data',
                      self.begin('--from', path, code=1))

    def test_without_descriptors_segments_are_not_gone(self):
        self.begin()
        [encoder] = children(self.emulator.process.pid)
        variant = self.variants(self.plays(self.token()))[0]
        path = self.playlist(variant).segments[-1][2]
        pid = self.emulator.process.pid
        connection = http.client.HTTPConnection(self.emulator.host, timeout=300)
        self.addCleanup(connection.close)

        def status():
            connection.request('GET', path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        self.assertEqual(status(), 200)
        os.kill(encoder, signal.SIGSTOP)
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        try:
            used = {int(fd) for fd in os.listdir(f'/proc/{pid}/fd')}
            free = next(fd for fd in range(10 ** 6) if fd not in used)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, before[1]))
            self.assertEqual(status(), 500)
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            os.kill(encoder, signal.SIGCONT)
        self.assertEqual(status(), 200)

    def test_a_stream_that_cannot_end_keeps_its_media(self):
        emulator = Emulator('--db', os.path.join(self.directory, 'db'),
                            prefix=['env', '--ignore-signal=XFSZ'])
        self.addCleanup(emulator.stop)
        arn = emulator.call('CreateChannel').json['channel']['arn']
        self.command('start', '--channel', arn, '--ladder', '160p',
                     emulator=emulator)
        [encoder] = children(emulator.process.pid)
        os.kill(encoder, signal.SIGSTOP) # or a segment finds no room, either
        try:
            with full_disk(emulator):
                for answer in (
                        emulator.stream(arn, 'stop'),
                        emulator.call('StopStream', {'channelArn': arn}),
                        emulator.control('/_/reset', {})):
                    self.refused(answer, 500, 'InternalServerException')
        finally:
            os.kill(encoder, signal.SIGCONT)

        def count():
            stream = self.done(emulator.control(
                f'/_/streams?channelArn={arn}'))
            self.assertEqual(stream['state'], 'LIVE')
            return stream['media']['renditions'][0]['segments']
        before = count()
        until(lambda: count() > before + 1)
        self.assertEqual(children(emulator.process.pid), [encoder])
        self.done(emulator.stream(arn, 'stop'))
        until(lambda: not children(emulator.process.pid))

    def test_files_are_not_for_other_machines(self):
        emulator = Emulator('--host', '0.0.0.0')
        try:
            arn = emulator.call('CreateChannel').json['channel']['arn']
            answer = emulator.stream(arn, **{'from': '/etc/passwd'})
            self.assertEqual(answer.status, 403)
            self.assertIn('not bound to a loopback address', answer.type +
                          answer.json['message'])
        finally:
            self.assertEqual(emulator.stop(), 0)

    def test_a_killed_ffmpeg_ends_the_stream(self):
        self.begin()
        [encoder] = children(self.emulator.process.pid)
        os.kill(encoder, signal.SIGKILL)
        reason = until(self.ended)['endReason']
        self.assertEqual(reason, 'ffmpeg was killed by signal 9')
        self.assertRegex(self.emulator.errors(),
                         f'ivs-emulator: stream st-\\w+ has ended: {reason}')
        self.assertEqual(self.play(self.token()).status, 404)

    def test_who_stops_waiting_for_a_stream_has_none(self):
        arn = self.channel['arn']
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [PROGRAM, 'stream', 'start', '--channel', arn,
                 '--ladder', '160p', '--url', f'http://{self.emulator.host}'],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            # A segment takes two seconds, each look a few milliseconds.
            until(lambda: self.emulator.control(
                f'/_/streams?channelArn={arn}').json.get('state') == 'LIVE')
            process.send_signal(number)
            out, errors = process.communicate(timeout=60)
            self.assertEqual((process.returncode, out), (-number, ''), errors)
            self.assertIn('interrupted before the stream could be played',
                          errors)
            self.assertEqual(self.shown(self.channel)['state'], 'OFFLINE')
            until(lambda: children(self.emulator.process.pid) == [])

    def test_nothing_is_left_of_a_killed_emulator(self):
        db = os.path.join(self.directory, 'db')
        temporary = os.path.join(self.directory, 'tmp')
        os.mkdir(temporary)
        environment = {**os.environ, 'TMPDIR': temporary}
        emulator = Emulator('--db', db, env=environment)
        arn = emulator.call('CreateChannel').json['channel']['arn']
        self.command('start', '--channel', arn, '--ladder', '160p',
                     emulator=emulator)
        [encoder] = children(emulator.process.pid)
        self.assertEqual(os.listdir(temporary), [])
        emulator.process.kill()
        emulator.process.wait()
        emulator.process.stdout.close()
        until(lambda: not is_there(encoder))
        self.assertEqual(os.listdir(temporary), [])
        # The stream ended with it.
        emulator = Emulator('--db', db, env=environment)
        try:
            stream = emulator.control(f'/_/streams?channelArn={arn}').json
            self.assertEqual(stream['state'], 'OFFLINE')
            self.assertEqual(stream['endReason'],
                             'the emulator ended before it')
        finally:
            self.assertEqual(emulator.stop(), 0)

    def test_segments_that_cannot_be_written_end_the_stream(self):
        emulator = Emulator(env={**os.environ, 'TMPDIR': '/proc'})
        try:
            arn = emulator.call('CreateChannel').json['channel']['arn']
            message = self.command('start', '--channel', arn, '--ladder',
                                   '160p', emulator=emulator, code=1)
            self.assertIn('cannot write a segment below /proc: ', message)
        finally:
            self.assertEqual(emulator.stop(), 0)

    def test_without_ffmpeg_there_are_streams_without_pictures(self):
        emulator = Emulator(env={**os.environ, 'PATH': self.directory})
        try:
            arn = emulator.call('CreateChannel').json['channel']['arn']
            message = self.command('start', '--channel', arn,
                                   emulator=emulator, code=1)
            self.assertIn('ffmpeg is not in PATH', message)
            answer = emulator.stream(arn, **{'from': 'testsrc'})
            self.assertEqual((answer.status, answer.type),
                             (409, 'ConflictException'))
            stream = self.command('start', '--channel', arn, '--from', 'none',
                                  emulator=emulator)
            self.assertEqual(stream['state'], 'LIVE')
            self.assertNotIn('media', stream)
        finally:
            self.assertEqual(emulator.stop(), 0)


class Usage(MediaCase):
    def test_usage(self):
        done = subprocess.run([PROGRAM, 'stream', '--help'], text=True,
                              capture_output=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn('--ladder', done.stdout)
        for words in [(), ('begin',), ('start',), ('start', '--channel'),
                      ('start', '--channel='), ('start', '--channel', 'a', 'b'),
                      ('start', '--channel', 'a', '--from', ''),
                      ('start', '--channel', 'a', '--ladder='),
                      ('stop', '--channel', 'a', '--from', 'testsrc'),
                      ('stop', '--channel', 'a', '--once')]:
            self.assertIn('see ivs-emulator stream --help',
                          self.command(*words, code=2))

    def test_once_is_for_files(self):
        for words in ((), ('--from', 'testsrc'), ('--from=none',)):
            self.assertIn('expected --from FILE with --once', self.command(
                'start', '--channel', 'a', '--once', *words, code=2))

    def test_failures(self):
        arn = self.channel['arn']
        self.assertIn('cannot open no/such: ', self.command(
            'start', '--channel', arn, '--from', 'no/such', code=1))
        self.assertIn("channelArn is 'a', expected the ARN of a channel", self.command(
            'start', '--channel', 'a', code=1))
        self.assertIn('no rendition 4k', self.command(
            'start', '--channel', arn, '--ladder', '4k', code=1))
        self.assertIn('ivs-emulator: ', self.command(
            'stop', '--channel', arn, '--url', 'http://127.0.0.1:1/', code=1))


if __name__ == '__main__':
    if shutil.which('ffmpeg') is None or shutil.which('ffprobe') is None:
        print('ffmpeg is not here')
        sys.exit(77)
    main()
