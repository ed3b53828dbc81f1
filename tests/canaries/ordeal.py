"""One installation put through everything that could bring a secret to light: a life, storms, kills, mischief, harm."""

from __future__ import annotations

import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import text

from kernel.config import read_settings
from kernel.store import open_store
from ledger.publishing import FOLDER, LAST, log_of
from tests.canaries import keys
from tests.canaries.attempts import Attempt, Filing, Lodging
from tests.canaries.mischief import broken_requests, drop_upload, send, upload
from tests.canaries.people import STORMS_A_CASE, People
from tests.canaries.planting import Aviary
from tests.canaries.search import Finding, Searcher, files, values
from tests.canaries.storm import SHORTLY, Burst, Kill, burst, crash_workers, kill_all
from tests.canaries.tenders import killing, tending
from tests.database import Database
from tests.demo.browsing import Browser, ServerFailed
from tests.demo.province import Province
from tests.ledger.onelog import log_faults, published_by_now
from tests.province import ANSWERS
from tests.server import Installation, environment, found, free_port, running
from tests.soundness import faults_of, store_faults

KILLS: tuple[Kill, ...] = (kill_all, crash_workers, kill_all)
SEED = 20261125
# Above what Werkzeug keeps of a file in memory (500 KB); and so large that half of it is more than one chunk.
SMALL_BYTES, LARGE_BYTES = 700_000, 6 * 1024 * 1024
SECONDS_TO_STORE = 60
SHARED_MEMORY = Path("/dev/shm")
# Without this table nothing can be lodged or carried on; no guard stands on it, or names it.
TAKEN_AWAY = "published_statuses"


@dataclass
class Outcome:
    """What came of it: what stands where, what was lost or left in halves, and what the server answered."""

    findings: set[Finding] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    lost: list[Attempt] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    answers: list[int | None] = field(default_factory=list)
    uploads: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    core_limits: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    touched: bool = False
    figures: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


