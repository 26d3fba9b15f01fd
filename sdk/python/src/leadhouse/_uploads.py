"""Upload of evidence with its file in one call: declare the file, send it to the link, wait until it is processed."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast, get_args
from urllib.parse import urlsplit

import anyio.to_thread

from ._http import Request, RequestOptions
from ._settings import Settings, user_agent
from .errors import ApiError, ConfigurationError, UploadError
from .native import models, params, resources

File = bytes | str | os.PathLike[str] | IO[bytes]
"""A file: its content, its path, or a file that was opened in binary mode."""

DEFAULT_UPLOAD_WAIT = 30.0
"""Seconds to wait until the file is processed. It usually takes less than one."""
UPLOAD_TIMEOUT = 120.0
"""Seconds for an attempt to upload, unless the caller says how many: for 20 MB over 2 Mbit/s."""
FIRST_POLL_DELAY = 0.1
"""Seconds between the first two looks at the evidence. Each further wait is twice as long."""
MAX_POLL_DELAY = 2.0
"""Seconds: the longest wait between two looks."""
FILE_TYPES: Final = frozenset(get_args(models.FileType))
"""Media types that evidence may have."""


@dataclass(frozen=True)
class Upload:
    """A file with what is declared about it."""

    content: bytes
    declaration: params.FileParams

    @property
    def sha256(self) -> str | None:
        """Hash of the content, in hexadecimal."""
        return self.declaration.get("sha256")

    @classmethod
    def of(cls, file: File, name: str | None, content_type: str | None) -> Upload:
        """Reads a file. Raises ConfigurationError if its media type is not known."""
        content, found_name = _read(file)
        name = name if name is not None else found_name
        kind = content_type or mimetypes.guess_type(name or "")[0]
        if kind is None:
            accepted = ", ".join(sorted(FILE_TYPES))
            raise ConfigurationError(f"The media type of the file is unknown. Pass content_type, one of {accepted}.")
        # A type that is not among these is the server's to judge: it may know more of them.
        declaration: params.FileParams = {
            "content_type": cast("models.FileType", kind),
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        if name:
            declaration["name"] = name
        return cls(content, declaration)

    def request(self, settings: Settings, evidence: models.Evidence, options: RequestOptions | None) -> Request:
        """Returns the request that sends the file. It has no API key: the link itself is the permission."""
        url = evidence.upload_url or ""
        options = options or {}
        # The length is that of the content anyway, and must not be sent twice.
        headers = {
            name: value for name, value in (evidence.upload_headers or {}).items() if name.lower() != "content-length"
        }
        return Request(
            method="PUT",
            url=url,
            path=urlsplit(url).path,
            headers={**headers, "User-Agent": user_agent()},
            content=self.content,
            timeout=options.get("timeout", UPLOAD_TIMEOUT),
            max_retries=options.get("max_retries", settings.max_retries),
        )


class Progress:
    """What became of an upload, and how long to wait for more."""

    def __init__(self, upload: Upload, wait: float) -> None:
        self._upload = upload
        self._deadline = time.monotonic() + wait
        self._delay = FIRST_POLL_DELAY

    def delay(self, evidence: models.Evidence, upload_error: ApiError | None) -> float | None:
        """Returns the seconds until the next look, or None if the file is ready. Raises UploadError.

        An error of the upload says nothing yet: a repeated upload is an error too if the one before has arrived and
        only its response was lost.
        """
        if evidence.status == "READY" and evidence.sha256 in (None, self._upload.sha256):
            return None
        if upload_error is not None:
            body = upload_error.body
            text = body if isinstance(body, str) and body else upload_error.message
            message = f"The file was not accepted: {upload_error.status_code} {text}."
            raise UploadError(message, evidence=evidence, status_code=upload_error.status_code) from upload_error
        if evidence.status != "AWAITING_UPLOAD":
            raise UploadError(f"The evidence is {evidence.status}, with another file or none.", evidence=evidence)
        if time.monotonic() >= self._deadline:
            raise UploadError("The file was accepted, but is not processed yet.", evidence=evidence)
        delay, self._delay = self._delay, min(MAX_POLL_DELAY, self._delay * 2)
        return delay


class EvidenceUploads(resources.EvidenceResource):
    """Operations on evidence."""

    def upload(
        self,
        file: File,
        *,
        category: models.EvidenceCategory,
        business_id: str | None = None,
        description: str | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        title: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        wait: float = DEFAULT_UPLOAD_WAIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Evidence:
        """Creates evidence and uploads its file: declares it, sends it, and waits until it is processed.

        Args:
            file: Content, path, or a file that was opened in binary mode; up to 20 MB.
            category: What kind of evidence it is.
            business_id: Business that it belongs to.
            description: Text about the evidence.
            dispute_id: Dispute that it belongs to.
            lead_id: Lead that it belongs to.
            title: Title, one line.
            name: Name of the file; that of `file` if absent.
            content_type: Media type of the file; follows from its name if absent.
            wait: Seconds to wait until the file is processed.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect.
            options: Time limit, retries and headers of the requests.

        Returns:
            The evidence, with the status READY and an expiring link in `file_url`.

        Raises:
            UploadError: The file was not accepted, or not processed in time. `error.evidence` has what was created.
        """
        upload = Upload.of(file, name, content_type)
        evidence = self.create(
            category=category,
            business_id=business_id,
            description=description,
            dispute_id=dispute_id,
            lead_id=lead_id,
            title=title,
            file=upload.declaration,
            idempotency_key=idempotency_key,
            options=options,
        )
        progress, upload_error = Progress(upload, wait), None
        if evidence.upload_url:
            try:
                self._transport.send(upload.request(self._transport.settings, evidence, options))
            except ApiError as error:
                upload_error = error
        while True:
            evidence = self.get(evidence.id, options=options)
            delay = progress.delay(evidence, upload_error)
            if delay is None:
                return evidence
            self._transport.sleep(delay)


class AsyncEvidenceUploads(resources.AsyncEvidenceResource):
    """Operations on evidence."""

    async def upload(
        self,
        file: File,
        *,
        category: models.EvidenceCategory,
        business_id: str | None = None,
        description: str | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        title: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        wait: float = DEFAULT_UPLOAD_WAIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Evidence:
        """Creates evidence and uploads its file: declares it, sends it, and waits until it is processed.

        Args:
            file: Content, path, or a file that was opened in binary mode; up to 20 MB.
            category: What kind of evidence it is.
            business_id: Business that it belongs to.
            description: Text about the evidence.
            dispute_id: Dispute that it belongs to.
            lead_id: Lead that it belongs to.
            title: Title, one line.
            name: Name of the file; that of `file` if absent.
            content_type: Media type of the file; follows from its name if absent.
            wait: Seconds to wait until the file is processed.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect.
            options: Time limit, retries and headers of the requests.

        Returns:
            The evidence, with the status READY and an expiring link in `file_url`.

        Raises:
            UploadError: The file was not accepted, or not processed in time. `error.evidence` has what was created.
        """
        upload = await anyio.to_thread.run_sync(Upload.of, file, name, content_type)
        evidence = await self.create(
            category=category,
            business_id=business_id,
            description=description,
            dispute_id=dispute_id,
            lead_id=lead_id,
            title=title,
            file=upload.declaration,
            idempotency_key=idempotency_key,
            options=options,
        )
        progress, upload_error = Progress(upload, wait), None
        if evidence.upload_url:
            try:
                await self._transport.send(upload.request(self._transport.settings, evidence, options))
            except ApiError as error:
                upload_error = error
        while True:
            evidence = await self.get(evidence.id, options=options)
            delay = progress.delay(evidence, upload_error)
            if delay is None:
                return evidence
            await self._transport.sleep(delay)


def _read(file: File) -> tuple[bytes, str | None]:
    if isinstance(file, bytes):
        return file, None
    if isinstance(file, (str, os.PathLike)):
        path = Path(file)
        return path.read_bytes(), path.name
    content = file.read()
    if not isinstance(content, bytes):
        raise ConfigurationError("The file must be opened in binary mode: open(path, 'rb').")
    name = getattr(file, "name", None)
    return content, Path(name).name if isinstance(name, str) else None
