"""A receiver of webhooks with Django, in one file.

pip install leadhouse django
WEBHOOK_SECRET=whsec_… python django_receiver.py runserver 9000
"""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leadhouse import WebhookVerificationError, events, verify_webhook

SECRETS = os.environ["WEBHOOK_SECRET"].split(",")


# Webhooks have no CSRF token: their signature is what authenticates them.
@csrf_exempt
@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """Receives an event."""
    try:
        event = verify_webhook(request.headers, request.body, SECRETS)
    except WebhookVerificationError as error:
        return HttpResponse(f"{error.reason}: {error}", status=401)
    if isinstance(event, events.LeadCreated):
        print("new lead", event.data.name, event.data.email, flush=True)
    else:
        print("other event", event.type, flush=True)
    return HttpResponse(status=204)


urlpatterns = [path("hook", hook)]

if __name__ == "__main__":
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1", "localhost"], SECRET_KEY="only for this example"
    )
    execute_from_command_line(sys.argv)
