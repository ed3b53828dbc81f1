"""The phone holds what it is shown as brought against the reporter's own signed acts, and says where a server lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from kernel.vault import SigningKey, bodies, box_manifest, open_manifest
from ledger.body import Event, read_event, write_event
from tests import client
from tests.client import Sealing, base64_of
from tests.complaints.conftest import open_thread, write
from tests.journeys.checks import assert_usable
from tests.journeys.steps import until_asked
from tests.province import Province

Json = dict[str, Any]
HISTORY = "**/api/v1/threads/history"
SOMEBODY = SigningKey.from_seed(b"\7" * 32)


@dataclass
class Case:
    """A case with two files, brought by one act each, and whoever has seen it last."""

    phrase: str
    seen: client.Visit
    files: tuple[Sealing, Sealing]


@pytest.fixture
def case(province: Province) -> Case:
    """A reporter's case, with two files that he has sent."""
    phrase = province.lodge()[0]
    visitor, keys = province.visitor(), province.keys(phrase)
    sent = []
    for name in ("kuitansi.txt", "daftar harga.txt"):
        seen = client.visit(keys, visitor.ask)
        file = client.send_file(seen, name.encode(), visitor.ask, visitor.put, name=name, type="text/plain")
        client.act(seen, "message", "", visitor.ask, files=[file])
        sent.append(file)
    return Case(phrase, client.visit(keys, visitor.ask), (sent[0], sent[1]))


@dataclass
class Told:
    """What the server says: the thread, with the files there are, and the bodies of the events, the lodging's first."""

    case: Case
    thread: Json
    bodies: list[str]

    @property
    def files(self) -> list[Json]:
        """What is told of the files."""
        files: list[Json] = self.thread["files"]
        return files

    def told_file(self, at: int) -> Json:
        """Return what is told of the first file, or of the second."""
        return next(each for each in self.files if each["id"] == self.case.files[at].id)

    def rewrite(self, seq: int, key: SigningKey, change: Callable[[Event], Event]) -> None:
        """Tell another event in the place of one, signed by a key."""
        self.bodies[seq - 1] = bodies.sign(write_event(change(read_event(self.bodies[seq - 1]))), key)


def another_files_event(told: Told) -> None:
    told.bodies[1] = told.bodies[2]


def an_event_of_another_case(told: Told) -> None:
    """Signed by the very same key: whoever had it signed elsewhere brings it here."""
    told.rewrite(2, told.case.seen.keys.sign, lambda event: replace(event, case="0" * 32))


def a_signature_cut_off(told: Told) -> None:
    told.bodies[1] = told.bodies[1].rpartition("signature ")[0] + "signature -\n"


def a_signature_cut_short(told: Told) -> None:
    told.bodies[1] = told.bodies[1][:-3] + "\n"


def a_signature_of_somebody_else(told: Told) -> None:
    told.rewrite(2, SOMEBODY, lambda event: event)


def an_officers_event(told: Told) -> None:
    """By the reporter's own key, even: an officer's event brings no file of his."""
    told.rewrite(
        2, told.case.seen.keys.sign, lambda event: replace(event, actor=f"officer:{'f' * 32}", access=bytes(32))
    )


def a_digest_changed_in_the_body(told: Told) -> None:
    """The signature does not fit any more."""
    told.bodies[1] = told.bodies[1].replace(told.case.files[0].ref.digest, "0" * 64)


def no_event_at_all(told: Told) -> None:
    del told.bodies[1]


def another_file_in_its_place(told: Told) -> None:
    """The first is left out, and what nobody signed for is shown."""
    file = client.seal_for(told.case.seen, b"palsu", name="palsu.txt", type="text/plain")
    told.told_file(0).update(id=file.id, key=base64_of(file.key), manifest=base64_of(file.manifest), size=file.size)


def a_file_left_out(told: Told) -> None:
    told.files.remove(told.told_file(0))


def a_file_not_brought(told: Told) -> None:
    """What he sent would still wait to be sent."""
    told.told_file(0).update(seq=None, manifest=None)


def another_manifest(told: Told) -> None:
    """Whoever holds the thread's key, as an officer does who has left, can write one that opens."""
    file = told.case.files[0]
    written = replace(open_manifest(file.manifest, file.opened_by), name="surat pencabutan.txt")
    told.told_file(0).update(manifest=base64_of(box_manifest(written, file.opened_by)))


def another_box_of_its_key(told: Told) -> None:
    file = client.boxed_again(told.case.files[0], told.case.seen.thread_key(1), 1, "thread")
    told.told_file(0).update(key=base64_of(file.key))


MISSING, ANOTHER, CHANGED = "missing", "another", "changed"
LIES: list[tuple[Callable[[Told], None], list[str]]] = [
    (another_files_event, [ANOTHER]), (an_event_of_another_case, [ANOTHER]), (a_signature_cut_off, [ANOTHER]),
    (a_signature_cut_short, [ANOTHER]), (a_signature_of_somebody_else, [ANOTHER]), (an_officers_event, [ANOTHER]),
    (a_digest_changed_in_the_body, [ANOTHER]), (no_event_at_all, [ANOTHER]),
    (another_file_in_its_place, [MISSING, ANOTHER]), (a_file_left_out, [MISSING]), (a_file_not_brought, [MISSING]),
    (another_manifest, [CHANGED]), (another_box_of_its_key, [CHANGED]),
]  # fmt: skip
SENTENCES = {
    MISSING: "tidak ditunjukkan oleh server", ANOTHER: "bukan Anda yang mengirimnya",
    CHANGED: "isinya atau keterangannya diganti",
}  # fmt: skip


