"""Who writes, integrates or publishes may be killed at any step: no gap, no fork, nothing lost that was promised."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable, Iterator

import pytest

from kernel.database import db
from kernel.vault import keys_of
from kernel.web import current_settings
from ledger.entries import entry_of
from ledger.integrating import integrate
from ledger.publishing import FOLDER, LAST, log_of, publish, tend
from tests import client
from tests.ledger.killing import Child, Write, killed_at, steps_of, untouched
from tests.ledger.onelog import broken_promises, log_faults, published_by_now
from tests.province import Province, own_province
from tests.soundness import faults_of

# What there must be at the least, by which one sees that the children are watched at all.
PHASES = {
    "write": ("after case_events", "before commit", "after commit"),
    "state": ("after log_public", "before commit", "after commit"),
    "integrate": ("after log_leaf", "after log_tile", "after log_pending", "after log_head", "before commit"),
    "publish": (
        "after making a file", "before fsync", "after fsync", "before rename", "after rename", "after log_checkpoint",
        "before commit", "after commit",
    ),
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own, whose statements are in the log: they are entered once."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            tend()
        yield made


def writing(province: Province) -> Write:
    """Return what lodges a complaint and writes a message to it, and tells of each once it was acknowledged."""
    known = province.installation()
    client.desk_recipient(province.visitor().ask, known, province.place.desk)

    def write(promised: Callable[[str], None]) -> None:
        visitor, keys = province.visitor(), keys_of(secrets.token_bytes(32))
        posted = client.envelope(province.answers, keys, known, visitor.ask)
        client.asked(visitor.ask, "/api/v1/complaints", posted)
        promised(entry_of(keys.ledger_key, 1, posted["body"]).hex())
        seen = client.visit(keys, visitor.ask)
        told = client.act(seen, "message", "Masih sama.", visitor.ask)
        promised(str(told["entry"]))

    return write


class Watch:
    """Who keeps what was promised to anybody, and every checkpoint that was ever to be seen."""

    def __init__(self, province: Province) -> None:
        self.province, self.promised, self.notes = province, set[bytes](), set[str]()
        self._last = province.instance / FOLDER / LAST

    def hear(self, child: Child) -> int:
        """Take down what a child was promised until its end; return how it ended."""
        for line in child.lines():
            self.take_down(line)
        return child.end()

    def take_down(self, line: str) -> None:
        """Remember a line, if it tells of a promise."""
        kind, _, entry = line.partition(" ")
        self.promised |= {bytes.fromhex(entry)} if kind == "promised" else set()

    def faults(self) -> list[str]:
        """Say what does not hold now, as it was left."""
        with self.province.app.app_context():
            settings = current_settings()
            self.notes |= published_by_now(db.engine, self._last)
            found = list(log_faults(db.engine, log_of(settings).verifier, settings.secret, self.notes))
            found += broken_promises(db.engine, self.promised)
            db.session.remove()
            db.engine.dispose()
        return found

    def final_faults(self) -> list[str]:
        """Say what does not hold once the rest is taken over and published, of every case as well."""
        with self.province.app.app_context():
            integrate()
            publish()
            root, secret = self.province.root, current_settings().secret
            return [*self.faults(), *faults_of(db.engine, root, secret)]


def test_whoever_is_killed_at_whichever_step_leaves_one_log_that_keeps_its_promises(province: Province) -> None:
    """Twice in a row at each step, the second time beside somebody who does the same and is not killed."""
    write, watch = writing(province), Watch(province)
    steps = steps_of(province, write)
    assert {f"{phase}: {name}" for phase, names in PHASES.items() for name in names} <= set(steps)
    for step in steps:
        assert watch.hear(killed_at(province, write, step)) == -signal.SIGKILL, step
        killed, beside = killed_at(province, write, step), untouched(province, write)
        assert (watch.hear(killed), watch.hear(beside)) == (-signal.SIGKILL, 0), step
        assert watch.faults() == [], step
    assert watch.final_faults() == []
    assert len(watch.promised) >= 2 * len(steps)
    assert len(watch.notes) >= len(steps)
