"""One complaint's whole way, as its people see it: the villager, the lead, two investigators, two reviewers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta

from babel.dates import format_date
from playwright.sync_api import Page, expect

from kernel.calendar import WorkingDays
from tests.journeys import acting, reporting
from tests.journeys.officers import Office
from tests.journeys.reporting import Lodge
from tests.journeys.wire import Overheard, Sent
from tests.places import HERE

DESK = HERE.desk
Look = Callable[[Page], None]
Due = Callable[[date, WorkingDays], date]


@dataclass(frozen=True)
class Story:
    """Every word that is written in it; nobody but its reader may meet one of them on the way."""

    text: str = (
        'Waktu mengurus surat pengantar KK, kami diminta "uang kopi" 150 ribu – tanpa kuitansi. 🙏\n'
        "Kata petugasnya: <b>biar cepat</b> selesai & tidak bolak-balik."
    )
    place: str = "Balai Desa Banyubening, loket paling kiri"
    office: str = "Kantor Desa Banyubening Wetan"
    role: str = "petugas loket surat-menyurat"
    when: str = "tiap hari pasaran Pon sejak habis panén"
    asked: str = "seratus lima puluh ribu rupiah"
    excluded: str = "kakak ipar kepala dusun sebelah"
    question: str = "Kira-kira pukul berapa biasanya uang itu diminta, dan adakah papan tarif di dinding?"
    answer: str = "Sesudah zuhur; papan tarif “gratis” dibalik menghadap tembok, 'katanya' rusak."
    declaration: str = "Saya pun tidak berdomisili di kecamatan itu."
    plan: str = "Minta buku register surat selama tiga bulan, lalu cocokkan dengan kas desa."
    allegations: tuple[str, str] = (
        "Memungut biaya atas layanan surat pengantar yang seharusnya gratis.",
        "Menyembunyikan papan tarif resmi dari pandangan warga yang datang.",
    )
    note: str = "Register bulan lalu ditulis dengan tinta yang berbeda; minta aslinya."
    findings: tuple[str, str] = (
        "Dua puluh tiga warga membayar, tercatat di buku kecil milik loket.",
        "Papan ditemukan utuh di gudang; tidak terbukti sengaja disembunyikan.",
    )
    reason: str = "Buku kecil itu cocok dengan keterangan sebelas saksi yang saling tidak kenal."
    decision: str = "Pungutan itu memang terjadi. Uang dikembalikan mulai Senin di balai desa, tanpa syarat."
    objection: str = "Papan tarifnya jelas-jelas dibalik orang; kami melihatnya sendiri berkali-kali."
    second_reason: str = "Keberatan menyebut hal baru yang belum pernah ditanyakan kepada saksi mana pun."
    second_decision: str = "Kami sudah membaca keberatan Anda dan menimbang ulang soal papan tarif itu."

    @property
    def answers(self) -> Mapping[str, str]:
        """Return how the form is answered."""
        told = {name: getattr(self, name) for name in ("text", "place", "office", "role", "when", "asked", "excluded")}
        return told | {
            "region": HERE.region, "sector": HERE.sector, "level": "desa", "receipt": "tidak", "threatened": "ya",
            "ongoing": "ya",
        }  # fmt: skip

    @property
    def texts(self) -> list[str]:
        """Return all of it, text by text."""
        return [text for each in astuple(self) for text in ([each] if isinstance(each, str) else each)]


@dataclass(frozen=True)
class Standing:
    """What the reporter reads of a state: what it is called, what it means, what comes by which day."""

    headline: str
    meaning: str
    upcoming: str
    due: Due


def _working(count: int) -> Due:
    return lambda today, days: days.add(today, count)


def _in_thirty_days(today: date, _days: WorkingDays) -> date:
    return today + timedelta(days=30)


STANDINGS = {
    "RECEIVED": Standing(
        "Diterima. Belum dibuka petugas.",
        "Laporan Anda tersimpan dan tersegel.",
        "Petugas membukanya paling lambat {}.",
        _working(3),
    ),
    "TRIAGE": Standing(
        "Sedang ditelaah.",
        "Petugas membaca laporan Anda dan menentukan langkah pemeriksaan.",
        "Keputusan berikutnya paling lambat {}.",
        _working(5),
    ),
    "NEEDS_INFO": Standing(
        "Kami punya pertanyaan untuk Anda.",
        "Jawablah di bawah ini, semampu Anda.",
        "Kami menunggu jawaban Anda sampai {}. Tanpa jawaban pun pemeriksaan berjalan lagi.",
        _working(10),
    ),
    "INVESTIGATION": Standing(
        "Sedang diperiksa.",
        "Petugas memeriksa apa yang Anda laporkan.",
        "Kabar berikutnya paling lambat {}.",
        _in_thirty_days,
    ),
    "REVIEW": Standing(
        "Hasil sedang diperiksa petugas kedua.",
        "Tidak ada laporan yang ditutup oleh satu orang saja.",
        "Keputusan petugas kedua paling lambat {}.",
        _working(5),
    ),
    "CLOSED": Standing(
        "Selesai.",
        "Hasil dan alasannya dapat Anda baca di bawah ini.",
        "Bila tidak setuju, sampaikan paling lambat {}.",
        _working(10),
    ),
    "OBJECTION": Standing(
        "Keberatan Anda ditinjau petugas lain.",
        "Petugas yang belum pernah menangani laporan ini membacanya dari awal.",
        "Keputusannya paling lambat {}.",
        _working(14),
    ),
}


def written_out(day: date) -> str:
    """Write a day as pages do: "Selasa, 24 November 2026"."""
    return str(format_date(day, "EEEE, d MMMM y", locale="id"))


def short_date(day: date) -> str:
    """Write a day as a row of the queue has room for: "Sel, 24 Nov 2026"."""
    return str(format_date(day, "EEE, d MMM y", locale="id"))


def one_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Find any of these texts, however their words are parted."""
    return re.compile("|".join(r"\s+".join(map(re.escape, text.split())) for text in texts))


