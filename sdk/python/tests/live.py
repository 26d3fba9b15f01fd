"""A local server of Leadhouse, a receiver of webhooks, and a proxy that loses responses."""

from __future__ import annotations

import http.server
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
START_TIMEOUT = 30.0
"""Seconds for the server to start, on a busy machine."""
DELIVERY_TIMEOUT = 20.0
"""Seconds within which a webhook must arrive."""


@dataclass(frozen=True)
class Live:
    """A running server."""

    credentials: dict[str, Any]

    @property
    def base_url(self) -> str:
        return str(self.credentials["baseUrl"])

    @property
    def native_key(self) -> str:
        return str(self.credentials["native"]["apiKey"])

    @property
    def test_key(self) -> str:
        return str(self.credentials["native"]["testApiKey"])

    @property
    def revenue_defenders_key(self) -> str:
        return str(self.credentials["revenueDefenders"]["apiKey"])


def binary() -> Path:
    """Returns the server's executable: LEADHOUSE_BINARY, or what `cargo build -p local --bins` made last."""
    if given := os.environ.get("LEADHOUSE_BINARY"):
        return Path(given)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [*target.glob("debug/leadhouse"), *target.glob("*/debug/leadhouse"), *target.glob("release/leadhouse")]
    if not built:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            raise FileNotFoundError("the server is not built: cargo build -p local --bins")
        pytest.skip("the server is not built: cargo build -p local --bins, or set LEADHOUSE_BINARY")
    return max(built, key=lambda path: path.stat().st_mtime)


@contextmanager
def running_server() -> Iterator[Live]:
    """Runs a server on a free port, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder) / "credentials.json", Path(folder) / "server.log"
        command = [str(binary()), "--listen", "127.0.0.1:0", "--credentials", str(file), "--unlimited"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + START_TIMEOUT
            while not file.exists() or not file.read_text(encoding="utf-8"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
            yield Live(json.loads(file.read_text(encoding="utf-8")))
        finally:
            process.terminate()
            process.wait(timeout=START_TIMEOUT)


@dataclass
class Delivery:
    """A webhook as it arrived."""

    headers: list[tuple[str, str]]
    body: bytes


class Receiver:
    """An endpoint that accepts every webhook."""

    def __init__(self, url: str, arrived: queue.Queue[Delivery]) -> None:
        self.url = url
        self._arrived = arrived

    def next(self) -> Delivery:
        """Returns the next webhook."""
        return self._arrived.get(timeout=DELIVERY_TIMEOUT)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Runs a receiver."""
    arrived: queue.Queue[Delivery] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put(Delivery(list(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with serving(Handler) as url:
        yield Receiver(f"{url}/hook", arrived)


@contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Runs an HTTP server on a free port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Proxy:
    """A proxy in front of the server."""

    url: str
    answered: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and status of what the server has answered, also where the answer was lost."""


@contextmanager
def running_proxy(target: str, loses: Callable[[int, str], str | None]) -> Iterator[Proxy]:
    """Runs a proxy that passes requests on. `loses` returns, for the number (from 1) and method of a request whose
    answer has arrived, `drop` to close the connection without it, `cut` to send half of it, `html` for a page with
    status 502 instead, or None to pass the answer on.
    """
    proxy = Proxy("")
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
            }
            request = urllib.request.Request(target + self.path, body, headers, method=self.command)
            try:
                with urllib.request.urlopen(request) as response:
                    status, content, sent = response.status, response.read(), response.headers
            except urllib.error.HTTPError as error:
                status, content, sent = error.code, error.read(), error.headers
            with lock:
                proxy.answered.append((self.command, self.path, status))
                fault = loses(len(proxy.answered), self.command)
            self.close_connection = True
            if fault == "drop":
                return
            if fault == "html":
                status, content = 502, b"<html><body>Bad gateway</body></html>"
            self.send_response(status)
            for name, value in sent.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date"):
                    self.send_header(name, "text/html" if fault == "html" and name.lower() == "content-type" else value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if fault == "cut" else content)

        do_GET = do_POST = do_PATCH = do_DELETE = _pass_on

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with serving(Handler) as url:
        proxy.url = url
        yield proxy
