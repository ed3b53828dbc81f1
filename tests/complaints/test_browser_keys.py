"""Whoever runs the server has the reporter's public key and can seal to it: the phone takes no thread key from him."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from kernel.directory import statements
from kernel.directory.statements import Statement
from kernel.vault import Identity, PhraseKeys, SigningKey, bodies, context, leave_unsigned, seal
from ledger.body import ObjectRef, read_event, write_event
from tests import client
from tests.casework.test_acts import investigated
from tests.complaints.conftest import open_thread, write
from tests.officer import Text, act
from tests.province import Province

HIS = Identity.from_seed(b"\7" * 32).recipient
HIS_KEY = SigningKey.from_seed(b"\7" * 32)
SOMEBODY = "f" * 32
ANOTHER_CASE = "e" * 32
STRANGER = "33.74"
WORDS = "Hanya untuk petugas di meja itu."
REFUSED = "Kunci percakapan ini rusak atau diganti. Tulisan Anda belum terkirim."
UNREADABLE = "Tulisan ini tidak dapat dibuka"


@dataclass
class Told:
    """What the server tells a phone of one thread: the page, which a lie changes before it arrives."""

    province: Province
    keys: PhraseKeys
    thread: client.Json
    page: str = ""

    def body(self, epoch: int) -> str:
        """Return the event that brought a key, as the true server tells it."""
        return str(next(key["body"] for key in self.thread["keys"] if key["epoch"] == epoch))

    def replace(self, true: str, false: str) -> None:
        """Tell one thing in the place of another."""
        assert self.page.count(true) == 1
        self.page = self.page.replace(true, false)

    def slip_in(self, epoch: int) -> ObjectRef:
        """Tell a key of the server's own, rightly sealed to the reporter; return how an event would name it."""
        where = context("thread-key", self.thread["complaint"], epoch=epoch, recipient="reporter")
        sealed = seal(bytes(32), self.keys.reporter.recipient, where)
        true = next(key["sealed"] for key in self.thread["keys"] if key["epoch"] == epoch)
        self.replace(true, base64.b64encode(sealed).decode())
        return ObjectRef("thread-key", f"{epoch}.reporter", hashlib.sha256(sealed).hexdigest())

    def bring(self, epoch: int, key: SigningKey | None, **other: Any) -> None:
        """Slip a key in with an event that names it, signed with ``key``; ``other`` changes what it says."""
        event = replace(read_event(self.body(epoch)), objects=(self.slip_in(epoch),), **other)
        self.replace(self.body(epoch), signed(write_event(event), key))

    def lodge(self, key: SigningKey, **other: Any) -> None:
        """Tell another lodging, by which the case would be a stranger desk's."""
        event = read_event(self.body(1))
        false = replace(event, **({"clear": {**event.clear, "desk": STRANGER}} | other))
        self.replace(self.body(1), signed(write_event(false), key))

    def add(self, *more: str) -> None:
        """Tell more statements."""
        spans = "".join(f'<span data-statement="{body}"></span>' for body in more)
        self.replace('<h1 id="thread-title"', f'{spans}<h1 id="thread-title"')
        # Where the phone looks for them.
        self.page = re.sub(r'</div>(\s*)(<span data-statement=.*</span>)(?=<h1)', r"\2</div>\1", self.page, flags=re.S)


def signed(unsigned: str, key: SigningKey | None) -> str:
    return bodies.sign(unsigned, key) if key else leave_unsigned(unsigned)


def his_key_alone(told: Told) -> None:
    told.slip_in(2)


def signed_by_himself(told: Told) -> None:
    """The event names a true officer, whose key he does not have."""
    told.bring(2, HIS_KEY)


def signed_by_nobody(told: Told) -> None:
    told.bring(2, None, actor="system", access=None)


def by_an_officer_of_his_own(told: Told) -> None:
    told.add(statements.sign(an_officer(), HIS_KEY))
    told.bring(2, HIS_KEY, actor=f"officer:{SOMEBODY}")


def an_officer() -> Statement:
    return Statement(
        kind="officer", subject=SOMEBODY, version=1, status="active", desk="33.08", parent=None, remit="lead",
        kem=HIS.digest, sign=HIS_KEY.public.hex(), issued=date(2026, 11, 2), issuer=f"officer:{SOMEBODY}",
    )  # fmt: skip


def by_an_officer_of_a_stranger_desk(told: Told) -> None:
    """Somebody there helps the server, and all that vouches for him is told."""
    login = told.province.log_in("lead", STRANGER)
    told.add(*login.ask("/petugas/direktori", None)[1]["statements"])
    told.bring(2, login.sign, actor=f"officer:{login.id}")


def from_another_case(told: Told) -> None:
    """A true officer of this desk signed it, elsewhere."""
    told.bring(2, told.province.log_in("lead").sign, case=ANOTHER_CASE)


def without_the_lodging(told: Told) -> None:
    by_an_officer_of_a_stranger_desk(told)
    told.page, dropped = re.subn(r'<data data-epoch="1".*?</data>', "", told.page, flags=re.S)
    assert dropped == 1


def lodged_elsewhere_as_he_says(told: Told) -> None:
    by_an_officer_of_a_stranger_desk(told)
    told.lodge(HIS_KEY)


