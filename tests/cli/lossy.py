# SPDX-License-Identifier: MIT
"""A way to a server on which things get lost. Prints its URL.

lossy.py UPSTREAM PATH STEP...    a STEP for each request of PATH, in order;
                                  what comes after them, or for another path,
                                  is passed on and answered
  pass     pass the request on, and its answer back
  lost     pass the request on, and close the connection instead of answering
  gone     close the connection, and pass nothing on
  broken   pass the request on, and answer 500
"""
import http.client
import http.server
import sys
import urllib.parse

upstream = urllib.parse.urlsplit(sys.argv[1]).netloc
steps = sys.argv[3:]


class Handler(http.server.BaseHTTPRequestHandler):
    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        step = steps.pop(0) if self.path == sys.argv[2] and steps else "pass"
        self.close_connection = True
        if step == "gone":
            return
        there = http.client.HTTPConnection(upstream, timeout=30)
        # As it came: its headers are signed, the host's among them.
        there.putrequest(self.command, self.path, skip_host=True,
                         skip_accept_encoding=True)
        for name, value in self.headers.items():
            there.putheader(name, value)
        there.endheaders(body)
        answer = there.getresponse()
        content = answer.read()
        there.close()
        if step == "lost":
            return
        self.send_response(500 if step == "broken" else answer.status)
        if step == "broken":
            content = b""
        for name, value in answer.getheaders():
            if name.lower().startswith(("content-type", "x-amzn-")):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
