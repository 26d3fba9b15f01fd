"""Steps of an upload after its evidence was created: send the file to its link, and wait until it is processed."""

from __future__ import annotations

import time
from datetime import datetime, timezone

from ._headers import check_values, merge_headers
from ._http import Request, RequestOptions
from ._settings import Settings, user_agent
from ._upload_file import Upload
from .errors import ApiConnectionError, ApiError, ApiTimeoutError, UploadError
from .native import models

UPLOAD_TIMEOUT = 120.0
"""Seconds for an attempt to upload, unless the caller says how many: for 20 MB over 2 Mbit/s."""
INITIAL_POLL_INTERVAL = 0.1
"""Seconds between the first two requests for the state of the evidence. Each further interval is twice as long."""
MAX_POLL_INTERVAL = 2.0
"""Seconds: the longest interval between two requests for the state of the evidence."""
UPLOAD_PATH = "{uploadUrl}"
"""Path of an upload for hooks and logs: the link itself holds the evidence's id and a signature."""
MAX_QUOTED = 200
"""Characters of the file storage's response that an error quotes."""


class UploadProgress:
    """An upload whose evidence has been created. It does no I/O itself, so that both clients share it."""

    def __init__(self, upload: Upload, evidence: models.Evidence, idempotency_key: str, wait: float) -> None:
        self.evidence = evidence
        self._upload = upload
        self._idempotency_key = idempotency_key
        self._wait = wait
        self._deadline = float("inf")
        self._interval = INITIAL_POLL_INTERVAL
        self._put_error: ApiError | ApiConnectionError | None = None

    def request(self, settings: Settings, options: RequestOptions | None) -> Request | None:
        """Returns the request that sends the file; None if the file has arrived before. It has no API key: the link is
        the permission.
        """
        if not self.evidence.upload_url:
            return None
        options = options or {}
        # The length is that of the content anyway, and must not be sent twice.
        given = self.evidence.upload_headers or {}
        headers = {name: value for name, value in given.items() if name.lower() != "content-length"}
        check_values(headers)
        return Request(
            method="PUT",
            url=self.evidence.upload_url,
            path=UPLOAD_PATH,
            headers=merge_headers({"User-Agent": user_agent()}, headers),
            content=self._upload.content,
            timeout=options.get("timeout", UPLOAD_TIMEOUT),
            max_retries=options.get("max_retries", settings.max_retries),
        )

    def put_failed(self, error: ApiError | ApiConnectionError) -> None:
        """Keeps the error of the request that sends the file. It is not raised yet: the file may have arrived."""
        if isinstance(error, ApiConnectionError):
            # The file storage has an address of its own, and its requests have no idempotency key.
            error.advice = "Raise `timeout`." if isinstance(error, ApiTimeoutError) else "Check the network."
        # 412: the file is there already, because the response to an earlier attempt was lost.
        if not (isinstance(error, ApiError) and error.status_code == 412):
            self._put_error = error

    def needs_new_link(self) -> bool:
        """Returns whether the file was not accepted because its link has expired."""
        expires_at = self.evidence.upload_expires_at
        if self._put_error is None or expires_at is None or expires_at.tzinfo is None:
            return False
        return expires_at <= datetime.now(timezone.utc)

    def renew(self, evidence: models.Evidence) -> None:
        """Takes the evidence with a new link, from the response that is replayed for the idempotency key."""
        self.evidence, self._put_error = evidence, None

    def begin_wait(self) -> None:
        """Begins the time to wait until the file is processed. How long it took to send it does not count."""
        self._deadline = time.monotonic() + self._wait

    def next_delay(self, evidence: models.Evidence) -> float | None:
        """Returns the seconds until the next request for the state; None if the file is ready. Raises UploadError."""
        self.evidence = evidence
        if evidence.status == "READY" and evidence.sha256 in (None, self._upload.sha256):
            return None
        if self._put_error is not None:
            raise self._not_accepted(self._put_error) from self._put_error
        if evidence.status in ("READY", "EXPIRED"):
            raise self._error(
                f"The evidence is {evidence.status}, with another file or none.",
                advice="Upload the file again under another idempotency key, as new evidence.",
            )
        if time.monotonic() + self._interval > self._deadline:
            raise self._error(
                f"The file was sent but is not READY after {self._wait:g} s.",
                advice=f"Get evidence {evidence.id} again later.",
            )
        interval, self._interval = self._interval, min(MAX_POLL_INTERVAL, self._interval * 2)
        return interval

    def interruption_error(self, error: Exception) -> UploadError:
        """Returns the error for whatever failed after the evidence was created."""
        if self._put_error is not None:
            return self._not_accepted(self._put_error)
        return self._error(f"The upload was interrupted. {error}", advice=self._how_to_continue())

    def _not_accepted(self, error: ApiError | ApiConnectionError) -> UploadError:
        reason, status = str(error), None
        if isinstance(error, ApiError):
            status = error.status_code
            text = error.body if isinstance(error.body, str) else error.message
            reason = f"The file storage responded with status {status}: {' '.join(text.split())[:MAX_QUOTED]}"
        return self._error(f"The file was not accepted. {reason}", advice=self._how_to_continue(), status_code=status)

    def _how_to_continue(self) -> str:
        return (
            f"Call upload again with the same arguments and the idempotency key {self._idempotency_key}: it continues "
            f"with evidence {self.evidence.id}."
        )

    def _error(self, message: str, *, advice: str, status_code: int | None = None) -> UploadError:
        return UploadError(
            message,
            evidence=self.evidence,
            idempotency_key=self._idempotency_key,
            status_code=status_code,
            advice=advice,
        )