@dataclass
class Whole:
    """A complaint on its way: ``phone`` is the villager's, who lodges as ``lodge`` does; ``look`` sees every page."""

    story: Story
    phone: Page
    lodge: Lodge
    office: Office
    look: Look
    phrase: str = ""
    number: str = ""
    typed: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    begun: date = field(init=False)
    before: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.begun = HERE.today()

    # The villager.

    def lodged(self) -> None:
        """Lodge, write the phrase down, and come back to see that it is there."""
        self.before = acting.numbers(self._waiting())
        self.phrase = self.lodge(self.phone, self.story.answers)
        self.look(self.phone)
        assert len(self.phrase.split()) == 8
        if self.phone.get_by_role("button", name="Sudah saya catat").count():
            reporting.rehearse(self.phone, self.phrase)
        else:
            self.phone.get_by_role("link", name="Sudah dicatat: coba buka laporan").click()
        with self.visited(self.phrase) as phone:
            self.stands(phone, "RECEIVED")
            expect(phone.get_by_text("Belum ada pesan.")).to_be_visible()

    @contextmanager
    def visited(self, typed: str) -> Iterator[Page]:
        """Come back with the phrase as typed, and leave nothing behind afterwards."""
        self.typed.append(typed)
        reporting.track(self.phone, typed)
        yield self.phone
        self.look(self.phone)
        reporting.leave(self.phone)

    def stands(self, phone: Page, state: str) -> None:
        """Read where the case stands, and what comes by which day."""
        self.read.append(state)
        standing, status = STANDINGS[state], phone.locator("#case-status")
        due = [written_out(day) for day in self._due(standing.due)]
        expect(status).to_have_attribute("data-state", state)
        expect(status.get_by_role("heading")).to_have_text(standing.headline)
        expect(status).to_contain_text(standing.meaning)
        expect(status).to_contain_text(one_of(standing.upcoming.format(day) for day in due))
        expect(phone.locator(".timeline .now b")).to_have_text(standing.headline)
        expect(phone.locator(".timeline .next")).to_contain_text(one_of(f"paling lambat {day}" for day in due))

    # The desk.

    def opened(self) -> None:
        """The lead finds the complaint in his queue, reads it, and takes it: he has no interest in it."""
        lead = self._waiting()
        [self.number] = acting.numbers(lead) - self.before
        self._in_queue(lead, "Belum dibuka", self._within(3), "Pelapor terancam")
        acting.enter(lead, self.number)
        expect(lead.get_by_text("dicatat dalam daftar pembaca")).to_be_visible()
        assert not lead.get_by_text(self.story.place).count()
        self._unsealed(lead)
        expect(lead.locator("#account .told")).to_have_text(self.story.text.replace("\n", " "), use_inner_text=False)
        for answer in (self.story.place, self.story.excluded, self.story.asked, HERE.region_name):
            expect(lead.locator("#account")).to_contain_text(answer)
        acting.take(lead, self.story.declaration)
        self._is(lead, "Ditelaah", self._within(5))
        with self.visited(self.phrase) as phone:
            self.stands(phone, "TRIAGE")

    def assigned(self) -> None:
        """The lead gives it to an investigator, with a plan of two allegations; to close it is not for him."""
        lead, name = self.office.page_of("lead"), self.office.name_of("investigator")
        self._enters(lead)
        expect(lead.locator(".later")).to_contain_text("Menutup perkara")
        acting.assign_with_plan(lead, name, self.story.plan, self.story.allegations)
        self._is(lead, "Diperiksa", self._due(_in_thirty_days))
        expect(lead.locator("#head")).to_contain_text(name)
        self._history(lead, "Pemeriksaan dimulai", f"ditugaskan kepada {name}")

    def asked(self) -> None:
        """The investigator reads what he has got, notes something, and asks the villager."""
        investigator = self.office.page_of("investigator")
        self._enters(investigator)
        expect(investigator.locator("#notes")).to_contain_text(self.story.plan)
        for allegation in self.story.allegations:
            expect(investigator.locator("#allegations")).to_contain_text(allegation)
        acting.note(investigator, self.story.note)
        acting.ask(investigator, self.story.question)
        self._is(investigator, "Menunggu jawaban pelapor", self._within(10))

    def answered(self) -> None:
        """The villager comes back with the phrase typed badly, reads the question and answers it."""
        with self.visited(reporting.badly_typed(self.phrase)) as phone:
            self.stands(phone, "NEEDS_INFO")
            expect(phone.locator(".thread")).to_contain_text("Pertanyaan petugas")
            expect(phone.locator(".thread .written")).to_have_text([self.story.question])
            self.look(phone)
            reporting.write(phone, self.story.answer)
            self.stands(phone, "INVESTIGATION")
            account = reporting.show_account(phone)
            expect(account).to_contain_text(self.story.place)
            expect(account).to_contain_text(self.story.text.splitlines()[1])

    def proposed(self) -> None:
        """The investigator reads the answer, gives each allegation its finding, and proposes an outcome."""
        investigator = self.office.page_of("investigator")
        self._enters(investigator)
        expect(investigator.locator("#thread .written")).to_have_text([self.story.question, self.story.answer])
        expect(investigator.locator("#act-propose")).to_be_visible()
        for allegation, finding, basis in zip(
            self.story.allegations, ("Terbukti", "Tidak terbukti"), self.story.findings, strict=True
        ):
            acting.find(investigator, allegation, finding, basis)
        self.look(investigator)
        acting.propose(investigator, "Terbukti sebagian", self.story.reason, self.story.decision)
        self._is(investigator, "Menunggu petugas kedua", self._within(5))
        expect(investigator.locator("#acts")).to_contain_text("Hanya petugas kedua")
        expect(investigator.locator("#thread .kind").last).to_contain_text("belum dibaca pelapor")
        with self.visited(self.phrase) as phone:
            self.stands(phone, "REVIEW")
            assert not phone.get_by_text(self.story.decision).count(), "nobody has confirmed it yet"

    def closed(self) -> None:
        """A second officer reads the reason and the public text first; only then can he close."""
        reviewer = self.office.page_of("reviewer")
        self._enters(reviewer)
        self._closes(reviewer, "Terbukti sebagian", self.story.reason, self.story.decision)
        self._is(reviewer, "Selesai")
        expect(reviewer.locator("#thread .kind").last).to_have_text("Keputusan")

    def objected(self) -> None:
        """The villager reads the decision and does not agree."""
        with self.visited(self.phrase) as phone:
            self.stands(phone, "CLOSED")
            self._reads(phone, "Terbukti sebagian", self.story.decision)
            self.look(phone)
            reporting.object_(phone, self.story.objection)
            self.stands(phone, "OBJECTION")

    def handed_over(self) -> None:
        """The lead hands the objection to somebody to whom the case is new; no other is offered."""
        lead = self.office.page_of("lead")
        self._enters(lead)
        expect(lead.locator("#thread .written").last).to_have_text(self.story.objection)
        expect(lead.locator("#head")).to_contain_text("Petugas belum ditunjuk")
        offered = acting.form(lead, "assign").locator("select option").all_inner_texts()
        for role in ("lead", "investigator", "reviewer"):
            assert not [words for words in offered if self.office.name_of(role) in words], offered
        acting.hand_over(lead, self.office.name_of("investigator", turn=1))

    def upheld(self) -> None:
        """The new officer finds that the villager is right: he investigates himself from now on."""
        handler = self.office.page_of("investigator", turn=1)
        self._enters(handler, "Keberatan ditinjau", self._within(14))
        acting.uphold(handler, self.story.second_reason, self.story.second_decision)
        self._is(handler, "Diperiksa", self._due(_in_thirty_days))
        expect(handler.locator("#head")).to_contain_text(self.office.name_of("investigator", turn=1))
        with self.visited(self.phrase) as phone:
            self.stands(phone, "INVESTIGATION")
            expect(phone.locator(".thread .written").last).to_have_text(self.story.second_decision)
            assert not phone.locator("#objection-form").count()

    def dismissed(self) -> None:
        """The new officer finds no reason to look again, and another reviewer than before confirms it."""
        handler = self.office.page_of("investigator", turn=1)
        self._enters(handler, "Keberatan ditinjau", self._within(14))
        acting.dismiss(handler, "Terbukti sebagian", self.story.second_reason, self.story.second_decision)
        former = self.office.page_of("reviewer")
        acting.enter(former, self.number)
        expect(former.locator("#acts")).to_contain_text("bukan yang menutupnya sebelum keberatan")
        reviewer = self.office.page_of("reviewer", turn=1)
        self._enters(reviewer)
        self._closes(reviewer, "Terbukti sebagian", self.story.second_reason, self.story.second_decision)
        with self.visited(self.phrase) as phone:
            self.stands(phone, "CLOSED")
            self._reads(phone, "Terbukti sebagian", self.story.second_decision)

    # What they do again and again.

    def _due(self, due: Due) -> list[date]:
        """Return by which day something comes; by which two, where midnight has passed on the way."""
        return [due(day, HERE.days) for day in dict.fromkeys((self.begun, HERE.today()))]

    def _within(self, days: int) -> list[date]:
        return self._due(_working(days))

    def _left(self, due: Iterable[date]) -> re.Pattern[str]:
        """Say how many working days there are until a day."""
        return one_of(f"{HERE.days.between(HERE.today(), day)} hari kerja lagi" for day in due)

    def _waiting(self) -> Page:
        """Return the lead's queue of urgent complaints that nobody has opened."""
        lead = self.office.page_of("lead")
        lead.goto("/petugas/?tahap=RECEIVED&mendesak=ya")
        return lead

    def _enters(self, officer: Page, state: str = "", due: Sequence[date] = ()) -> None:
        if due:
            self._in_queue(officer, state, due)
        acting.enter(officer, self.number)
        self._unsealed(officer)

    def _unsealed(self, officer: Page) -> None:
        acting.unseal(officer)
        self.look(officer)

    def _in_queue(self, officer: Page, state: str, due: Sequence[date], flag: str = "") -> None:
        row = acting.row(officer, self.number)
        sector = HERE.province.sectors[HERE.sector].name["id"]
        for words in (state, one_of(map(short_date, due)), self._left(due), sector, HERE.region_name, flag):
            expect(row).to_contain_text(words)
        self.look(officer)

    def _is(self, officer: Page, state: str, due: Sequence[date] = ()) -> None:
        expect(officer.locator("#state")).to_have_text(state)
        if due:
            expect(officer.locator("#head")).to_contain_text(one_of(map(written_out, due)))
            expect(officer.locator("#head")).to_contain_text(self._left(due))
        self.look(officer)

    def _history(self, officer: Page, *words: str) -> None:
        for each in words:
            expect(officer.locator("#history .now")).to_contain_text(each)

    def _closes(self, reviewer: Page, outcome: str, reason: str, decision: str) -> None:
        filled = acting.form(reviewer, "close")
        for words in (f"Hasil: {outcome}", reason, decision):
            expect(filled.locator(".proposal")).to_contain_text(words)
        filled.locator("button[type=submit]").click()
        expect(reviewer.locator("#error-summary")).to_contain_text("Nyatakan bahwa Anda sudah membacanya.")
        self.look(reviewer)
        acting.close(reviewer)

    def _reads(self, phone: Page, outcome: str, decision: str) -> None:
        status = phone.locator("#case-status")
        expect(status.locator("dl")).to_have_text(f"Hasil{outcome}")
        expect(status.locator(".written")).to_have_text(decision)
        expect(phone.get_by_role("heading", name="Saya tidak setuju")).to_be_visible()


def until_handed_over(whole: Whole) -> Whole:
    """Go all the way to the objection, and to the officer who decides on it."""
    whole.lodged()
    whole.opened()
    whole.assigned()
    whole.asked()
    whole.answered()
    whole.proposed()
    whole.closed()
    whole.objected()
    whole.handed_over()
    return whole


@dataclass(frozen=True)
class OnTheWire:
    """A whole way gone with JavaScript: what the phone sent, what it said that it would, what the desktops sent."""

    whole: Whole
    sent: list[Sent]
    overheard: Overheard
    office_sent: list[Sent]
