"""Files as they are posted and handed over, by reporters and officers alike (docs/formats.md §7)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from flask import Request, abort, jsonify
from flask.typing import ResponseReturnValue

from complaints.files import LARGEST_CHUNK
from complaints.keeping import Keeping
from complaints.queries import KeptFile
from complaints.rules import MOST_TOGETHER
from complaints.services import Receipt
from kernel.web import OCTETS


def posted_chunks(asked: Request) -> Iterator[bytes]:
    """Return the sealed chunks that a request's body is, one after another: its body may be larger than any other's.

    Each is read only when it is asked for. One that was cut off has no chunk's size.
    """
    if asked.mimetype != OCTETS:
        abort(415)
    length = asked.content_length or 0
    if length > MOST_TOGETHER * LARGEST_CHUNK:
        abort(413)
    return _chunks(asked.environ["wsgi.input"], length)


def _chunks(source: IO[bytes], length: int) -> Iterator[bytes]:
    with suppress(OSError):  # whoever sends is gone
        for begins in range(0, length, LARGEST_CHUNK):
            # All of it at once, and from the server itself, which then takes it straight from the connection
            # (gunicorn.conf.py); whoever stands between copies it once more.
            yield source.read(min(LARGEST_CHUNK, length - begins))


def told_kept(keeping: Keeping) -> ResponseReturnValue:
    """Answer which chunks are kept, also where others are refused; raises the refusal where none is."""
    if keeping.refused and not keeping.digests:
        raise keeping.refused
    kept = [{"number": number, "digest": digest.hex()} for number, digest in sorted(keeping.digests.items())]
    if keeping.refused is None:
        return jsonify(kept=kept), 201
    return jsonify(error=keeping.refused.sentence, kept=kept), keeping.refused.status


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
