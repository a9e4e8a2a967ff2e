# SPDX-License-Identifier: MIT
"""Answers every request on a loopback port alike, and prints its URL.

answer.py STATUS CONTENT_TYPE BODY
answer.py hang
"""
import http.server
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if sys.argv[1] == "hang":
            # Tells the test that a request is waiting.
            print("waiting", flush=True)
            time.sleep(60)
            return
        body = sys.argv[3].encode()
        self.send_response(int(sys.argv[1]))
        self.send_header("Content-Type", sys.argv[2])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
