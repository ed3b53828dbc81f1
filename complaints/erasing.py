"""What is sealed of a complaint goes. Its row stays, so that whoever holds the phrase is told what became of it."""

from __future__ import annotations

from sqlalchemy import String, bindparam, delete, select, update
from sqlalchemy.orm import Session

from complaints.models import Complaint, File, FileChunk, Message
from kernel.database import execute, table_of

_COMPLAINT = bindparam("complaint", type_=String)
_FILES = select(File.id).where(File.complaint_id == _COMPLAINT)
# In this order: chunks refer to their files. The objects in the store, which nothing names then, are the sweep's.
_GOES = (
    update(table_of(Complaint)).where(Complaint.id == _COMPLAINT).values(account=b""),
    delete(table_of(Message)).where(Message.complaint_id == _COMPLAINT),
    delete(table_of(FileChunk)).where(FileChunk.file_id.in_(_FILES)),
    delete(table_of(File)).where(File.complaint_id == _COMPLAINT),
)


def erase_complaint(session: Session, complaint_id: str) -> None:
    """Take away account, messages and files of a complaint whose case has just been erased, as part of ``session``."""
    for each in _GOES:
        execute(session, each, complaint=complaint_id)
