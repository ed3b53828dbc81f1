"""What a person is told when something cannot be done: one exception, mapped to a page in one place."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be carried out, with a sentence for whoever asked, in their language.

    ``status`` is the HTTP status the web layer answers with; subclasses stand beside the rule they guard.
    """

    status = 422

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Conflict(Refused):
    """What was asked rests on a version that is no longer the newest."""

    status = 409


class Forbidden(Refused):
    """The person asking may not do or see this."""

    status = 403


class Missing(Refused):
    """There is nothing here, or nothing this person may know of."""

    status = 404


class Overloaded(Refused):
    """The server cannot take this now; the same request may be made again shortly."""

    status = 503
