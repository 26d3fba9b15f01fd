"""A webhook receiver, and waiting for asynchronous results."""

import contextlib
import http.server
import threading
import time


class WebhookReceiver:
    """An HTTP server on loopback that records webhooks and returns configured responses."""

    def __init__(self, *responses):
        """Responds to the first calls with these (status, headers), and to all later ones with 200."""
        self.received, self.responses, outer = [], list(responses), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.received.append((time.monotonic(), self.headers, body))
                status, headers = outer.responses.pop(0) if outer.responses else (200, {})
                # The caller may have been killed.
                with contextlib.suppress(ConnectionError):
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
        wait_until(seconds, f"{count} calls", lambda: len(self.received) >= count)
        return self.received[:count]


def wait_until(seconds, description, condition):
    """Calls `condition` until it returns something truthy, and returns that; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {description}"
        time.sleep(0.2)
    return result
