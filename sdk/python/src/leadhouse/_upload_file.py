"""A file to upload, and what is declared about it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final, cast

from .errors import ConfigurationError
from .native import models, params

File = bytes | str | os.PathLike[str] | IO[bytes]
"""A file: its content, its path, or a file that was opened in binary mode."""

TYPE_OF_EXTENSION: Final = MappingProxyType[str, "models.FileType"](
    {
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
        ".pdf": "application/pdf",
        ".txt": "text/plain",
        ".mp3": "audio/mpeg",
        ".m4a": "audio/mp4",
        ".ogg": "audio/ogg",
        ".wav": "audio/wav",
    }
)
"""Media types that evidence may have. The module mimetypes names some of them differently, as the system does."""


@dataclass(frozen=True)
class Upload:
    """A file with what is declared about it."""

    content: bytes = field(repr=False)
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
        kind = content_type or TYPE_OF_EXTENSION.get(Path(name or "").suffix.lower())
        if kind is None:
            accepted = ", ".join(dict.fromkeys(TYPE_OF_EXTENSION.values()))
            raise ConfigurationError(
                f"The type of the file does not follow from its name. Pass content_type, one of {accepted}."
            )
        # A type that is not among these is the server's to judge: it may know more of them.
        declaration: params.FileParams = {
            "content_type": cast("models.FileType", kind),
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        if name:
            declaration["name"] = name
        return cls(content, declaration)


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