def opened(phone: Page, province: Province, case: Case, lie: Callable[[Told], None]) -> None:
    """Open the case; what the server says of its files and of its events is changed on its way by a ``lie``."""
    ask, token = province.visitor().ask, {"token": case.seen.keys.lookup_token.hex()}
    thread, history = (client.asked(ask, f"/api/v1/threads/{what}", token) for what in ("open", "history"))
    told = Told(case, thread, [event["body"] for event in history["events"]])
    lie(told)
    events = [{"body": body} for body in told.bodies]
    phone.route("**/api/v1/threads/open", lambda route: route.fulfill(json=thread))
    phone.route(HISTORY, lambda route: route.fulfill(json={**history, "events": events}))
    open_thread(phone, province, case.phrase)
    expect(phone.locator("#files li").first).to_be_visible()


def faults(phone: Page) -> list[str]:
    return [str(each.get_attribute("data-fault")) for each in phone.locator("#files [data-fault]").all()]


def test_what_he_has_sent_is_shown_in_the_order_in_which_he_did(phone: Page, province: Province, case: Case) -> None:
    opened(phone, province, case, lambda told: told.files.reverse())
    expect(phone.locator("#files li")).to_contain_text(["kuitansi.txt Berkas 1", "daftar harga.txt Berkas 2"])
    assert faults(phone) == []
    expect(phone.get_by_text("Yang sebaiknya Anda lakukan")).to_have_count(0)


@pytest.mark.parametrize(("lie", "found"), LIES, ids=lambda each: getattr(each, "__name__", ""))
def test_a_lie_about_what_was_brought_is_told(
    phone: Page, province: Province, case: Case, lie: Callable[[Told], None], found: list[str]
) -> None:
    opened(phone, province, case, lie)
    assert faults(phone) == found
    for fault in found:
        expect(phone.locator(f"#files [data-fault={fault}]")).to_contain_text(SENTENCES[fault])
    # The other file is not to blame, and whoever reads this knows what to do.
    expect(phone.locator("#files")).to_contain_text("daftar harga.txt")
    expect(phone.locator("#files")).to_contain_text("Yang sebaiknya Anda lakukan")
    for hidden in ("palsu", "surat pencabutan"):
        expect(phone.locator("#files")).not_to_contain_text(hidden)


def test_what_was_brought_since_the_page_was_told_is_no_lie(phone: Page, province: Province, case: Case) -> None:
    """The events come after the files, and meanwhile another phone may have sent one more."""

    def earlier(told: Told) -> None:
        told.files.remove(told.told_file(1))
        told.thread["version"] -= 1

    opened(phone, province, case, earlier)
    expect(phone.locator("#files li")).to_have_count(1)
    assert faults(phone) == []


def test_the_page_with_a_fault_is_usable(phone: Page, province: Province, case: Case) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    opened(phone, province, case, another_file_in_its_place)
    assert_usable(phone)


# Whether whoever leaves now is asked first.
ASKS = "() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def test_a_page_left_while_its_files_are_still_told_of_asks_for_what_is_written_and_keeps_nothing(
    phone: Page, case: Case
) -> None:
    seen: list[Any] = []

    def meanwhile(route: Route) -> None:
        seen.append(phone.evaluate(ASKS))
        phone.locator("#message-form textarea").fill("Sebelum berkasnya tampil.")
        seen.append(phone.evaluate(ASKS))
        phone.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        seen.append(phone.locator("#case-status").count())
        route.abort()

    phone.route(HISTORY, meanwhile, times=1)
    phone.locator("#phrase").fill(case.phrase)
    phone.get_by_role("button", name="Buka laporan").click()
    assert until_asked(phone, seen, times=3) == [False, True, 0]


def test_whoever_writes_on_while_files_are_still_told_of_is_heard_and_sees_each_file_once(
    phone: Page, province: Province, case: Case
) -> None:
    open_thread(phone, province, case.phrase)
    held: list[Route] = []
    phone.route(HISTORY, lambda route: held.append(route), times=1)
    write(phone, "Satu.")
    [late] = until_asked(phone, held)
    write(phone, "Dua.")
    expect(phone.locator(".message-own .written").last).to_have_text("Dua.")
    expect(phone.locator("#files li")).to_have_count(2)
    with phone.expect_response(HISTORY):
        late.continue_()
    phone.evaluate("() => fetch('/healthz').then(({ ok }) => ok)")
    expect(phone.locator("#files")).to_have_count(1)


def test_that_files_could_not_be_told_of_is_said_and_all_else_is_there(
    phone: Page, province: Province, case: Case
) -> None:
    phone.route(HISTORY, lambda route: route.fulfill(status=422, json={"error": "Belum bisa."}))
    open_thread(phone, province, case.phrase)
    expect(phone.locator("main")).to_contain_text("Berkas Anda belum bisa ditampilkan")
    expect(phone.locator("#files")).to_have_count(0)
    write(phone, "Tetap bisa menulis.")
    expect(phone.locator(".message-own .written").last).to_have_text("Tetap bisa menulis.")
