"""Uploads are streamed to a file and stop at the limit; nothing of a refused upload stays."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from varde.genome.errors import InputError


def too_large(limit_bytes: int) -> InputError:
    """The error for a request body beyond the limit (shown as HTTP 413)."""
    return InputError(
        code="too_large",
        problem=f"The upload is larger than the limit of {limit_bytes} bytes.",
        remedy="Compress it with bgzip, split it by person, or have the administrator raise VARDE_UPLOAD_LIMIT_BYTES.",
    )


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file and refuses to go beyond the limit, whatever the request said its length was."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.received_bytes = getattr(self, "received_bytes", 0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store a chunk; :class:`InputError` when the sum of all files passes the limit."""
        self.received_bytes += len(raw_data)
        if self.received_bytes > settings.UPLOAD_LIMIT_BYTES:
            self.upload_interrupted()
            raise too_large(settings.UPLOAD_LIMIT_BYTES)
        super().receive_data_chunk(raw_data, start)
