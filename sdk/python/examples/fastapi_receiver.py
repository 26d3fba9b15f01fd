"""A receiver of webhooks with FastAPI.

pip install leadhouse fastapi uvicorn
WEBHOOK_SECRET=whsec_… uvicorn fastapi_receiver:app --port 9000

Register its URL with `verify_ownership` while it runs with WEBHOOK_REGISTERING=1 instead of the secret, which you do
not know yet.
"""

import os

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse

from leadhouse import WebhookEvent, WebhookVerificationError, events, verify_webhook

app = FastAPI()
# Several secrets, separated by commas, while a rotation lasts.
SECRETS = os.environ.get("WEBHOOK_SECRET", "").split(",")
# Only while the registration is in progress: who returns every challenge confirms the registrations of others, too.
IS_REGISTERING = os.environ.get("WEBHOOK_REGISTERING") == "1"
# Deliveries may arrive more than once. A real receiver keeps the ids in its database.
seen: set[str] = set()


async def verified(request: Request) -> WebhookEvent[object]:
    """Returns the event of the request, or answers with 401."""
    try:
        return verify_webhook(request.headers, await request.body(), SECRETS)
    except WebhookVerificationError as error:
        raise HTTPException(401, f"{error.reason}: {error}") from error


@app.post("/hook")
async def hook(request: Request) -> Response:
    """Receives an event."""
    if IS_REGISTERING:
        return PlainTextResponse((await request.json())["challenge"])
    event = await verified(request)
    if event.type == "webhook.verification":
        return PlainTextResponse(event.payload["challenge"])
    if event.id in seen:
        return Response(status_code=204)
    if isinstance(event, events.LeadCreated):
        print("new lead", event.data.name, event.data.email, flush=True)
    elif isinstance(event, events.LeadWon):
        print("won", event.data.name, flush=True)
    else:
        print("other event", event.type, flush=True)
    if event.id:
        seen.add(event.id)
    return Response(status_code=204)
