"""The examples, each as a process of its own, against a server."""

from __future__ import annotations

import hashlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadhouse import Leadhouse

from .live import DELIVERY_TIMEOUT, START_TIMEOUT, Live

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
RECEIVERS = {
    "fastapi": ["-m", "uvicorn", "fastapi_receiver:app", "--log-level", "warning", "--port"],
    "django": ["django_receiver.py", "runserver", "--noreload", "--skip-checks"],
}


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[queue.Queue[str]]:
    """Runs a receiver until it listens. Yields the lines that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-u", *command, str(port)],
        cwd=EXAMPLES,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    output = process.stdout
    assert output is not None

    def read() -> None:
        for line in output:
            lines.put(line.strip())

    threading.Thread(target=read, daemon=True).start()
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline, "the receiver did not start"
                time.sleep(0.05)
        yield lines
    finally:
        process.terminate()
        process.wait(timeout=START_TIMEOUT)


@pytest.mark.parametrize("framework", list(RECEIVERS))
def test_receiver(lh: Leadhouse, framework: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    webhook = lh.webhooks.create(url=url, events=["lead.created"])
    secrets = f"whsec_{'A' * 43}=,{webhook.secret}"
    with running(RECEIVERS[framework], port, {"WEBHOOK_SECRET": secrets}) as lines:
        lh.leads.create(name="Zoë Åkesson", email="zoe@example.com")
        printed = ""
        while not printed.startswith("new lead"):
            printed = lines.get(timeout=DELIVERY_TIMEOUT)
        assert printed == "new lead Zoë Åkesson zoe@example.com"
        forged = urllib.request.Request(url, b"{}", {"X-Signature": "0" * 64}, method="POST")
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(forged)
        assert raised.value.code == 401
    deadline = time.monotonic() + DELIVERY_TIMEOUT
    while lh.deliveries.list(webhook_id=webhook.id).items[0].status != "DELIVERED":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    lh.webhooks.delete(webhook.id)


def free_port() -> int:
    """Returns a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_receiver_confirms_ownership(lh: Leadhouse) -> None:
    port, later_port = free_port(), free_port()
    url, later_url = (f"http://127.0.0.1:{one}/hook" for one in (port, later_port))
    with running(RECEIVERS["fastapi"], port, {"WEBHOOK_REGISTERING": "1"}):
        webhook = lh.webhooks.create(url=url, events=["lead.created"], verify_ownership=True)
    assert webhook.secret is not None
    with running(RECEIVERS["fastapi"], later_port, {"WEBHOOK_SECRET": webhook.secret}):
        assert lh.webhooks.update(webhook.id, url=later_url).url == later_url
        of_somebody_else = b'{"type": "webhook.verification", "challenge": "7c1f"}'
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(urllib.request.Request(later_url, of_somebody_else, method="POST"))
        assert raised.value.code == 401
    lh.webhooks.delete(webhook.id)


def run_example(live: Live, name: str, argument: Path) -> subprocess.CompletedProcess[str]:
    """Runs an example to its end."""
    environment = {"LEADHOUSE_API_KEY": live.native_key, "LEADHOUSE_BASE_URL": live.base_url}
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), str(argument)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_import_of_leads(live: Live, lh: Leadhouse, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    lines = [
        "name,email,phone,budget",
        *(f"Lead {number},lead{number}@example.com,,100{number}" for number in range(150)),
    ]
    lines[20] = "Nobody,,,"
    file.write_bytes("\ufeff".encode() + "\r\n".join(lines).encode())
    for _ in range(2):
        done = run_example(live, "import_leads.py", file)
        assert (done.returncode, done.stdout) == (1, "149 leads created, 1 lines not accepted\n")
        assert done.stderr.startswith("line 21: ")
    leads = list(lh.leads.iterate(source="CSV_IMPORT"))
    assert sorted(lead.name for lead in leads) == sorted(f"Lead {n}" for n in range(150) if n != 19)
    assert {lead.name: lead.attributes for lead in leads}["Lead 7"] == {"budget": "1007"}


def test_upload_of_evidence(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1_000_000))
    done = run_example(live, "upload_evidence.py", file)
    status, link = done.stdout.splitlines()
    assert status == f"READY {hashlib.sha256(file.read_bytes()).hexdigest()}"
    with urllib.request.urlopen(link) as response:
        assert response.read() == file.read_bytes()
