"""A desk's next key: old directories are taken for 72 hours, then all is sealed anew, and the old key is gone."""

import base64
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from casework import accounts, resealing, rotation
from casework.accounts import NewAccount
from casework.models import AccessEvent
from casework.retiring import RETIRE, retire
from casework.sessions import COOKIE
from casework.terms import Role
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in
from kernel.directory.services import add_statement
from kernel.vault import Identity, Unreadable, bodies, context, keys_of, unseal
from tests import client, officer
from tests.casework.office import Member, activation_of, drawn, statement
from tests.client import Json, Refused, asked
from tests.complaints.conftest import Later
from tests.journeys.steps import TEXT, phrase_shown, proceed, walk
from tests.officer import Login, Text, act, desk_identity, make_desk_key, open_case, reseal_batch, resealed, seeds_for
from tests.province import ANSWERS, Province, own_province
from tests.remains import change, row_counts
from tests.vectors import directories as vectors

LODGE, TAKE, KEEP = "/api/v1/complaints", "/petugas/meja/kunci/salinan", "/petugas/meja/kunci/salinan-baru"
PAGE = "/petugas/meja/kunci"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: what becomes of its desks' keys is nobody else's."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A clock in place of the real one, which a test puts forward."""
    watch = Later()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch


def log_in(town: Province, role: str, desk: str, turn: int = 0) -> Login:
    """Log one of the people in, whatever day it is now."""
    person = town.named(role, desk, turn)
    code = officer.code_at(person.totp_secret, clock.now())
    return officer.log_in(town.visitor().ask, person.name, person.password, code, town.root)


class OldForm:
    """A program that still has the directory of the day it was opened, with the key of one desk."""

    def __init__(self, town: Province, region: str) -> None:
        self.visitor, self.known, self.region = town.visitor(), town.installation(), region
        self.key = self.visitor.ask(f"/api/v1/desks/{region}/key")

    def send(self) -> tuple[int, Json]:
        """Seal a complaint by the old directory, on this very day, and post it."""
        known, keys = replace(self.known, today=clock.today()), keys_of(secrets.token_bytes(32))
        envelope = client.envelope(ANSWERS | {"region": self.region}, keys, known, lambda _path, _posted: self.key)
        return self.visitor.ask(LODGE, envelope)


def test_a_form_with_the_old_directory_is_taken_for_72_hours_then_told_the_new_one(
    town: Province, later: Later
) -> None:
    form = OldForm(town, "33.74")
    make_desk_key(log_in(town, "lead", "33.74"), "33.74", 2, clock.today())
    later.move(hours=71, minutes=59)
    assert form.send()[0] == 201
    later.move(minutes=2)
    status, told = form.send()
    assert (status, set(told)) == (409, {"error", "directory"})
    assert told["directory"] == town.visitor().ask("/api/v1/desks")[1]
    again = OldForm(town, "33.74")
    assert again.known.directory.desk_key("33.74")[0] == 2
    assert again.send()[0] == 201
    # Two keys on, the time of the first is over, whatever the second's is.
    make_desk_key(log_in(town, "lead", "33.74"), "33.74", 3, clock.today())
    assert (again.send()[0], form.send()[0]) == (201, 409)


def lodged(town: Province, region: str = "33.08") -> tuple[str, str]:
    """Lodge a complaint, without the price of a phrase; return its id and its case's number."""
    visitor, keys = town.visitor(), keys_of(secrets.token_bytes(32))
    answers = ANSWERS | {"region": region}
    posted = client.envelope(answers, keys, replace(town.installation(), today=clock.today()), visitor.ask)
    assert visitor.ask(LODGE, posted)[0] == 201
    complaint = client.visit(keys, visitor.ask).thread["complaint"]
    return complaint, town.number_of(complaint)


def rows(town: Province, *conditions: Any) -> list[Any]:
    """Return the sealed keys that fit."""
    with town.app.app_context():
        found = db.session.scalars(select(SealedKey).where(*conditions)).all()
        db.session.expunge_all()
        db.session.remove()
    return list(found)


def readings(town: Province, complaint: str) -> list[str]:
    with town.app.app_context():
        query = select(AccessEvent.what).where(AccessEvent.case_id == complaint).order_by(AccessEvent.seq)
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


