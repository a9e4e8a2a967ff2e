# SPDX-License-Identifier: MIT
"""Reading MPEG transport streams (ISO/IEC 13818-1), beside what ffprobe tells
of them."""

import json
import subprocess
import tempfile


def packets(data):
    """(PID, whether a unit starts, counter, payload) of each packet."""
    assert len(data) % 188 == 0, len(data)
    for at in range(0, len(data), 188):
        packet = data[at:at + 188]
        assert packet[0] == 0x47, at
        begin = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        yield ((packet[1] & 0x1f) << 8 | packet[2], bool(packet[1] & 0x40),
               packet[3] & 15, packet[begin:] if packet[3] & 0x10 else b'')


def check_counters(data):
    """Each PID's counter goes on with each packet that has a payload."""
    last = {}
    for pid, _, counter, payload in packets(data):
        if payload:
            assert counter == (last.get(pid, counter - 1) + 1) % 16, pid
            last[pid] = counter


def texts(data):
    """(PTS, text) of each ID3 tag with one TXXX frame in UTF-8."""
    units = []
    for pid, start, _, payload in packets(data):
        if pid == 0x1f0 and start:
            units.append(payload)
        elif pid == 0x1f0:
            units[-1] += payload
    return [text(unit) for unit in units]


def text(unit):
    assert unit[:4] == b'\0\0\1\xbd', unit[:4]
    assert int.from_bytes(unit[4:6], 'big') == len(unit) - 6
    assert unit[6:9] == b'\x84\x80\5'
    pts = ((unit[9] >> 1 & 7) << 30 | unit[10] << 22 | unit[11] >> 1 << 15 |
           unit[12] << 7 | unit[13] >> 1)
    tag = unit[14:]
    assert tag[:6] == b'ID3\4\0\0' and tag[10:14] == b'TXXX'
    assert syncsafe(tag[6:10]) == len(tag) - 10
    assert syncsafe(tag[14:18]) == len(tag) - 20
    assert tag[18:22] == b'\0\0\3\0' and tag[-1] == 0
    return pts, tag[22:-1].decode()


def syncsafe(data):
    assert all(byte < 128 for byte in data)
    return sum(byte << 7 * (3 - i) for i, byte in enumerate(data))


def probe(data, *options):
    """What ffprobe says, which must have nothing to complain of."""
    with tempfile.NamedTemporaryFile(suffix='.ts') as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            ['ffprobe', '-v', 'error', '-of', 'json', *options, file.name],
            stdin=subprocess.DEVNULL, capture_output=True, check=True)
        assert done.stderr == b'', done.stderr
        return json.loads(done.stdout)


def decode(data):
    """Pictures and sound must come out of it without a complaint."""
    done = subprocess.run(
        ['ffmpeg', '-v', 'error', '-f', 'mpegts', '-i', 'pipe:0', '-f', 'null',
         '-'], input=data, capture_output=True, check=True)
    assert done.stderr == b'', done.stderr
