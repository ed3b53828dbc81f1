"""Files as they are posted and handed over, by reporters and officers alike (docs/formats.md §7)."""

from __future__ import annotations

import base64
from typing import Any

from flask import Request, abort

from complaints.files import LARGEST_CHUNK
from complaints.queries import KeptFile
from complaints.services import Receipt
from kernel.web import OCTETS


def posted_chunk(asked: Request) -> bytes:
    """Return the sealed chunk that is a request's whole body, which may be larger than any other request's."""
    if asked.mimetype != OCTETS:
        abort(415)
    asked.max_content_length = LARGEST_CHUNK + 1
    # All at once: a server reads far ahead, and copies what it has read anew for each smaller piece it is asked for.
    chunk = asked.stream.read(LARGEST_CHUNK + 1)
    if len(chunk) > LARGEST_CHUNK:
        abort(413)
    return chunk


def written_receipt(receipt: Receipt) -> dict[str, Any]:
    """Write the receipt of a lodged complaint as JSON carries it."""
    return {"entry": receipt.entry.hex(), "day": receipt.day.isoformat(), "promise": receipt.promise}


def written_file(file: KeptFile) -> dict[str, Any]:
    """Write a file as JSON carries it; its chunks' hashes only while it waits to be brought."""
    have = [{"number": number, "digest": digest.hex()} for number, digest in file.have.items()]
    return {
        "id": file.id,
        "epoch": file.epoch,
        "key": _base64(file.key),
        "progress": None if file.progress is None else _base64(file.progress),
        "manifest": None if file.manifest is None else _base64(file.manifest),
        "size": file.size,
        "chunks": file.chunks,
        "have": have,
        "seq": file.seq,
        "day": file.day.isoformat(),
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
