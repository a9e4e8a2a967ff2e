# SPDX-License-Identifier: MIT
"""A server on a loopback port that is not the service. Prints its URL.

answer.py STATUS CONTENT_TYPE BODY    answers every request so
answer.py script STATUS:BODY...       one answer after the other, in JSON;
                                      drop: closes the connection instead
answer.py hang                        prints "waiting" and does not answer
"""
import http.server
import sys
import time

script = [step.split(":", 1) for step in sys.argv[2:]]


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if sys.argv[1] == "hang":
            print("waiting", flush=True)
            time.sleep(60)
            return
        if sys.argv[1] == "script":
            (status, body), media = script.pop(0), "application/json"
            if status == "drop":
                self.close_connection = True
                return
        else:
            status, media, body = sys.argv[1:]
        self.send_response(int(status))
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
