"""Who is at work in the ordeal: two reporters whose cases have lived through everything, and those who go on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from casework.rules import MOST_UNHEARD
from tests import client
from tests.canaries import keys
from tests.canaries.attempts import Attempt, Filing, Noting, PlainLodging, SealedLodging, Taking, Writing
from tests.canaries.life import Life, answers
from tests.canaries.planting import Aviary
from tests.canaries.storm import Crew
from tests.demo.handwriting import loudly
from tests.demo.matter import Matter
from tests.demo.province import Province
from tests.demo.reporter import PlainReporter, Reporter, SealedReporter

DESK = "33.08"
# What a complaint of the storm tells: each canary is a thousand byte strings to look for.
LITTLE = ("text", "place")
# A reporter whom nobody hears may write no more than MOST_UNHEARD messages; his case lasts for this many storms, and
# what a storm cut off may be sent again after it. A quick machine comes to that in a storm that lasts.
STORMS_A_CASE = 2
MESSAGES_A_STORM = MOST_UNHEARD // STORMS_A_CASE - 2


class People:
    """The people of one installation, who write nothing but canaries."""

    def __init__(self, province: Province, aviary: Aviary, secret: bytes) -> None:
        self._url, self._province, self._aviary, self._secret = province.url, province, aviary, secret
        self.desk = province.desks[DESK]

    def settle(self) -> None:
        """Live through two whole cases, one on each path; begin one that takes notes, and one that is sent files."""
        plain = PlainReporter(self._url, loudly)
        self._plain, self._sealed = self._lodge(plain), self._lodge(self._with_javascript())
        self.noted, self._filed = self._lodge(self._with_javascript()), self._lodge(self._with_javascript())
        for case in (self._plain, self._sealed):
            Life(case, self._aviary).live()
        for case in (self.noted, self._filed):
            Life(case, self._aviary).begin()
        for case in (self._plain, self._sealed, self.noted, self._filed):
            keys.remember_case(self._aviary, case.read_by(self.desk.lead))
        keys.remember_cookies(self._aviary, [*self.desk.browsers, plain.browser])

    def _with_javascript(self) -> SealedReporter:
        return SealedReporter(self._url, self._province.known)

    def _lodge(self, reporter: Reporter) -> Matter:
        known = self.desk.numbers()
        reporter.lodge(answers(self._aviary))
        self._aviary.phrase(reporter.phrase)
        [number] = self.desk.numbers() - known
        return Matter(reporter, self.desk, number)

    def crews(self) -> list[Crew]:
        """Return what each of them goes on doing, all at once."""
        lodgers = [self._lodge_plainly, self._lodge_plainly, self._lodge_sealed]
        writers = [self._write_plainly, self._write_sealed, self._send_files]
        return [*lodgers, *writers, self._take_notes, self._take_cases]

    def _lodge_plainly(self) -> Iterator[Attempt]:
        while True:
            yield PlainLodging(self._url, answers(self._aviary, LITTLE), self._aviary, self._secret)

    def _lodge_sealed(self) -> Iterator[Attempt]:
        while True:
            yield SealedLodging(self._url, answers(self._aviary, LITTLE), self._aviary, self._province.known)

    def _write_plainly(self) -> Iterator[Attempt | None]:
        yield from self._write(self._plain.reporter)

    def _write_sealed(self) -> Iterator[Attempt | None]:
        yield from self._write(self._sealed.reporter)

    def _write(self, reporter: Reporter) -> Iterator[Attempt | None]:
        phrase_keys = client.phrase_keys(reporter.phrase, self._province.known.salt)
        for _message in range(MESSAGES_A_STORM):
            yield Writing(reporter, self._aviary.text("message"), phrase_keys, self._url)
        yield from repeat(None)

    def _send_files(self) -> Iterator[Attempt | None]:
        phrase_keys = client.phrase_keys(self._filed.reporter.phrase, self._province.known.salt)
        for _message in range(MESSAGES_A_STORM):
            yield Filing(self._filed, phrase_keys, self._url, self._aviary)
        yield from repeat(None)

    def _take_notes(self) -> Iterator[Attempt]:
        while True:
            yield Noting(self.noted, self._aviary.text("note"))

    def _take_cases(self) -> Iterator[Attempt | None]:
        while True:
            waiting = sorted(self.desk.numbers("RECEIVED"))
            # The reporter of such a case is somebody else's; the lead does not know him.
            yield Taking(Matter(self._sealed.reporter, self.desk, waiting[0]), self._text()) if waiting else None

    def _text(self) -> str:
        return self._aviary.text("declaration")
