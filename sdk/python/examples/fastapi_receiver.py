"""A receiver of webhooks with FastAPI.

pip install leadhouse fastapi uvicorn
WEBHOOK_SECRET=whsec_… uvicorn fastapi_receiver:app --port 9000
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request

from leadhouse import WebhookEvent, WebhookVerificationError, events, verify_webhook

app = FastAPI()
# Several secrets, separated by commas, while a rotation lasts.
SECRETS = os.environ["WEBHOOK_SECRET"].split(",")
# Deliveries may arrive more than once. A real receiver keeps the ids in its database.
seen: set[str] = set()


async def verified(request: Request) -> WebhookEvent[object]:
    """Returns the event of the request, or answers with 401."""
    try:
        return verify_webhook(request.headers, await request.body(), SECRETS)
    except WebhookVerificationError as error:
        raise HTTPException(401, f"{error.reason}: {error}") from error


@app.post("/hook", status_code=204)
async def hook(event: Annotated[WebhookEvent[object], Depends(verified)]) -> None:
    """Receives an event."""
    if event.id in seen:
        return
    if isinstance(event, events.LeadCreated):
        print("new lead", event.data.name, event.data.email, flush=True)
    elif isinstance(event, events.LeadWon):
        print("won", event.data.name, flush=True)
    else:
        print("other event", event.type, flush=True)
    if event.id:
        seen.add(event.id)
