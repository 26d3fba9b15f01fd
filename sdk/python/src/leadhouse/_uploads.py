"""Upload of evidence with its file in one call: declare the file, send it to the link, wait until it is processed."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Final, cast, get_args

import anyio.to_thread

from ._headers import merge_headers
from ._http import Request, RequestOptions
from ._settings import Settings, user_agent
from .errors import ApiConnectionError, ApiError, ConfigurationError, UploadError
from .native import models, params, resources

File = bytes | str | os.PathLike[str] | IO[bytes]
"""A file: its content, its path, or a file that was opened in binary mode."""

DEFAULT_UPLOAD_WAIT = 60.0
"""Seconds to wait until the file is processed. It usually takes less than one."""
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


class UploadProgress:
    """An upload whose evidence has been created. It does no I/O itself, so that both clients share it."""

    def __init__(self, upload: Upload, evidence: models.Evidence, idempotency_key: str, wait: float) -> None:
        self.evidence = evidence
        self._upload = upload
        self._idempotency_key = idempotency_key
        self._wait = wait
        self._deadline = time.monotonic() + wait
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

    def next_delay(self, evidence: models.Evidence) -> float | None:
        """Returns the seconds until the next request for the state; None if the file is ready. Raises UploadError."""
        self.evidence = evidence
        if evidence.status == "READY" and evidence.sha256 in (None, self._upload.sha256):
            return None
        if self._put_error is not None:
            raise self._not_accepted(self._put_error) from self._put_error
        if evidence.status != "AWAITING_UPLOAD":
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

    def interrupted(self, error: ApiError | ApiConnectionError) -> UploadError:
        """Returns the error for a request that failed after the evidence was created."""
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
            options: Time limit, retries and headers of the requests. Without a time limit, sending the file may take
                120 seconds.

        Returns:
            The evidence, with the status READY and an expiring link in `file_url`.

        Raises:
            UploadError: The evidence was created, but its file was not accepted, or not processed in time.
                `error.evidence` has what was created, and under `error.idempotency_key` the upload can be continued.
        """
        upload = Upload.of(file, name, content_type)
        key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key

        def create() -> models.Evidence:
            return self.create(
                category=category,
                business_id=business_id,
                description=description,
                dispute_id=dispute_id,
                lead_id=lead_id,
                title=title,
                file=upload.declaration,
                idempotency_key=key,
                options=options,
            )

        progress = UploadProgress(upload, create(), key, wait)
        try:
            self._put(progress, options)
            if progress.needs_new_link():
                progress.renew(create())
                self._put(progress, options)
            while True:
                delay = progress.next_delay(self.get(progress.evidence.id, options=options))
                if delay is None:
                    return progress.evidence
                self._transport.sleep(delay)
        except (ApiError, ApiConnectionError) as error:
            raise progress.interrupted(error) from error

    def _put(self, progress: UploadProgress, options: RequestOptions | None) -> None:
        request = progress.request(self._transport.settings, options)
        if request is None:
            return
        try:
            self._transport.send(request)
        except (ApiError, ApiConnectionError) as error:
            progress.put_failed(error)


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
            options: Time limit, retries and headers of the requests. Without a time limit, sending the file may take
                120 seconds.

        Returns:
            The evidence, with the status READY and an expiring link in `file_url`.

        Raises:
            UploadError: The evidence was created, but its file was not accepted, or not processed in time.
                `error.evidence` has what was created, and under `error.idempotency_key` the upload can be continued.
        """
        upload = await anyio.to_thread.run_sync(Upload.of, file, name, content_type)
        key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key

        async def create() -> models.Evidence:
            return await self.create(
                category=category,
                business_id=business_id,
                description=description,
                dispute_id=dispute_id,
                lead_id=lead_id,
                title=title,
                file=upload.declaration,
                idempotency_key=key,
                options=options,
            )

        progress = UploadProgress(upload, await create(), key, wait)
        try:
            await self._put(progress, options)
            if progress.needs_new_link():
                progress.renew(await create())
                await self._put(progress, options)
            while True:
                delay = progress.next_delay(await self.get(progress.evidence.id, options=options))
                if delay is None:
                    return progress.evidence
                await self._transport.sleep(delay)
        except (ApiError, ApiConnectionError) as error:
            raise progress.interrupted(error) from error

    async def _put(self, progress: UploadProgress, options: RequestOptions | None) -> None:
        request = progress.request(self._transport.settings, options)
        if request is None:
            return
        try:
            await self._transport.send(request)
        except (ApiError, ApiConnectionError) as error:
            progress.put_failed(error)


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
