"""The phone checks a case's history by the phrase alone, and says in plain words what a server that lies has done."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from casework.terms import Action, Outcome
from complaints.wording import OUTCOMES
from kernel import clock
from kernel.directory.directory import Directory
from kernel.vault import PhraseKeys, SigningKey, leave_unsigned, sign_body
from ledger.body import read_event, write_event
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.entries import entry_of, tag
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note
from ledger.promises import is_binding, promise_key, read_promise, write_promise
from ledger.public import Kind, public_entry, refilled_body
from ledger.proving import write_proof
from ledger.publishing import log_of, tend
from ledger.tiles import WIDTH, Tile, read_bundle, write_bundle
from ledger.tree import leaf_hash, nodes_of, prove_inclusion, root_of
from tests import client
from tests.casework.test_acts import proposed, taken
from tests.complaints.conftest import Later, open_thread
from tests.journeys.checks import assert_usable
from tests.ledger.test_verify import told_by
from tests.officer import Text, act
from tests.province import Province

Json = dict[str, Any]
HISTORY = "**/api/v1/threads/history"
# As many bundles as a phone asks for at once.
AHEAD = 4
HIS_KEY = SigningKey.from_seed(b"\7" * 32)
MAY_BE_OLD = "tidak terlihat apakah itu isi buku yang terbaru"


def publish(province: Province) -> None:
    with province.app.app_context():
        tend()


def log_key(province: Province) -> SigningKey:
    return log_of(province.app.extensions["kentongan.settings"]).key


def proved(phone: Page, province: Province, phrase: str) -> None:
    """Open the case and have it checked."""
    open_thread(phone, province, phrase)
    check(phone)


def check(phone: Page) -> None:
    phone.locator("#proof-button").click()
    expect(phone.locator("#proof .timeline")).to_be_attached()


def findings(phone: Page, where: str = "#proof") -> list[str]:
    found = phone.locator(f"{where} [data-finding]").all()
    return [str(each.get_attribute("data-finding")) for each in found]


@dataclass
class Lie:
    """What a server tells of a history: the truth, until a test changes it before it arrives."""

    keys: PhraseKeys
    key: SigningKey
    promising: SigningKey
    events: list[Json] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    log: Json = field(default_factory=dict)

    def rewrite(self, seq: int, signer: SigningKey | None = None, **other: Any) -> None:
        """Tell another event in the place of one, with the entry that K makes of it, as the server can."""
        told = self.events[seq - 1]
        body = write_event(replace(read_event(told["body"]), **other))
        whole = sign_body(body, signer) if signer else leave_unsigned(body)
        told |= {"body": whole, "entry": entry_of(self.keys.ledger_key, seq, whole).hex()}

    def sign_anew(self, key: SigningKey, name: str = "") -> None:
        """Tell proofs whose checkpoint another key has signed, under the log's name or another."""
        for told in self.events:
            head, _apart, note = told["proof"].partition("\n\n")
            origin, size, root = note.split("\n")[:3]
            stated = Checkpoint(name or origin, int(size), b64decode(root))
            told["proof"] = f"{head}\n\n{sign_checkpoint(stated, key)}"


def truth(province: Province, keys: PhraseKeys, told: Json) -> Lie:
    settings = province.app.extensions["kentongan.settings"]
    return Lie(keys, log_key(province), promise_key(settings.secret), **told)


def lying(phone: Page, province: Province, keys: PhraseKeys, lie: Callable[[Lie], None]) -> None:
    """Have the server's history changed on its way."""

    def answer(route: Route) -> None:
        told = truth(province, keys, route.fetch().json())
        lie(told)
        route.fulfill(json={"events": told.events, "statements": told.statements, "log": told.log})

    phone.route(HISTORY, answer)


@pytest.fixture
def case(province: Province) -> tuple[str, PhraseKeys]:
    """A phrase and its keys: of a case that was lodged, opened and noted on, all of it published."""
    phrase, _complaint, number = taken(province)
    act(province.opened(number, "lead"), "note", "TRIAGE", [Text("note", "Besok.")])
    publish(province)
    return phrase, province.keys(phrase)


