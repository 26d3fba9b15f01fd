"""Upload of evidence with its file in one call: declare the file, send it to the link, wait until it is processed."""

from __future__ import annotations

import uuid

import anyio.to_thread

from ._http import RequestOptions
from ._upload_file import File, Upload
from ._upload_progress import UploadProgress
from .errors import ApiConnectionError, ApiError, UploadError
from .native import models, resources

DEFAULT_UPLOAD_WAIT = 60.0
"""Seconds to wait until the file is processed. It usually takes less than one."""


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
            content_type: Media type of the file; follows from its name if absent. Bytes without a name need it.
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
            progress.begin_wait()
            while True:
                delay = progress.next_delay(self.get(progress.evidence.id, options=options))
                if delay is None:
                    return progress.evidence
                self._transport.sleep(delay)
        except UploadError:
            raise
        except Exception as error:  # A malformed link, too: the caller must learn about the evidence.
            raise progress.interruption_error(error) from error

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
            content_type: Media type of the file; follows from its name if absent. Bytes without a name need it.
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
            progress.begin_wait()
            while True:
                delay = progress.next_delay(await self.get(progress.evidence.id, options=options))
                if delay is None:
                    return progress.evidence
                await self._transport.sleep(delay)
        except UploadError:
            raise
        except Exception as error:  # A malformed link, too: the caller must learn about the evidence.
            raise progress.interruption_error(error) from error

    async def _put(self, progress: UploadProgress, options: RequestOptions | None) -> None:
        request = progress.request(self._transport.settings, options)
        if request is None:
            return
        try:
            await self._transport.send(request)
        except (ApiError, ApiConnectionError) as error:
            progress.put_failed(error)