def lodged_elsewhere_in_another_case(told: Told) -> None:
    by_an_officer_of_a_stranger_desk(told)
    told.lodge(told.keys.sign, case=ANOTHER_CASE)


def lodged_by_another_act(told: Told) -> None:
    by_an_officer_of_a_stranger_desk(told)
    told.lodge(told.keys.sign, action="message")


def brought_by_no_event(told: Told) -> None:
    told.slip_in(2)
    told.replace(told.body(2), "kunci")


def vouched_for_by_nothing(told: Told) -> None:
    told.page, dropped = re.subn(r"<span data-statement=.*?</span>", "", told.page, flags=re.S)
    assert dropped > 1


def his_first_key_alone(told: Told) -> None:
    told.slip_in(1)


def his_first_key_in_a_lodging_he_signs(told: Told) -> None:
    told.bring(1, HIS_KEY)


def his_first_key_by_an_officer(told: Told) -> None:
    """What a true officer of the desk signed is no lodging."""
    login = told.province.log_in("lead")
    told.bring(1, login.sign, actor=f"officer:{login.id}", access=bytes(32))


Lie = Callable[[Told], None]
LIES: list[Lie] = [
    his_key_alone, signed_by_himself, signed_by_nobody, by_an_officer_of_his_own, by_an_officer_of_a_stranger_desk,
    from_another_case, without_the_lodging, lodged_elsewhere_as_he_says, lodged_elsewhere_in_another_case,
    lodged_by_another_act, brought_by_no_event, vouched_for_by_nothing,
]  # fmt: skip
FIRST_LIES: list[Lie] = [his_first_key_alone, his_first_key_in_a_lodging_he_signs, his_first_key_by_an_officer]


def told_of(province: Province, phrase: str) -> Told:
    keys = province.keys(phrase)
    return Told(province, keys, client.visit(keys, province.visitor().ask).thread)


def renewed(province: Province) -> tuple[str, str]:
    """Return the phrase and the number of a case whose keys are of their second epoch, with one message under it."""
    phrase, _complaint, number, _allegation = investigated(province)
    other = province.log_in("investigator", turn=1).id
    act(province.opened(number, "lead"), "assign", "INVESTIGATION", [], {"assignee": other})
    act(province.opened(number, "lead"), "reply", "INVESTIGATION", [Text("message", "Kami teruskan.")])
    return phrase, number


def lied_to(phone: Page, province: Province, phrase: str, lie: Lie) -> None:
    """Have the page of the case arrive changed, and open it."""
    told = told_of(province, phrase)

    def answer(route: Route) -> None:
        true = route.fetch()
        told.page = true.text()
        lie(told)
        route.fulfill(response=true, body=told.page)

    phone.route("**/lacak", answer)
    open_thread(phone, province, phrase)


def sends_nothing(phone: Page) -> None:
    """See that nothing leaves the phone under this key, that it says why, and that the words stay."""
    posted: list[str] = []
    phone.on("request", lambda request: posted.append(request.url))
    write(phone, WORDS)
    expect(phone.locator("#error-summary")).to_contain_text(REFUSED)
    expect(phone.locator("#message-form textarea")).to_have_value(WORDS)
    assert not [url for url in posted if url.endswith("/threads/acts")]


@pytest.mark.parametrize("lie", LIES)
def test_a_key_slipped_in_later_opens_nothing_and_nothing_is_sealed_with_it(
    phone: Page, province: Province, lie: Lie
) -> None:
    phrase, _number = renewed(province)
    lied_to(phone, province, phrase, lie)
    expect(phone.locator(".thread .message")).to_contain_text(UNREADABLE)
    sends_nothing(phone)


@pytest.mark.parametrize("lie", FIRST_LIES)
def test_a_first_key_slipped_in_seals_nothing(phone: Page, province: Province, lie: Lie) -> None:
    phrase, _complaint = province.lodge()
    lied_to(phone, province, phrase, lie)
    sends_nothing(phone)


def test_a_true_later_key_is_taken_from_the_phrase_to_the_officers_eyes(phone: Page, province: Province) -> None:
    phrase, number = renewed(province)
    phone.locator("#phrase").fill(phrase)
    phone.get_by_role("button", name="Buka laporan").click()
    expect(phone.locator(".thread .written")).to_have_text("Kami teruskan.")
    write(phone, WORDS)
    expect(phone.locator(".message-own .written")).to_have_text(WORDS)
    case = province.opened(number, "lead")
    assert [(case.text(message), message["epoch"]) for message in case.told["messages"]] == [
        ("Kami teruskan.", 2), (WORDS, 2),
    ]  # fmt: skip


def test_statements_come_only_with_a_key_that_an_officer_brought(province: Province) -> None:
    assert told_of(province, province.lodge()[0]).thread["statements"] == []
    told = told_of(province, renewed(province)[0])
    subjects = {(statement.kind, statement.subject) for statement in map(statements.parse, told.thread["statements"])}
    lead, above = province.log_in("lead").id, province.log_in("lead", "33").id
    of_the_log = {("log", "log"), ("promise", "promise")}
    assert subjects == {("desk", "33"), ("desk", "33.08"), ("officer", lead), ("officer", above)} | of_the_log
