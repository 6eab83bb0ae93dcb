"""A web server behind OpenSSL's TLS, for tests: the time-stamping authority at an address of plain HTTP, and servers that misbehave.

behind_tls.py AUTHORITY CERTIFICATE KEY [CERTIFICATE KEY]… prints a port for each pair and serves until its input ends.
/ hands on to the authority, /redirect leads to it in the clear, /flood never ends.
"""

import http.server
import ssl
import sys
import threading
import urllib.request

REPLY = "application/timestamp-reply"


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", sys.argv[1])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/flood":
            self.send_response(200)
            self.send_header("Content-Type", REPLY)
            self.end_headers()
            while True:
                self.wfile.write(bytes(65536))
        else:
            asked = urllib.request.Request(sys.argv[1], query, {"Content-Type": "application/timestamp-query"})
            with urllib.request.urlopen(asked) as answer:
                reply = answer.read()
            self.send_response(200)
            self.send_header("Content-Type", REPLY)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # clients of these tests hang up


def serve(certificate, key):
    server = Server(("127.0.0.1", 0), Site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # The handshake belongs to the connection's own thread, not to the one that accepts.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


pairs = list(zip(sys.argv[2::2], sys.argv[3::2]))
print(*(serve(*pair) for pair in pairs), flush=True)
sys.stdin.read()