def test_what_is_true_is_found_true_and_where_the_log_has_it(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    proved(phone, province, case[0])
    expect(phone.locator("#proof .notice-title")).to_have_text(["Riwayat cocok"])
    expect(phone.locator("#proof .timeline b")).to_have_text(
        ["Anda mengirim laporan", "Laporan mulai ditelaah", "Petugas menambah catatan"]
    )
    places = phone.locator("#proof .timeline .quiet").all_inner_texts()
    assert all(re.fullmatch(r"Buku catatan umum nomor [\d.]+", each) for each in places)
    phone.locator("#proof summary").first.click()
    phone.locator("#proof summary").last.click()
    assert_usable(phone)
    phone.get_by_role("button", name="Periksa lengkap").click()
    expect(phone.locator("#search .notice-title")).to_have_text(["Lengkap"])
    expect(phone.locator("#search")).to_be_focused()
    assert_usable(phone)


def test_a_closing_says_the_outcome_that_was_proposed_last(phone: Page, province: Province) -> None:
    phrase, _complaint, number = proposed(province)
    act(province.opened(number, "reviewer"), "send_back", "INVESTIGATION", [Text("reason", "Belum jelas.")])
    texts = [Text("reason", "Satu saksi."), Text("decision", "Tidak terbukti.")]
    act(province.opened(number, "investigator"), "propose", "REVIEW", texts, {"outcome": "not_proven"})
    act(province.opened(number, "reviewer"), "close", "CLOSED")
    publish(province)
    phone.set_viewport_size({"width": 360, "height": 740})
    proved(phone, province, phrase)
    closing = phone.locator("#proof .timeline li").last
    expect(closing).to_contain_text(re.compile("^Laporan ditutup Hasil: Tidak terbukti "))
    expect(phone.locator("#proof .timeline").get_by_text("Hasil:")).to_have_count(1)
    expect(phone.locator("#case-status dd")).to_have_text("Tidak terbukti")
    assert_usable(phone)


def test_nothing_of_it_is_loaded_before_it_is_asked_for(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    open_thread(phone, province, case[0])
    loaded = "performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname.split('/').pop())"
    late = {"proof.js", "judging.js", "tree.js", "notes.js", "history", "checkpoint"}
    assert not late & set(phone.evaluate(loaded))
    check(phone)
    assert late - {"checkpoint"} <= set(phone.evaluate(loaded))


def test_what_is_not_yet_published_is_said_with_the_day_by_which_it_must_be(phone: Page, province: Province) -> None:
    phrase, _complaint, _number = taken(province)
    proved(phone, province, phrase)
    expect(phone.locator("#proof .notice-title")).to_have_text(["Riwayat cocok"])
    expect(phone.locator("#proof .notice")).to_contain_text("2 langkah masih menunggu")
    places = phone.locator("#proof .timeline .quiet")
    expect(places.first).to_contain_text("Belum masuk buku catatan umum; paling lambat")
    assert saved(phone) == {"1.opening", "1.promise"}


def nothing_promised(told: Lie) -> None:
    told.events[0]["promise"] = None


def nobody_to_promise(told: Lie) -> None:
    told.statements[:] = [body for body in told.statements if "\nkind promise\n" not in body]


def neither_of_them(told: Lie) -> None:
    nothing_promised(told)
    nobody_to_promise(told)


@pytest.mark.parametrize(
    ("lie", "found", "titles"),
    [
        (nothing_promised, ["unpromised"], ["Riwayat cocok", "Bukti janji tidak ada"]),
        (neither_of_them, ["unpromised"], ["Riwayat cocok", "Bukti janji tidak ada"]),
        (nobody_to_promise, ["promise"], ["Ada janji yang tidak sah"]),
    ],
    ids=["no promise", "neither promise nor who vouches for it", "a promise that nobody vouches for"],
)  # fmt: skip
def test_what_is_neither_in_the_log_nor_promised_is_said(
    phone: Page, province: Province, lie: Callable[[Lie], None], found: list[str], titles: list[str]
) -> None:
    phrase, _complaint, _number = taken(province)
    lying(phone, province, province.keys(phrase), lie)
    proved(phone, province, phrase)
    assert findings(phone) == found
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(titles)


def test_what_is_in_the_log_needs_no_promise_any_more(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    lying(phone, province, case[1], neither_of_them)
    proved(phone, province, case[0])
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(["Riwayat cocok"])


def test_a_promise_that_was_not_kept_is_said(phone: Page, province: Province, later: Later) -> None:
    later.move(days=-4)
    phrase, _complaint = province.lodge()
    later.move(days=4)
    proved(phone, province, phrase)
    assert findings(phone) == ["late"]
    expect(phone.locator("#proof")).to_contain_text("Langkah ke-1 seharusnya sudah ada di buku catatan umum")
    expect(phone.get_by_role("heading", name="Yang sebaiknya Anda lakukan")).to_be_visible()


def saved(phone: Page, folder: Path | None = None) -> set[str]:
    """Save every file that is offered, and return their names."""
    phone.get_by_text("Simpan berkas bukti").click()
    names = set()
    for button in phone.locator("#proof details ol button").all():
        with phone.expect_download() as begun:
            button.click()
        names.add(begun.value.suggested_filename)
        if folder:
            begun.value.save_as(folder / begun.value.suggested_filename)
    return names


def without(seq: int) -> Callable[[Lie], None]:
    return lambda told: told.events.__delitem__(seq - 1)


def nothing_at_all(told: Lie) -> None:
    told.events.clear()


def a_note_turned_into_another(told: Lie) -> None:
    told.rewrite(3, HIS_KEY, action="finding")


def a_body_under_an_old_entry(told: Lie) -> None:
    told.events[2]["body"] = told.events[2]["body"].replace("action note", "action finding")


def an_act_of_the_systems(told: Lie) -> None:
    told.rewrite(3, None, actor="system", access=None, objects=(), action="close", to_state="CLOSED")


def a_lodging_by_another(told: Lie) -> None:
    """All of it is another's complaint, rightly logged under this K and signed by a key that it names."""
    clear = read_event(told.events[0]["body"]).clear | {"sign": HIS_KEY.public.hex()}
    told.rewrite(1, HIS_KEY, clear=clear)


def another_end(told: Lie) -> None:
    """The last event is one that an officer did sign, and not the one that the page has shown."""
    told.events[2:] = []
    told.events.append(dict(told.events[1]))


def another_events_proof(told: Lie) -> None:
    told.events[1]["proof"] = told.events[0]["proof"]


def a_proof_that_is_none(told: Lie) -> None:
    told.events[1]["proof"] = "index 1"


def a_checkpoint_of_his_own(told: Lie) -> None:
    told.sign_anew(HIS_KEY)


def another_log(told: Lie) -> None:
    told.sign_anew(HIS_KEY, "kentongan/other")
    vkey = Verifier("kentongan/other", HIS_KEY.public).vkey
    told.log = {"vkey": vkey, "policy": f"log {vkey}\nquorum none\n"}


def a_promise_by_another(told: Lie) -> None:
    first = told.events[0]
    first["promise"] = write_promise(read_promise(first["promise"]), HIS_KEY)


def a_promise_of_something_else(told: Lie) -> None:
    told.events[1]["promise"] = told.events[0]["promise"]


def a_promise_for_a_later_day(told: Lie) -> None:
    """The key for promises signs another day than the event's."""
    promise = read_promise(told.events[0]["promise"])
    told.events[0]["promise"] = write_promise(replace(promise, until=promise.until + timedelta(days=9)), told.promising)


def a_promise_that_is_none(told: Lie) -> None:
    told.events[0]["promise"] = "Pasti."


def another_name_of_the_same_key(told: Lie) -> None:
    """A second log that the first one's key signs."""
    told.sign_anew(told.key, "kentongan/other")
    vkey = Verifier("kentongan/other", told.key.public).vkey
    told.log = {"vkey": vkey, "policy": f"log {vkey}\nquorum none\n"}


def another_key_under_the_logs_name(told: Lie) -> None:
    """The name follows from the root, so whoever likes can take it; the root has said whose it is."""
    told.sign_anew(HIS_KEY)
    name = told.log["vkey"].partition("+")[0]
    vkey = Verifier(name, HIS_KEY.public).vkey
    told.log = {"vkey": vkey, "policy": f"log {vkey}\nquorum none\n"}


def a_key_nobody_has_named(told: Lie) -> None:
    """The root has, and the server leaves out that statement."""
    another_key_under_the_logs_name(told)
    told.statements[:] = [body for body in told.statements if "\nkind log\n" not in body]


def no_key(told: Lie) -> None:
    told.log = {"vkey": None, "policy": None}
    for event in told.events:
        event["proof"] = None


def no_key_and_proofs_of_nothing(told: Lie) -> None:
    told.log = {"vkey": None, "policy": None}
    for event in told.events:
        event["proof"] = "x"


def two_trees(told: Lie) -> None:
    """Each entry is rightly proved, the second in another tree of the same size that the log's key has signed, too."""
    origin, size = told.events[0]["proof"].partition("\n\n")[2].split("\n")[:2]
    others = [os.urandom(32) for _ in range(int(size))]
    others[7] = leaf_hash(bytes.fromhex(told.events[1]["entry"]))
    nodes = nodes_of(others)
    note = sign_checkpoint(Checkpoint(origin, int(size), root_of(nodes, int(size))), told.key)
    told.events[1]["proof"] = write_proof(7, prove_inclusion(nodes, 7, int(size)), note)


def nobody_has_seen_it(told: Lie) -> None:
    witness = Verifier("ngo.example", HIS_KEY.public, COSIGNATURE).vkey
    lines = [f"log {told.log['vkey']}", f"witness ngo {witness} https://ngo.example", "group witnesses 1 ngo"]
    told.log["policy"] = "".join(f"{line}\n" for line in [*lines, "quorum witnesses"])


def cosigned(note: str, at: datetime) -> str:
    """Return what a witness adds to a note."""
    return cosign(read_note(note).text, int(at.timestamp()), "ngo.example", HIS_KEY).line


def no_policy(told: Lie) -> None:
    told.log["policy"] = None


def an_index_written_otherwise(told: Lie) -> None:
    told.events[1]["proof"] = told.events[1]["proof"].replace("index ", "index 0")


LIES: dict[Callable[[Lie], None], tuple[list[str], str]] = {
    without(2): (["missing"], "Langkah ke-2 laporan ini pernah tercatat, tetapi sekarang tidak ditunjukkan"),
    without(3): (["missing"], "Langkah ke-3 laporan ini pernah tercatat, tetapi sekarang tidak ditunjukkan"),
    nothing_at_all: (["missing"], "Langkah ke-1 laporan ini pernah tercatat"),
    a_note_turned_into_another: (["forged"], "Langkah ke-3 tidak ditandatangani oleh orang yang berhak"),
    an_act_of_the_systems: (["forged"], "Langkah ke-3 tidak ditandatangani oleh orang yang berhak"),
    a_lodging_by_another: (["forged"], "Langkah ke-1 tidak ditandatangani oleh orang yang berhak"),
    a_body_under_an_old_entry: (["changed"], "Langkah ke-3 tidak sama dengan yang dulu dicatat"),
    another_end: (["missing"], "Langkah ke-3 laporan ini pernah tercatat"),
    another_events_proof: (["unproved"], "Server menyebut langkah ke-2 sudah ada di buku catatan umum"),
    a_proof_that_is_none: (["unproved"], "Server menyebut langkah ke-2 sudah ada di buku catatan umum"),
    an_index_written_otherwise: (["unproved"], "Server menyebut langkah ke-2 sudah ada di buku catatan umum"),
    a_checkpoint_of_his_own: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
    another_log: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
    a_promise_by_another: (["promise"], "Janji tertulis server untuk langkah ke-1 tidak sah"),
    a_promise_of_something_else: (["promise"], "Janji tertulis server untuk langkah ke-2 tidak sah"),
    a_promise_for_a_later_day: (["promise"], "Janji tertulis server untuk langkah ke-1 tidak sah"),
    a_promise_that_is_none: (["promise"], "Janji tertulis server untuk langkah ke-1 tidak sah"),
    another_name_of_the_same_key: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
    another_key_under_the_logs_name: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
    a_key_nobody_has_named: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
    two_trees: (["split"], "dua isi yang berbeda dari buku yang seharusnya satu"),
    no_policy: (["log"], "tidak ditandatangani dengan kunci buku catatan umum situs ini"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_the_history_is_said_with_what_to_do(
    phone: Page, province: Province, case: tuple[str, PhraseKeys], lie: Callable[[Lie], None]
) -> None:
    lying(phone, province, case[1], lie)
    proved(phone, province, case[0])
    kinds, sentence = LIES[lie]
    assert findings(phone) == kinds
    expect(phone.locator("#proof .notice-danger")).to_contain_text(sentence)
    expect(phone.get_by_role("heading", name="Yang sebaiknya Anda lakukan")).to_be_visible()
    expect(phone.get_by_text("Riwayat cocok")).to_have_count(0)


def test_a_log_that_too_few_have_seen_accuses_nobody_yet(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    lying(phone, province, case[1], nobody_has_seen_it)
    proved(phone, province, case[0])
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(["Riwayat cocok", "Saksi belum cukup"])
    expect(phone.locator("#proof .timeline .quiet").first).to_contain_text("Buku catatan umum nomor")
    expect(phone.get_by_role("heading", name="Yang sebaiknya Anda lakukan")).to_have_count(0)
    searched(phone)
    assert findings(phone, "#search") == ["witnesses"]
    expect(phone.locator("#search .notice-title")).to_have_text(["Saksi belum cukup", "Lengkap"])


@pytest.mark.parametrize(("days", "said"), [(0, []), (4, ["Saksi belum cukup"]), (-4, ["Saksi belum cukup"])])
def test_a_checkpoint_that_witnesses_have_not_signed_lately_may_be_an_old_one(
    phone: Page, province: Province, case: tuple[str, PhraseKeys], days: int, said: list[str]
) -> None:
    """They sign each hour: who is shown an older one is not shown what came since."""
    at = clock.now() - timedelta(days=days)

    def seen(told: Lie) -> None:
        nobody_has_seen_it(told)
        for event in told.events:
            event["proof"] += cosigned(event["proof"].partition("\n\n")[2], at)

    note = Mirror(province).note
    phone.route("**/log/checkpoint", lambda route: route.fulfill(body=note + cosigned(note, at)))
    lying(phone, province, case[1], seen)
    proved(phone, province, case[0])
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(["Riwayat cocok", *said])
    searched(phone)
    expect(phone.locator("#search .notice-title")).to_have_text([*said, "Lengkap"])
    expect(phone.get_by_text(MAY_BE_OLD)).to_have_count(len(said))


@pytest.mark.parametrize("lie", [no_key, no_key_and_proofs_of_nothing])
def test_where_there_is_no_log_yet_what_is_due_is_still_due(
    phone: Page, province: Province, later: Later, lie: Callable[[Lie], None]
) -> None:
    later.move(days=-4)
    phrase, _complaint = province.lodge()
    later.move(days=4)
    lying(phone, province, province.keys(phrase), lie)
    proved(phone, province, phrase)
    assert findings(phone) == ["late"]
    expect(phone.get_by_role("heading", name="Periksa lengkap")).to_have_count(0)


class Mirror:
    """The log as a server tells it: the true entries, until a test changes them, under a root that its key signs."""

    def __init__(self, province: Province) -> None:
        self.key = log_key(province)
        self.stated = ""
        self.bend: Callable[[bytes], bytes] = bytes
        log = province.visitor()
        self.note = log.get("/log/checkpoint").text
        self.origin, size, _root = self.note.split("\n")[:3]
        paths = [_bundle_path(number, int(size)) for number in range(-(-int(size) // WIDTH))]
        self.entries = [entry for path in paths for entry in read_bundle(log.get(path).data)]

    def sign(self) -> None:
        """State the entries as they are now."""
        root = root_of(nodes_of([leaf_hash(entry) for entry in self.entries]), len(self.entries))
        self.note = sign_checkpoint(Checkpoint(self.origin, len(self.entries), root), self.key)

    def proof(self, entry: bytes) -> str:
        """Prove an entry in the log as it is signed now."""
        nodes = nodes_of([leaf_hash(each) for each in self.entries])
        index = self.entries.index(entry)
        return write_proof(index, prove_inclusion(nodes, index, len(self.entries)), self.note)

    def serve(self, phone: Page) -> None:
        """Tell a phone this log."""
        size = len(self.entries)
        bundles = {
            _bundle_path(number, size): write_bundle(self.entries[number * WIDTH : (number + 1) * WIDTH])
            for number in range(-(-size // WIDTH))
        }
        phone.route("**/log/public/*", lambda route: route.fulfill(body=self.stated))
        phone.route("**/log/checkpoint", lambda route: route.fulfill(body=self.note))
        bundles = {path: self.bend(bundle) for path, bundle in bundles.items()}
        phone.route("**/log/tile/**", lambda route: _fulfill(route, bundles))


def _bundle_path(number: int, size: int) -> str:
    return f"/log/{Tile(None, number, min(WIDTH, size - number * WIDTH)).path}"


def _fulfill(route: Route, bundles: dict[str, bytes]) -> None:
    content = bundles.get(urlsplit(route.request.url).path)
    route.fulfill(body=content) if content is not None else route.fulfill(status=404)


def searched(phone: Page) -> None:
    """Look through the whole log."""
    phone.get_by_role("button", name="Periksa lengkap").click()
    expect(phone.locator("#search .notice").first).to_be_visible()


def test_a_step_that_is_hidden_everywhere_is_found_in_the_log(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    """The page ends before it, too, so that only the entries of the log tell of it."""
    phrase, keys = case
    events = history(province, keys)["events"]

    def page(route: Route) -> None:
        told = route.fetch().text().replace('data-version="3"', 'data-version="2"')
        route.fulfill(body=told.replace(events[2]["entry"], events[1]["entry"]), content_type="text/html")

    lying(phone, province, keys, without(3))
    phone.route("**/lacak", page)
    proved(phone, province, phrase)
    expect(phone.locator("#proof .notice-title")).to_have_text(["Riwayat cocok"])
    searched(phone)
    assert findings(phone, "#search") == ["hidden"]
    expect(phone.locator("#search")).to_contain_text("ada langkah ke-3 laporan ini, tetapi server tidak menunjukkannya")
    phone.set_viewport_size({"width": 360, "height": 740})
    assert_usable(phone)


def history(province: Province, keys: PhraseKeys) -> Json:
    """Return the history as the true server tells it."""
    token = {"token": keys.lookup_token.hex()}
    answer: Json = province.visitor().post("/api/v1/threads/history", json=token).get_json()
    return answer


def another_entry_of_a_tag(mirror: Mirror, told: list[Json]) -> None:
    mirror.entries += [bytes.fromhex(told[1]["entry"])[:32] + os.urandom(32), *(os.urandom(64) for _ in range(63))]
    mirror.sign()


def an_entry_that_was_not_signed(mirror: Mirror, told: list[Json]) -> None:
    mirror.entries[mirror.entries.index(bytes.fromhex(told[1]["entry"]))] = os.urandom(64)


def an_entry_taken_out_and_signed_anew(mirror: Mirror, told: list[Json]) -> None:
    """What was signed before, the proofs have told this page."""
    an_entry_that_was_not_signed(mirror, told)
    mirror.sign()


def entries_taken_back(mirror: Mirror, told: list[Json]) -> None:
    del mirror.entries[-64:]
    mirror.sign()


def a_checkpoint_by_another(mirror: Mirror, told: list[Json]) -> None:
    mirror.key = HIS_KEY
    mirror.sign()


def a_bundle_that_is_none(mirror: Mirror, told: list[Json]) -> None:
    mirror.entries[0] += b"x"


def a_bundle_with_more_than_was_signed(mirror: Mirror, told: list[Json]) -> None:
    mirror.bend = lambda bundle: bundle + write_bundle([os.urandom(64)])


def entries_that_are_said_to_be_longer(mirror: Mirror, told: list[Json]) -> None:
    mirror.bend = lambda bundle: b"\0\x41" + bundle[2:]


REWRITINGS: dict[Callable[[Mirror, list[Json]], None], str] = {
    another_entry_of_a_tag: "double",
    an_entry_that_was_not_signed: "rewritten",
    an_entry_taken_out_and_signed_anew: "rewritten",
    entries_taken_back: "rewritten",
    a_bundle_that_is_none: "rewritten",
    a_bundle_with_more_than_was_signed: "rewritten",
    entries_that_are_said_to_be_longer: "rewritten",
}


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_a_log_that_was_rewritten_is_found_out_by_its_entries(
    phone: Page, province: Province, case: tuple[str, PhraseKeys], rewriting: Callable[[Mirror, list[Json]], None]
) -> None:
    phrase, keys = case
    mirror = Mirror(province)
    rewriting(mirror, history(province, keys)["events"])
    mirror.serve(phone)
    proved(phone, province, phrase)
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(["Riwayat cocok"])
    searched(phone)
    assert findings(phone, "#search") == [REWRITINGS[rewriting]]
    expect(phone.get_by_role("heading", name="Yang sebaiknya Anda lakukan")).to_be_visible()


def state_loss(mirror: Mirror, first: int, end: int) -> None:
    """Add the public entry that says which entries were lost with a database."""
    mirror.stated = refilled_body(date(2026, 11, 26), first, end)
    mirror.entries += [public_entry(Kind.REFILLED, mirror.stated), *(os.urandom(64) for _ in range(63))]


def test_what_the_log_itself_states_to_have_been_lost_is_no_fraud(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    """An event was lost with a database and has happened anew; of another nothing is left but its entry."""
    phrase, keys = case
    told, mirror = history(province, keys)["events"], Mirror(province)
    lost = [bytes.fromhex(told[2]["entry"])[:32] + os.urandom(32), tag(keys.ledger_key, 4) + os.urandom(32)]
    # Before the true entries stand those that were lost; the proofs are made for where the others are now.
    mirror.entries[:0] = [*lost, *(os.urandom(64) for _ in range(62))]
    mirror.entries = [each for each in mirror.entries if each.hex() not in {event["entry"] for event in told}]
    state_loss(mirror, 0, 64)
    mirror.entries += [bytes.fromhex(event["entry"]) for event in told] + [os.urandom(64) for _ in range(61)]
    mirror.sign()

    def proofs(lie: Lie) -> None:
        for event in lie.events:
            event["proof"] = mirror.proof(bytes.fromhex(event["entry"]))

    lying(phone, province, keys, proofs)
    mirror.serve(phone)
    proved(phone, province, phrase)
    assert findings(phone) == []
    searched(phone)
    assert findings(phone, "#search") == ["lost"]
    expect(phone.locator("#search .notice-title")).to_have_text(["Ada langkah yang hilang"])
    expect(phone.locator("#search")).to_contain_text("Langkah ke-3, 4 hilang ketika server dipulihkan dari cadangan")
    # What is stated is the entry's own body, and of what came before it.
    mirror.stated = mirror.stated.replace("from 0\n", "from 1\n")
    phone.goto("/lacak")
    proved(phone, province, phrase)
    searched(phone)
    assert findings(phone, "#search") == ["double", "hidden"]


def test_a_log_by_another_is_not_looked_through(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    mirror = Mirror(province)
    a_checkpoint_by_another(mirror, [])
    mirror.serve(phone)
    proved(phone, province, case[0])
    expect(phone.locator("#search .notice-title")).to_have_text(["Ini bukan buku catatan umum yang asli"])
    expect(phone.get_by_role("button", name="Periksa lengkap")).to_have_count(0)


def test_a_message_exchanged_before_it_was_published_is_found_out(phone: Page, province: Province) -> None:
    """Both are signed by the phrase: what the reporter wrote is in the log, and an older one is shown in its place."""
    phrase, _complaint, number = taken(province)
    keys = province.keys(phrase)
    client.act(client.visit(keys, province.visitor().ask), "message", "Yang benar.", province.visitor().ask)
    publish(province)

    def exchanged(told: Lie) -> None:
        told.rewrite(3, keys.sign, objects=())
        told.events[2] |= {"proof": None, "index": None, "promise": None}

    entry = history(province, keys)["events"][2]["entry"]
    false = truth(province, keys, history(province, keys))
    exchanged(false)

    def page(route: Route) -> None:
        route.fulfill(body=route.fetch().text().replace(entry, false.events[2]["entry"]), content_type="text/html")

    lying(phone, province, keys, exchanged)
    proved(phone, province, phrase)
    # The page has shown which event is the newest; and nobody has promised what stands in its place.
    assert findings(phone) == ["changed", "unpromised"]
    phone.goto("/lacak")
    phone.route("**/lacak", page)
    proved(phone, province, phrase)
    assert findings(phone) == ["unpromised"]
    searched(phone)
    assert findings(phone, "#search") == ["changed"]


def test_an_act_of_the_systems_that_is_still_to_come_is_said(phone: Page, province: Province) -> None:
    """Nobody signs it; dated so far off, it would wait for the log for ever."""
    phrase, _complaint, _number = taken(province)
    keys = province.keys(phrase)
    publish(province)
    last = history(province, keys)["events"][1]

    def put_off(told: Lie) -> None:
        opened = read_event(told.events[1]["body"])
        nobodys: Json = {"action": "escalate", "actor": "system", "access": None, "objects": (), "clear": {}}
        after: Json = {"seq": 3, "previous": bytes.fromhex(told.events[1]["entry"]), "from_state": opened.to_state}
        body = leave_unsigned(write_event(replace(opened, **nobodys, **after, day=date(2199, 1, 1))))
        entry = entry_of(keys.ledger_key, 3, body).hex()
        told.events.append({"body": body, "entry": entry, "proof": None, "index": None, "promise": None})

    false = truth(province, keys, history(province, keys))
    put_off(false)

    def page(route: Route) -> None:
        told = route.fetch().text().replace('data-version="2"', 'data-version="3"')
        route.fulfill(body=told.replace(last["entry"], false.events[2]["entry"]), content_type="text/html")

    lying(phone, province, keys, put_off)
    phone.route("**/lacak", page)
    proved(phone, province, phrase)
    assert findings(phone) == ["ahead"]
    expect(phone.locator("#proof .notice-danger")).to_contain_text("Langkah ke-3 belum ada di buku catatan umum")


def test_what_was_never_logged_and_is_proved_by_a_smaller_tree_of_its_own_is_found_out(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    """The other proofs are the log's; only its entries, all of them, contradict the checkpoint of this one."""
    phrase, keys = case
    own = client.visit(keys, province.visitor().ask)
    client.act(own, "message", "Yang tidak pernah dicatat.", province.visitor().ask)
    mirror = Mirror(province)
    mirror.serve(phone)

    def proved_apart(told: Lie) -> None:
        others = [os.urandom(32) for _ in range(63)]
        nodes = nodes_of([*others, leaf_hash(bytes.fromhex(told.events[3]["entry"]))])
        note = sign_checkpoint(Checkpoint(mirror.origin, 64, root_of(nodes, 64)), told.key)
        told.events[3] |= {"index": 63, "proof": write_proof(63, prove_inclusion(nodes, 63, 64), note)}

    lying(phone, province, keys, proved_apart)
    proved(phone, province, phrase)
    expect(phone.locator("#proof > .notice .notice-title")).to_have_text(["Riwayat cocok"])
    searched(phone)
    assert findings(phone, "#search") == ["rewritten"]


def test_it_says_how_much_it_is_before_and_can_be_stopped(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    proved(phone, province, case[0])
    entries = len(Mirror(province).entries)
    expect(phone.locator("#search")).to_contain_text(f"{entries:,} catatan".replace(",", "."))
    expect(phone.locator("#search")).to_contain_text(f"{-(-entries * 66 // 1024)} KB")
    held: list[Route] = []
    phone.route("**/log/tile/**", lambda route: held.append(route))
    phone.get_by_role("button", name="Periksa lengkap").click()
    expect(phone.get_by_role("button", name="Berhenti")).to_be_focused()
    phone.get_by_role("button", name="Berhenti").click()
    expect(phone.locator("#search .notice-title")).to_have_text(["Dihentikan. Belum ada kesimpulan."])
    for route in held:
        route.abort()
    phone.unroute("**/log/tile/**")
    searched(phone)
    expect(phone.locator("#search .notice-title")).to_have_text(["Lengkap"])


def test_who_goes_on_to_something_else_downloads_nothing_more(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    mirror = Mirror(province)
    mirror.entries += [os.urandom(64) for _ in range(16 * WIDTH)]
    mirror.sign()
    mirror.serve(phone)
    proved(phone, province, case[0])
    phone.evaluate("""() => {
      const real = fetch;
      window.asked = 0;
      window.fetch = (address, how) => {
        if (String(address).includes("/tile/")) window.asked += 1;
        document.querySelector("#proof").replaceChildren();
        return real(address, how);
      };
    }""")
    phone.get_by_role("button", name="Periksa lengkap").click()
    phone.wait_for_function("(ahead) => window.asked >= ahead", arg=AHEAD)
    phone.wait_for_timeout(500)
    assert phone.evaluate("window.asked") == AHEAD


def test_a_lost_connection_accuses_nobody(phone: Page, province: Province, case: tuple[str, PhraseKeys]) -> None:
    phone.route(HISTORY, lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    open_thread(phone, province, case[0])
    phone.locator("#proof-button").click()
    expect(phone.locator("#proof")).to_contain_text("Belum bisa diperiksa, mungkin karena sambungan")
    assert findings(phone) == []
    phone.unroute(HISTORY)
    phone.route("**/log/tile/**", lambda route: route.fulfill(status=502))
    check(phone)
    searched(phone)
    expect(phone.locator("#search .notice-title")).to_have_text(["Belum selesai diperiksa"])
    phone.unroute("**/log/tile/**")
    phone.get_by_role("button", name="Coba lagi").click()
    expect(phone.locator("#search .notice-title")).to_have_text(["Lengkap"])


def test_nothing_of_the_log_stays_in_the_browser(
    phone: Page, browser: Browser, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    """The phone is another, whose cache has nothing of what others were told."""
    with browser.new_context(base_url=phone.url.removesuffix("/lacak"), locale="id-ID") as context:
        mine = context.new_page()
        mine.goto("/lacak")
        proved(mine, province, case[0])
        searched(mine)
        kept = "async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length, document.cookie]"
        assert mine.evaluate(kept) == [0, 0, 0, ""]
        how = "{ cache: 'only-if-cached', mode: 'same-origin' }"
        cached = f"(path) => fetch(path, {how}).then((answer) => answer.ok, () => false)"
        size = len(Mirror(province).entries)
        read = ["/log/checkpoint", *(_bundle_path(number, size) for number in range(-(-size // WIDTH)))]
        assert not any(mine.evaluate(cached, path) for path in read)


def enter(phone: Page, phrase: str) -> None:
    phone.locator("#phrase").fill(phrase)
    phone.locator("form#lacak button[type=submit]").click()


def test_a_complaint_that_was_deleted_is_found_by_its_phrase_alone(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    phone.route("**/lacak", lambda route: route.fulfill(status=404, body="") if _posts(route) else route.continue_())
    enter(phone, case[0])
    expect(phone.locator("#error-summary")).to_contain_text("Tidak ada laporan dengan frasa itu")
    phone.get_by_role("button", name="Cari di buku catatan umum").click()
    searched(phone)
    assert findings(phone, "#search") == ["deleted"]
    expect(phone.locator("#search")).to_contain_text("Buku catatan umum memuat 3 langkah laporan ini")
    expect(phone.locator("#search")).to_contain_text("server menghapus atau menyembunyikannya")
    expect(phone.get_by_role("heading", name="Yang sebaiknya Anda lakukan")).to_be_visible()
    assert_usable(phone)


def _posts(route: Route) -> bool:
    return route.request.method == "POST"


def test_a_phrase_of_nothing_is_not_in_the_log_either(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    enter(phone, " ".join(reversed(case[0].split())))
    phone.get_by_role("button", name="Cari di buku catatan umum").click()
    searched(phone)
    expect(phone.locator("#search .notice-title")).to_have_text(["Di buku catatan umum pun tidak ada"])
    assert findings(phone, "#search") == []
    expect(phone.locator("#search")).to_contain_text(MAY_BE_OLD)


def test_a_server_that_shows_no_log_to_look_in_is_not_blamed_on_the_connection_for_ever(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    phone.route("**/lacak", lambda route: route.fulfill(status=404, body="") if _posts(route) else route.continue_())
    phone.route("**/log/vkey", lambda route: route.fulfill(status=404))
    enter(phone, case[0])
    phone.get_by_role("button", name="Cari di buku catatan umum").click()
    expect(phone.locator("main")).to_contain_text("Kalau berhari-hari tetap tidak bisa, beri tahu lembaga pengawas")


def test_where_no_witness_is_needed_an_old_log_is_not_called_the_whole_of_it(
    phone: Page, province: Province, case: tuple[str, PhraseKeys]
) -> None:
    """The server keeps back what it has signed since, and the step with it: nothing on the phone can contradict it."""
    phrase, keys = case
    old = Mirror(province)
    before = history(province, keys)
    page = status_page(province, phrase)
    client.act(client.visit(keys, province.visitor().ask), "message", "Yang ditahan.", province.visitor().ask)
    publish(province)
    old.serve(phone)
    phone.route(HISTORY, lambda route: route.fulfill(json=before))
    phone.route("**/lacak", lambda route: route.fulfill(body=page, content_type="text/html"))
    proved(phone, province, phrase)
    searched(phone)
    assert findings(phone, "#search") == []
    expect(phone.locator("#search .notice")).to_contain_text(MAY_BE_OLD)


def status_page(province: Province, phrase: str) -> str:
    """Return the status page as it is now."""
    token = province.keys(phrase).lookup_token.hex()
    return province.visitor().post("/lacak", data={"token": token}).text


def test_what_is_downloaded_is_accepted_by_the_strangers_file(
    phone: Page, province: Province, case: tuple[str, PhraseKeys], tmp_path: Path
) -> None:
    proved(phone, province, case[0])
    proofs = {f"{seq}.{kind}" for seq in (1, 2, 3) for kind in ("tlog-proof", "opening")}
    assert saved(phone, tmp_path) == proofs | {"1.promise"}
    status, told = told_by("case", tmp_path, "--vkey", history(province, case[1])["log"]["vkey"])
    assert (status, told.count("is entry")) == (0, 3), told
    changed = tmp_path / "2.opening"
    changed.write_text(changed.read_text().replace("action open", "action note"))
    assert told_by("case", tmp_path, "--vkey", history(province, case[1])["log"]["vkey"])[0] == 1


def test_a_promise_that_is_kept_on_the_phone_is_evidence_elsewhere(
    phone: Page, province: Province, case: tuple[str, PhraseKeys], tmp_path: Path
) -> None:
    open_thread(phone, province, case[0])
    check(phone)
    saved(phone, tmp_path)
    promise = read_promise((tmp_path / "1.promise").read_text())
    told = history(province, case[1])
    assert promise.entry.hex() == told["events"][0]["entry"]
    assert is_binding((tmp_path / "1.promise").read_text(), Directory(province.root, told["statements"]))


def test_every_act_and_every_outcome_has_its_words(phone: Page) -> None:
    script = """async () => {
      const scripts = document.querySelector('script[src$="/js/complaints/track.js"]').src;
      const { KNOWN_DEEDS, KNOWN_OUTCOMES } = await import(new URL("deeds.js", scripts));
      return [KNOWN_DEEDS, KNOWN_OUTCOMES];
    }"""
    deeds, outcomes = phone.evaluate(script)
    assert set(deeds) == set(Action) and set(outcomes) == set(OUTCOMES) == set(Outcome)