def page_of(login: Login, address: str = PAGE) -> str:
    """Return a page as a lead sees it; ``ask`` of his browser gets JSON only."""
    visitor: Any = getattr(login.ask, "__self__")
    return str(visitor.get(address).get_data(as_text=True))


def opens(town: Province, identity: Identity) -> list[str]:
    """Return what a desk's key still opens of all the rows there are."""
    return [f"{row.kind} {row.object} {row.recipient}" for row in rows(town) if row.sealed and is_opened(row, identity)]


def is_opened(row: Any, identity: Identity) -> bool:
    complaint, object_ = ("-", row.object) if row.kind == "desk" else (row.object, "-")
    where = context(f"{row.kind}-key", complaint, object_, row.epoch, row.recipient)
    try:
        unseal(row.sealed, identity, where)
    except Unreadable:
        return False
    return True


def work(town: Province) -> None:
    """Do what is due of the keys' jobs."""
    with town.app.app_context():
        while jobs.work({RETIRE: retire}):
            pass
        db.session.remove()


def test_all_is_sealed_anew_in_batches_and_then_the_former_key_opens_nothing(
    town: Province, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    cases = [lodged(town) for _ in range(4)]
    lead = log_in(town, "lead", "33.08")
    act(open_case(lead, cases[0][1]), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    garbage = "UPDATE sealed_keys SET sealed = :sealed WHERE object = :id AND recipient = 'desk:33.08:1'"
    change(town.app, garbage, sealed=b"\1" + bytes(1168), id=cases[3][0])
    former = desk_identity(lead, "33.08")
    assert len(opens(town, former)) == 4
    make_desk_key(lead, "33.08", 2, clock.today())
    lead = log_in_again(town, later)
    assert "0 dari 5" in page_of(lead)
    assert "Segel ulang kunci perkara belum selesai" in page_of(lead, "/petugas/")

    # Two at once: whoever posts first, his copies stay.
    first, second = (asked(lead.ask, TAKE, {})["copies"] for _ in range(2))
    assert first == second and len(first) == 2
    posted = [resealed(lead, "33.08", copies, clock.today()) for copies in (first, second)]
    assert [asked(lead.ask, KEEP, {"copies": each})["done"] for each in posted] == [2, 2]
    kept = {row.brought for row in rows(town, SealedKey.recipient == "desk:33.08:2", SealedKey.kind != "desk")}
    assert kept == {each["body"] for each in posted[0]}

    # Whoever was handed copies and never came back has left his readings; another login goes on from here.
    taken = {copy["object"] for copy in asked(lead.ask, TAKE, {})["copies"]}
    assert all(readings(town, each)[-1] == rotation.READING for each in taken)
    lead = log_in_again(town, later)
    progress = [reseal_batch(lead, "33.08", clock.today()) for _ in range(3)]
    assert progress == [{"total": 5, "done": 4}, {"total": 5, "done": 5}, None]
    assert "1 kunci tidak dapat dibuka" in page_of(lead)

    # Until nobody may seal to it any more, the former key stays.
    later.move(hours=72, minutes=50)
    work(town)
    assert len(opens(town, former)) == 4
    later.move(minutes=30)
    work(town)
    assert opens(town, former) == []
    assert rows(town, SealedKey.kind == "desk", SealedKey.object == "33.08", SealedKey.epoch == 1) == []
    for role, desk in (("lead", "33.08"), ("lead", "33")):
        login = log_in(town, role, desk)
        assert [open_case(login, number).account()["text"] for _, number in cases[:3]] == [ANSWERS["text"]] * 3
    with pytest.raises(Refused) as refusal:
        open_case(log_in(town, "lead", "33.74"), cases[0][1])
    assert refusal.value.status == 404
    assert "Di server ini tidak ada lagi yang dapat dibuka dengan kunci lama" in page_of(log_in_again(town, later))


def log_in_again(town: Province, later: Later) -> Login:
    """Log the lead of 33.08 in with a code of his that is not used up."""
    later.move(minutes=1)
    return log_in(town, "lead", "33.08")


def altered(**other: Any) -> Callable[[Any, Any], Json]:
    """Return what signs a copy anew with something else in its words."""

    def alter(login: Login, copy: Json) -> Json:
        said = replace(resealing.read(copy["body"]), **other)
        return copy | {"body": resealing.sign(said, login.sign)}

    return alter


WRONG: dict[str, tuple[int, Callable[[Any, Any], Json]]] = {
    "another officer's": (409, altered(officer="a" * 32)),
    "signed by nobody": (409, lambda _login, copy: copy | {"body": copy["body"][:-129] + "0" * 128 + "\n"}),
    "another day's": (409, altered(day=date(2020, 1, 1))),
    "of another copy": (409, altered(sealed="0" * 64)),
    "said to be damaged, and yet there": (409, altered(sealed=None)),
    "to a former key": (409, altered(after="desk:33:1")),
    "to another desk's": (409, altered(after="desk:33.74:1")),
    "from a key that was none": (409, altered(before="desk:33:2")),
    "of a complaint there is none of": (409, altered(object="b" * 32)),
    "of an epoch that no database holds": (400, altered(epoch=2**63)),
    "of no form": (400, lambda _login, copy: copy | {"body": "type kentongan/v1/reseal\n"}),
    "too short": (400, lambda _login, copy: copy | {"sealed": base64.b64encode(bytes(1168)).decode()}),
}


def test_what_does_not_fit_is_refused_whole_and_a_desk_above_seals_the_desks_below_anew(
    town: Province, later: Later
) -> None:
    later.move(days=9)
    lead = log_in(town, "lead", "33")
    former = desk_identity(lead, "33")
    make_desk_key(lead, "33", 2, clock.today())
    later.move(minutes=1)
    lead = log_in(town, "lead", "33")
    copies = resealed(lead, "33", asked(lead.ask, TAKE, {})["copies"], clock.today())
    assert {resealing.read(copy["body"]).kind for copy in copies} == {"desk"}
    before = row_counts(town.app)
    for name, (status, wrong) in WRONG.items():
        with pytest.raises(Refused) as refusal:
            asked(lead.ask, KEEP, {"copies": [*copies[:-1], wrong(lead, copies[-1])]})
        assert (name, refusal.value.status) == (name, status)
    assert row_counts(town.app) == before
    assert asked(lead.ask, KEEP, {"copies": copies})["done"] == len(copies)
    later.move(hours=73, minutes=5)
    work(town)
    assert opens(town, former) == []
    _complaint, number = lodged(town)
    assert open_case(log_in(town, "lead", "33"), number).account()["text"] == ANSWERS["text"]
    assert bodies.signed_by(copies[0]["body"], lead.sign.public)


LEFT = vectors.officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")
DUE: dict[str, tuple[bool, list[str]]] = {
    "nothing has changed": (False, []),
    "a lead has left": (True, [LEFT]),
    "a lead has left and the key was renewed": (False, [LEFT, vectors.epoch("33.08", 3)]),
    "whoever stated it has other keys": (
        True, [vectors.officer("lead08", "33.08", "lead", holds="other", by="lead33", version=2)],
    ),
    "the key was revoked": (False, [LEFT, vectors.epoch("33.08", 3, status="revoked")]),
    "an investigator has left": (
        False, [vectors.officer("investigator08", "33.08", "investigator", by="lead08", version=2, status="revoked")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DUE)
def test_a_key_is_due_when_it_counts_no_more_or_a_lead_of_its_time_is_none_now(case: str) -> None:
    due, later = DUE[case]
    known = (*vectors.PROVINCE.values(), vectors.epoch("33.08", 2, by="lead08"), *later)
    assert rotation.is_due_by(Directory(vectors.KEY["root"].public, known), known, "33.08") is due


def leave(town: Province, parent: Login, person: Login) -> None:
    """Have the lead of the desk above state that a lead serves no more; what was sealed to him goes."""
    with town.app.app_context(), transaction() as session:
        now = directory_in(session).officer(person.id)
        said = statement(
            "officer", person.id, version=2, status="revoked", issuer=f"officer:{parent.id}", desk=now.desk,
            remit="lead", kem=now.kem_digest, sign=now.sign.hex(),
        )  # fmt: skip
        add_statement(session, town.root, statements.sign(said, parent.sign))
        session.execute(delete(SealedKey).where(SealedKey.recipient == f"officer:{person.id}"))


def join(town: Province, name: str, desk: str) -> Member:
    """Have somebody activate an account as a desk's lead."""
    with town.app.app_context():
        account = NewAccount(name, name.title(), Role.LEAD, desk)
        member = drawn(accounts.invite(account).token, account)
        accounts.activate(activation_of(member))
        db.session.remove()
    return member


def vouch(parent: Login, member: Member) -> None:
    """Have the lead of the desk above vouch for a new lead, and hand him his desk's keys."""
    desk, kem = str(member.account.desk_id), member.identity.recipient
    said = statement(
        "officer", member.id, issuer=f"officer:{parent.id}", desk=desk, remit="lead", kem=kem.digest,
        sign=member.sign.public.hex(),
    )  # fmt: skip
    copies = seeds_for(parent, desk, member.id, kem)
    body = statements.sign(said, parent.sign)
    with pytest.raises(Refused) as refusal:
        asked(parent.ask, "/petugas/orang/sahkan", {"body": body, "copies": copies[1:]})
    assert refusal.value.status == 409
    asked(parent.ask, "/petugas/orang/sahkan", {"body": body, "copies": copies})


def login_of(town: Province, member: Member) -> Login:
    """Log a new member in."""
    ask = town.visitor().ask
    asked(ask, "/petugas/masuk", member.attempt())
    told = asked(ask, "/petugas/direktori")
    kems = {digest: base64.b64decode(kem) for digest, kem in told["kems"].items()}
    return Login(member.id, member.identity, member.sign, Directory(town.root, told["statements"]), kems, ask)


def test_when_a_desks_only_lead_has_left_his_successor_opens_what_is_old_and_renews_the_key(
    town: Province, later: Later
) -> None:
    later.move(days=40)
    _complaint, number = lodged(town, "33.74")
    left, parent = log_in(town, "lead", "33.74"), log_in(town, "lead", "33")
    assert "Meja ini perlu kunci baru" not in page_of(left, "/petugas/")
    former = desk_identity(left, "33.74")
    leave(town, parent, left)
    # A desk nobody vouches for is passed over; its old cases stay in reach of the desk above.
    assert "33.74" not in town.installation().directory.open_desks()
    assert open_case(parent, number).account()["text"] == ANSWERS["text"]
    with pytest.raises(Refused):
        open_case(left, number)

    successor = join(town, "penerus", "33.74")
    vouch(parent, successor)
    lead = login_of(town, successor)
    assert "Meja ini perlu kunci baru" in page_of(lead, "/petugas/")
    assert open_case(lead, number).account()["text"] == ANSWERS["text"]
    versions = [copy["epoch"] for copy in asked(lead.ask, "/petugas/orang/kunci-meja")["copies"]]
    make_desk_key(lead, "33.74", max(versions) + 1, clock.today())
    # What nobody has sealed anew keeps the former key here, however long ago its time was over.
    later.move(hours=73, minutes=5)
    work(town)
    lead = login_of(town, successor)
    assert "Segel ulang kunci perkara belum selesai" in page_of(lead, "/petugas/")
    assert open_case(lead, number).account()["text"] == ANSWERS["text"]
    while reseal_batch(lead, "33.74", clock.today()):
        pass
    assert opens(town, former) == []
    assert "Segel ulang kunci perkara belum selesai" not in page_of(lead, "/petugas/")
    assert "Meja ini perlu kunci baru" not in page_of(lead, "/petugas/")
    for login in (lead, log_in(town, "lead", "33")):
        assert open_case(login, number).account()["text"] == ANSWERS["text"]


@pytest.fixture
def url(town: Province) -> Iterator[str]:
    """Where the province answers over HTTP, under the clock of the test."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Desktop:
    """The lead of 33.08 in a browser, logged in."""

    def __init__(self, town: Province, browser: Browser, url: str) -> None:
        self.password = town.named("lead", "33.08").password
        visitor: Any = getattr(log_in(town, "lead", "33.08").ask, "__self__")
        self.context = browser.new_context(base_url=url, locale="id-ID")
        place: Any = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        self.context.add_cookies([{"name": COOKIE, "value": str(visitor.cookie(COOKIE)), **place}])

    def press(self, address: str, button: str) -> Page:
        """Open a page in a new tab, press a button, and give the password, which a new tab asks for."""
        page = self.context.new_page()
        page.goto(address)
        page.locator(button).click()
        page.locator("#unlock-password").fill(self.password)
        page.locator("#unlock").get_by_role("button", name="Buka").click()
        expect(page.locator("#unlock")).to_be_hidden()
        return page


def losing_the_second(route: Route) -> None:
    """Let what is posted back through once; then the connection is gone."""
    if route.request.frame.page.locator("#resealed").evaluate("(bar) => bar.value") > 0:
        route.abort()
    else:
        route.continue_()


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_in_the_browser_a_lost_connection_costs_a_batch_and_an_old_form_is_sealed_anew(
    town: Province, later: Later, monkeypatch: pytest.MonkeyPatch, browser: Browser, url: str
) -> None:
    later.move(days=20)
    monkeypatch.setattr(rotation, "BATCH", 12)
    cases = [lodged(town) for _ in range(13)]
    phone = browser.new_context(base_url=url, locale="id-ID").new_page()
    phone.route(f"**{LODGE}", lambda route: route.abort())
    walk(phone)
    proceed(phone)
    again = phone.get_by_role("button", name="Coba lagi")
    expect(again).to_be_visible()

    desktop = Desktop(town, browser, url)
    lead = desktop.press(PAGE, "#make-key")
    count = lead.locator("#resealed-count")
    expect(count).to_contain_text("0 dari")
    total = count.inner_text().rpartition(" ")[2]
    assert Axe().run(lead).response["violations"] == []
    lead.route(f"**{KEEP}", losing_the_second)
    lead.get_by_role("button", name="Mulai menyegel ulang").click()
    expect(lead.locator("#key-problem")).to_contain_text("Sambungan terputus")
    expect(count).to_have_text(f"12 dari {total}")
    lead.close()
    lead = desktop.press(PAGE, "#reseal:text('Lanjutkan')")
    expect(lead.get_by_text("Semua sudah disegel ulang")).to_be_visible()
    expect(lead.get_by_text(f"{total} dari {total}")).to_be_visible()
    desktop.context.close()

    later.move(hours=73, minutes=5)
    work(town)
    desktop = Desktop(town, browser, url)
    change(town.app, "UPDATE sealed_keys SET brought = NULL WHERE object = :id", id=cases[1][0])
    reviewer = log_in(town, "reviewer", "33.08")
    [copy] = rows(town, SealedKey.object == cases[2][0], SealedKey.recipient.startswith("desk:"))
    forged = resealing.sign(replace(resealing.read(copy.brought), officer=reviewer.id), reviewer.sign)
    forging = "UPDATE sealed_keys SET brought = :forged WHERE object = :id AND recipient = :name"
    change(town.app, forging, forged=forged, id=cases[2][0], name=copy.recipient)
    lead = desktop.press(f"/petugas/perkara/{cases[0][1]}", "#open-case")
    expect(lead.get_by_text(ANSWERS["text"])).to_be_visible()
    # Nobody has signed for the one, for the other nobody who was a lead.
    for _complaint, number in cases[1:3]:
        lead.goto(f"/petugas/perkara/{number}")
        lead.locator("#open-case").click()
        expect(lead.locator("#story")).to_be_visible()
        expect(lead.get_by_text(ANSWERS["text"])).to_have_count(0)
    desktop.context.close()

    assert phone.locator("#text").input_value() == TEXT
    phone.unroute_all(behavior="wait")
    answers: list[tuple[str, int]] = []
    phone.on("response", lambda answer: answers.append((answer.url.removeprefix(url), answer.status)))
    again.click()
    assert len(phrase_shown(phone)) == 8
    asked_anew = [answer for answer in answers if answer[0].startswith("/api/")]
    assert asked_anew == [(LODGE, 409), ("/api/v1/desks/33.08/key", 200), (LODGE, 201)]
    phone.context.close()
