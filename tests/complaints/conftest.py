"""A clock that runs and can be put forward, and a stretcher that has too much to do."""

from concurrent.futures import Future
from datetime import datetime, timedelta, timezone

import pytest

from kernel import clock
from kernel.vault import Stretcher


class Later:
    """The real clock, put forward by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment it shows."""
        return datetime.now(timezone.utc) + self.ahead

    def move(self, **how: float) -> None:
        """Put it forward, in the words of ``timedelta``."""
        self.ahead += timedelta(**how)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A clock in place of the real one.

    Officers' logins of the shared province would idle under it: who moves it lets only reporters act.
    """
    watch = Later()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch


def full_stretcher() -> Stretcher:
    """Return a stretcher whose queue is full and whose thread has not come to it yet."""
    stretcher = Stretcher(queue=1)
    stretcher._waiting.put_nowait(("kata", bytes(16), Future()))
    return stretcher
