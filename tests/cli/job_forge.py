# SPDX-License-Identifier: MIT
"""Make a job file that somebody else might have written: every checksum is
right, and something else is wrong.

job_forge.py GOOD FORGED WHAT [ARGUMENT]
"""
import os
import shutil
import sqlite3
import struct
import sys
import zlib

good, forged, what = sys.argv[1:4]
shutil.copy(good, forged)
db = sqlite3.connect(forged)


def crc(*texts):
    return zlib.crc32(b"".join(t + b"\0" for t in texts))


def sum_pairs():
    rows = db.execute(
        "SELECT p.id, CAST(c.arn AS BLOB), CAST(p.viewer AS BLOB), p.version,"
        " p.line, p.state, CAST(p.code AS BLOB), CAST(p.message AS BLOB)"
        " FROM pair AS p JOIN channel AS c ON c.id = p.channel"
    ).fetchall()
    for i, arn, viewer, version, line, state, code, message in rows:
        numbers = "%d %d %d %d %d" % (i, version is not None, version or 0, line, state)
        texts = [t or b"" for t in (arn, viewer, code, message)]
        db.execute(
            "UPDATE pair SET sum = ? WHERE id = ?", (crc(numbers.encode(), *texts), i)
        )


def sum_job():
    given, value, rows, pairs, *texts = db.execute(
        "SELECT version IS NOT NULL, coalesce(version, 0), rows, pairs, input,"
        " account, region, endpoint FROM job"
    ).fetchone()
    numbers = "%d %d %d %d" % (given, value, rows, pairs)
    db.execute("UPDATE job SET sum = ?", (crc(*(t.encode() for t in [numbers] + texts)),))


def relax(table, change):
    """Change a table that allows NULL for a while."""
    db.execute("PRAGMA writable_schema = ON")
    sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    loose = sql.replace(" NOT NULL", "")
    for text, then in ((loose, change), (sql, None)):
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (text, table))
        version = db.execute("PRAGMA schema_version").fetchone()[0]
        db.execute("PRAGMA schema_version = %d" % (version + 1))
        db.commit()
        if then:
            db.execute(then)
            db.commit()


def journal(path):
    """Rolls nothing back, and names the file at `path` as its superior."""
    magic = bytes.fromhex("d9d505f920a163d7")
    pages = os.path.getsize(forged) // 4096
    name = os.path.abspath(path).encode()
    with open(forged + "-journal", "wb") as f:
        f.write((magic + struct.pack(">5I", 0, 0, pages, 512, 4096)).ljust(512, b"\0"))
        f.write(struct.pack(">I", (1 << 30) // 4096 + 1) + name)
        f.write(struct.pack(">2I", len(name), sum(name)) + magic)


viewers = {
    "viewer-empty": b"",
    "viewer-41": b"v" * 41,
    "viewer-bytes": b"\xff\xfe",
    "viewer-huge": b"v" * 1000000,
}
if what in viewers:
    db.execute("UPDATE pair SET viewer = CAST(? AS TEXT) WHERE id = 2", (viewers[what],))
elif what == "viewer-null":
    relax("pair", "UPDATE pair SET viewer = NULL WHERE id = 2")
elif what == "channel-null":
    relax("channel", "UPDATE channel SET arn = NULL")
elif what == "channel-other":
    db.execute("UPDATE channel SET arn = replace(arn, ':channel/', ':stream-key/')")
elif what == "version":
    db.execute("UPDATE pair SET version = 2147483648 WHERE id = 2")
elif what == "state":
    db.execute("UPDATE pair SET state = 3 WHERE id = 2")
elif what == "code-bytes":
    db.execute("UPDATE pair SET state = 2, code = CAST(x'ff' AS TEXT) WHERE id = 2")
elif what == "gap":
    db.execute("UPDATE pair SET id = 9 WHERE id = 2")
elif what == "rows":
    db.execute("UPDATE job SET rows = -1")
elif what == "view":
    db.execute("CREATE VIEW v AS SELECT * FROM pair")
elif what == "same":
    pass
sum_pairs()
sum_job()
db.commit()
db.close()
if what == "journal":
    journal(sys.argv[4])
