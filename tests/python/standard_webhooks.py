"""Asks the published verifier whether each delivery of the standard input is genuine."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def verify(delivery):
    try:
        payload = Webhook(delivery["secret"]).verify(delivery["body"], delivery["headers"])
    except WebhookVerificationError as error:
        return {"accepted": False, "why": str(error)}
    return {"accepted": True, "payload": payload}


json.dump([verify(delivery) for delivery in json.load(sys.stdin)], sys.stdout)
