# SPDX-License-Identifier: MIT
"""A server on a loopback port that is not the service. Prints its URL.

answer.py STATUS CONTENT_TYPE BODY    answers every request so
answer.py script STATUS:BODY...       one answer after the other, in JSON;
                                      drop: closes the connection instead,
                                      hang: does as below
answer.py hang                        prints "waiting" and does not answer
answer.py record FILE STATUS:BODY...  as script, then 200:{} for ever; slow:
                                      is 200:{} after 0.3 s; hold: prints "held"
                                      and closes the connection; the body of
                                      each request is a line of FILE

With ANSWER_SKEW=SECONDS its Date is so far ahead. With ANSWER_THROTTLE=FILE,
while that exists, requests with its text in them are answered 429.
"""
import http.server
import os
import sys
import threading
import time

recording = sys.argv[1] == "record"
script = [step.split(":", 1) for step in sys.argv[3 if recording else 2 :]]
lock = threading.Lock()


def next_step(body):
    with lock:
        throttle = os.environ.get("ANSWER_THROTTLE", "")
        if os.path.exists(throttle):
            with open(throttle, "rb") as f:
                if f.read() in body:
                    return ["429", '{"__type":"ThrottlingException"}']
        if recording:
            with open(sys.argv[2], "ab") as f:
                f.write(body + b"\n")
        step = script.pop(0) if script or not recording else ["200", "{}"]
    if step[0] == "slow":
        time.sleep(0.3)
        step = ["200", "{}"]
    return step


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if sys.argv[1] == "hang":
            return self.hang()
        if sys.argv[1] in ("script", "record"):
            (status, body), media = next_step(body), "application/json"
            if status == "hold":
                print("held", flush=True)
            if status in ("drop", "hold"):
                self.close_connection = True
                return
            if status == "hang":
                return self.hang()
        else:
            status, media, body = sys.argv[1:]
        self.send_response(int(status))
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def hang(self):
        print("waiting", flush=True)
        time.sleep(60)

    def date_time_string(self, timestamp=None):
        skew = int(os.environ.get("ANSWER_SKEW", "0"))
        return super().date_time_string(time.time() + skew)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
