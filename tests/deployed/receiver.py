"""A receiver of webhooks."""

import http.server
import threading
import time


class Receiver:
    """A receiver of webhooks on loopback: notes what it gets and answers as it is told."""

    def __init__(self, *answers):
        """The first calls get these (status, headers); what comes after them gets 200."""
        self.received, self.answers, outer = [], list(answers), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.received.append((time.monotonic(), self.headers, body))
                status, headers = outer.answers.pop(0) if outer.answers else (200, {})
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "2"}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/hook"

    def wait_for(self, count, seconds):
        eventually(seconds, f"{count} calls", lambda: len(self.received) >= count)
        return self.received[:count]


def eventually(seconds, what, look):
    """Waits until `look` gives something."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.2)
    return found
