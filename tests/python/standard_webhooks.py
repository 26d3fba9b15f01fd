"""Asks the published verifier whether each delivery of the standard input is genuine."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def judge(question):
    try:
        payload = Webhook(question["secret"]).verify(question["body"], question["headers"])
    except WebhookVerificationError as error:
        return {"accepted": False, "why": str(error)}
    return {"accepted": True, "payload": payload}


json.dump([judge(question) for question in json.load(sys.stdin)], sys.stdout)