class Ordeal:
    """An installation whose files all lie in ``folder``: its private ones, its log, where it works, TMPDIR and HOME.

    Those of its database lie in ``database_folder``, complete once it has been made to ``flush``.
    """

    def __init__(
        self, database: Database, folder: Path, database_folder: Path, flush: Callable[[], None],
        plant: Callable[[bytes], Aviary] = Aviary,
    ) -> None:  # fmt: skip
        self.database, self.folder = database, folder
        self._database_folder, self.flush = database_folder, flush
        self.instance, self.temporary = folder / "instance", folder / "tmp"
        self.work, self.home = folder / "work", folder / "home"
        for made in (self.temporary, self.work, self.home):
            made.mkdir()
        self._untouched = self.temporary.stat().st_mtime_ns
        self._port = free_port()
        self._environment = {"DATABASE_URL": database.url, "TMPDIR": str(self.temporary), "HOME": str(self.home)}
        found(self.instance, KENTONGAN_OWNER_URL=database.owner_url, **self._environment)
        self.root = bytes.fromhex((self.instance / "root.pub").read_text().strip())
        self.secret = bytes.fromhex((self.instance / "secret").read_text().strip())
        self.aviary = plant(bytes.fromhex((self.instance / "salt").read_text().strip()))
        self.outcome = Outcome()
        province = Province(f"http://127.0.0.1:{self._port}", self.instance)
        self.people = People(province, self.aviary, self.secret)

    def part_of(self, place: str) -> str:
        """Return which part of the installation a place belongs to; a file or column that is none, as it is."""
        return "database's files" if place.startswith(f"{self._database_folder}/") else place

    @property
    def log(self) -> str:
        """Return what the server has written about its running."""
        return (self.folder / "instance.log").read_text()

    def endure(self) -> Outcome:
        """Go through everything, and look through every file each time the server has died."""
        keys.remember_installation(self.aviary, self.secret)
        keys.remember_people(self.aviary, self.database.engine(), self.instance, self.secret)
        last, chance = Burst(), random.Random(SEED)
        for kill in KILLS:
            with self._running() as served:
                self._settle_or_see(last)
                halfway = self._leave_halfway(served.url)
                last = self._work_until(kill, psutil.Process(served.process.pid), chance)
            halfway.close()
            self._look_through_files()
        with self._running() as served:
            self._see_what_stands(last)
            self._annoy(served.url)
            self._harm()
            self._see_what_stands(Burst())
            self._look_through_files()
        # A file that came and went leaves the time at which its folder last changed.
        self.outcome.touched = self.temporary.stat().st_mtime_ns != self._untouched
        left_in = (self.temporary, self.work, self.home)
        self.outcome.left = [path.name for folder in left_in for path in folder.iterdir()]
        return self.outcome

    def weather(self, kills: Iterable[Kill], tell: Callable[[str], None]) -> Outcome:
        """Go through storms alone, however many, and see after each and once more in the end that all stands.

        Beside the server others tend the log, and are killed as well; whatever was published in all this is one log.
        Every second storm there are new cases to work on: a reporter may write only so much that nobody reacts to.
        """
        last, promised, notes, chance = Burst(), list[Attempt](), set[str](), random.Random(SEED)
        for turn, kill in enumerate(kills):
            with self._running() as served:
                self._ask_after(last)
                if turn % STORMS_A_CASE == 0:
                    self.people.settle()
                with tending(self.instance, **self._environment) as tenders:
                    kill = killing(tenders, kill, chance)
                    last = self._work_until(kill, psutil.Process(served.process.pid), chance)
            promised += last.acknowledged
            notes |= published_by_now(self.database.engine(), self.instance / FOLDER / LAST)
            acts = f"{len(promised)} acts promised, {len(self.outcome.lost)} lost"
            tell(f"{turn + 1} kills, {acts}, {len(notes)} checkpoints")
        with self._running():
            self._ask_after(last)
            self.outcome.lost += [attempt for attempt in promised if not attempt.stands()]
        log = log_of(read_settings(environment(self.instance, **self._environment))).verifier
        self.outcome.faults += log_faults(self.database.engine(), log, self.secret, notes)
        return self.outcome

    def _running(self) -> AbstractContextManager[Installation]:
        return running(self.instance, self._port, self.work, **self._environment)

    def _settle_or_see(self, last: Burst) -> None:
        if last.attempts:
            self._see_what_stands(last)
        else:
            self.people.settle()

    def _leave_halfway(self, url: str) -> socket.socket:
        """Begin to send a file, and leave the server with half of it; return once some of that is in the store."""
        stored = len(list(self._stored()))
        connection = drop_upload(url, *self._form_with_file(LARGE_BYTES))
        deadline = time.monotonic() + SECONDS_TO_STORE
        while len(list(self._stored())) == stored:
            assert time.monotonic() < deadline, "nothing of the file was ever stored"
            time.sleep(SHORTLY)
        return connection

    def _stored(self) -> Iterator[Path]:
        return (path for path in (self.instance / "objects").rglob("*") if path.is_file())

    def _form_with_file(self, size: int) -> tuple[bytes, str]:
        canary = self.aviary.word("upload")
        return upload(canary, {**ANSWERS, "text": canary, "nonce": secrets.token_hex(16)}, size)

    def _work_until(self, kill: Kill, master: psutil.Process, chance: random.Random) -> Burst:
        self.outcome.core_limits |= {_core_limit(worker.pid) for worker in master.children()}
        made = burst(self.people.crews(), master, chance, kill)
        self.outcome.errors += made.errors
        return made

    def _see_what_stands(self, made: Burst) -> None:
        """Ask after everything of the last burst, and look through the database."""
        self._ask_after(made)
        keys.remember_what_is_readable(self.aviary, self.database.engine())
        self.outcome.findings |= self._searcher().search(values(self.database.engine()))

    def _ask_after(self, made: Burst) -> None:
        """Ask after everything of the last burst, and send again what was cut off."""
        self.outcome.faults += faults_of(self.database.engine(), self.root, self.secret)
        self.outcome.faults += store_faults(self.database.engine(), open_store(self.instance / "objects"))
        for attempt in made.attempts:
            stands = attempt.stands()
            promised = "promised" if attempt.acknowledged else "cut off"
            self.outcome.figures[promised, "stands" if stands else "is not there"] += 1
            self.outcome.kinds[type(attempt).__name__] += attempt.acknowledged
            if attempt.acknowledged and not stands:
                self.outcome.lost.append(attempt)
        for attempt in made.attempts:
            if isinstance(attempt, Lodging | Filing) and not attempt.acknowledged:
                attempt.make()
                assert attempt.stands()

    def _annoy(self, url: str) -> None:
        """Send what is no HTTP, what is no form, and files, also to who takes none."""
        host = url.removeprefix("http://")
        requests = broken_requests(self.aviary.word("mischief"), host)
        self.outcome.answers = [send(url, request) for request in requests]
        for path in ("/lapor", "/lacak"):
            content, media_type = self._form_with_file(SMALL_BYTES)
            answer = Browser(url).send("POST", path, headers={"Content-Type": media_type}, content=content)
            self.outcome.uploads[path] = answer.status_code

    def _harm(self) -> None:
        """Break the database under the running server, so that it fails in the middle of people's work."""
        engine = self.database.engine(self.database.owner_url)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {TAKEN_AWAY} RENAME TO {TAKEN_AWAY}_gone"))
        for crew in self.people.crews():
            attempt = next(crew())
            try:
                if attempt is not None:
                    attempt.make()
            except ServerFailed:
                self.outcome.failed += 1
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {TAKEN_AWAY}_gone RENAME TO {TAKEN_AWAY}"))

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file in which anything could have been left."""
        self.flush()
        return files(self.folder, self._database_folder, SHARED_MEMORY)

    def _look_through_files(self) -> None:
        self.outcome.findings |= self._searcher().search(self.contents())

    def _searcher(self) -> Searcher:
        return Searcher(self.aviary.forms())


def _core_limit(pid: int) -> str:
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    [line] = [line for line in limits if line.startswith("Max core file size")]
    return " ".join(line.split()[4:6])
