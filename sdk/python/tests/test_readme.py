"""The code of the README, executed against a server in the order in which it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadhouse import sign_webhook

from .live import Live

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_code_of_the_readme(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADHOUSE_API_KEY", live.native_key)
    monkeypatch.setenv("LEADHOUSE_BASE_URL", live.base_url)
    monkeypatch.setenv("RD_API_KEY", live.revenue_defenders_key)
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    names: dict[str, Any] = {"__name__": "readme"}
    printed = []
    for number, block in enumerate(BLOCKS):
        exec(compile(block, f"README.md, block {number}", "exec"), names)
        printed.append(capsys.readouterr().out)
    assert len(BLOCKS) >= 10
    assert Path("package.pdf").read_bytes().startswith(b"%PDF-")
    everything = "\n".join(printed)
    for expected in ("CONTACTED", "whsec_", "email", "READY http://", "pages\n['", "GET /v2/leads/", "lead"):
        assert expected in everything, expected


@pytest.mark.anyio
async def test_receiver_of_the_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(next(block for block in BLOCKS if block.startswith("# receiver.py")), names)
    body = '{"id": "1", "type": "lead.created", "data": {"name": "Jane", "email": "jane@example.com"}}'
    transport = httpx.ASGITransport(app=names["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver.test") as client:
        genuine = await client.post("/hook", content=body, headers=sign_webhook(body, SECRET))
        forged = await client.post("/hook", content=body + " ", headers=sign_webhook(body, SECRET))
    assert (genuine.status_code, forged.status_code) == (204, 401)
    assert "verified: Jane jane@example.com" in capsys.readouterr().out
