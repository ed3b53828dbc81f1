"""Whether files can be cleaned here: where their process does not work, it looks as if every file were damaged."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from complaints.cleaning import How, clean
from kernel.refusal import Overloaded
from operations.checks.findings import Finding, broken

# One white point, and one blank page.
PHOTOGRAPH = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
PAPER = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> >>\nendobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n"
    b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n198\n%%EOF\n"
)


def look_at_cleaning() -> Iterator[Finding]:
    """Yield what is never cleaned, whatever a reporter without JavaScript sends."""
    for what, content in (("photograph", PHOTOGRAPH), ("PDF", PAPER)):
        if not _is_cleaned(content):
            yield broken(f"No {what} can be cleaned here: is all of requirements/run.txt installed, and 640 MiB free?")


def _is_cleaned(content: bytes) -> bool:
    try:
        return clean(content, "").how is How.CLEANED
    except Overloaded:
        return False
