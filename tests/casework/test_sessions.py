"""Logins: how long they last, how they are locked and ended, and that every door is closed unless it is marked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from casework import accounts, logins, sessions
from casework.logins import IDLE, LASTS, NotLoggedIn
from casework.models import Officer, OfficerSession
from casework.sessions import COOKIE, door_of
from casework.terms import Role
from kernel import jobs
from kernel.database import Collision, db, transaction
from tests.casework.office import SAME_ORIGIN, Browser, Member, Office, Watch

NewBrowser = Callable[[], Browser]
PEOPLE, ME, KEY = "/petugas/orang", "/petugas/saya", "/petugas/kunci"


@pytest.fixture
def lead(office: Office) -> Member:
    """A lead the root has vouched for."""
    return office.vouched("kepala", Role.LEAD, "33")


@pytest.fixture
def at_work(lead: Member, browser_of: NewBrowser, watch: Watch) -> Browser:
    """The lead's browser, logged in."""
    browser = browser_of()
    browser.log_in(lead)
    return browser


def rows() -> list[OfficerSession]:
    """Return every login as it lies in the database now."""
    db.session.rollback()
    return list(db.session.scalars(select(OfficerSession)))


def set_account(member: Member, values: dict[str, Any]) -> None:
    """Write to an account past every service, as whoever holds the database may."""
    with transaction() as session:
        session.execute(update(Officer).where(Officer.id == member.id).values(values))


def test_a_login_is_found_by_its_cookie_and_kept_only_as_a_hash(at_work: Browser) -> None:
    assert at_work.visit(PEOPLE).status_code == 200
    token = bytes.fromhex(at_work.cookie(COOKIE) or "")
    [row] = rows()
    assert len(token) == 32 and row.id == logins.row_id(token) and token not in row.id


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(lead: Member, browser_of: NewBrowser) -> None:
    answer = browser_of().post("/petugas/masuk", lead.attempt())
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE)]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Expires" not in cookie and "Max-Age" not in cookie


def test_each_login_has_a_token_and_a_seed_key_of_its_own(
    at_work: Browser, lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    watch.move(seconds=30)
    elsewhere = browser_of()
    elsewhere.log_in(lead)
    first, second = rows()
    assert at_work.cookie(COOKIE) != elsewhere.cookie(COOKIE) and first.seed_key != second.seed_key


def test_logging_in_again_ends_the_login_whose_cookie_it_replaces(
    at_work: Browser, lead: Member, watch: Watch
) -> None:
    watch.move(seconds=30)
    [before] = [row.id for row in rows()]
    at_work.log_in(lead)
    [after] = [row.id for row in rows()]
    assert before != after


def test_an_invented_or_mangled_cookie_logs_nobody_in(room: Flask, browser_of: NewBrowser) -> None:
    for value in ("00" * 32, "zz", "", "00" * 31, "é"):
        browser = browser_of()
        browser.client.set_cookie(COOKIE, value)
        assert browser.visit(PEOPLE).status_code == 303
        assert browser.fetch(PEOPLE).status_code == 401


def test_the_ways_of_the_login_library_itself_lead_nowhere(at_work: Browser, lead: Member) -> None:
    at_work.client.set_cookie("remember_token", f"{lead.id}|00")
    at_work.client.set_cookie("session", "eyJfdXNlcl9pZCI6IjEifQ.x.y")
    assert at_work.visit(PEOPLE).status_code == 200
    at_work.client.delete_cookie(COOKIE)
    assert at_work.visit(PEOPLE).status_code == 303
    assert current_app.config["SECRET_KEY"] is None


def test_after_fifteen_idle_minutes_the_seed_key_is_gone(at_work: Browser, watch: Watch) -> None:
    watch.move(seconds=IDLE.total_seconds() + 1)
    assert at_work.post(KEY).status_code == 423
    [row] = rows()
    assert row.seed_key is None


def test_what_is_idle_or_over_is_forgotten_though_nobody_comes(at_work: Browser, watch: Watch) -> None:
    handlers = {logins.SWEEP: logins.sweep}
    watch.move(minutes=15)
    assert not jobs.work(handlers) and [row.seed_key is None for row in rows()] == [False]
    watch.move(minutes=1)
    assert jobs.work(handlers) and [row.seed_key is None for row in rows()] == [True]
    watch.move(hours=12)
    assert jobs.work(handlers) and rows() == []
    watch.move(hours=1)
    assert not jobs.work(handlers)


def test_work_keeps_a_login_from_idling(at_work: Browser, watch: Watch) -> None:
    for _ in range(3):
        watch.move(minutes=14)
        assert at_work.visit(PEOPLE).status_code == 200
    assert at_work.post(KEY).status_code == 200


def test_an_idle_login_is_not_revived_by_being_seen_again(at_work: Browser, watch: Watch) -> None:
    watch.move(minutes=16)
    assert at_work.visit(PEOPLE).status_code == 423
    assert at_work.visit(PEOPLE).status_code == 423


def test_signs_of_life_are_written_once_a_minute(at_work: Browser, watch: Watch) -> None:
    [begun] = [row.seen_at for row in rows()]
    watch.move(seconds=59)
    at_work.visit(PEOPLE)
    assert [row.seen_at for row in rows()] == [begun]
    watch.move(seconds=2)
    at_work.visit(PEOPLE)
    assert [row.seen_at for row in rows()] != [begun]


def test_after_twelve_hours_a_login_is_over_however_busy(at_work: Browser, watch: Watch) -> None:
    with transaction() as session:
        session.execute(update(OfficerSession).values(begun_at=watch.now() - LASTS + timedelta(minutes=1)))
    assert at_work.visit(PEOPLE).status_code == 200
    watch.move(minutes=1)
    assert at_work.visit(PEOPLE).status_code == 303


def test_what_others_left_lying_is_swept_by_whoever_works(
    at_work: Browser, office: Office, browser_of: NewBrowser, watch: Watch
) -> None:
    other = office.vouched("kepala.luar", Role.LEAD, "luar")
    elsewhere = browser_of()
    elsewhere.log_in(other)
    for _ in range(2):
        watch.move(minutes=8)
        at_work.visit(PEOPLE)
    assert {row.officer_id: row.seed_key is None for row in rows()}[other.id]
    with transaction() as session:
        session.execute(update(OfficerSession).values(begun_at=watch.now() - LASTS))
    watch.move(seconds=61)
    at_work.log_in(other)
    assert [row.officer_id for row in rows()] == [other.id]


def test_a_locked_login_opens_nothing_until_its_password_is_given(at_work: Browser, lead: Member) -> None:
    assert at_work.post("/petugas/kunci/tutup").status_code == 200
    assert [row.seed_key for row in rows()] == [None]
    page = at_work.visit(PEOPLE)
    assert page.status_code == 423 and 'id="locked"' in page.text and lead.account.full_name in page.text
    assert "compare" not in page.text
    assert at_work.fetch("/petugas/direktori").status_code == 423
    assert at_work.post(KEY).status_code == 423
    opened = at_work.post("/petugas/kunci/buka", {"auth": lead.attempt()["auth"]})
    assert opened.status_code == 200 and opened.json and opened.json["officer"] == lead.id
    assert at_work.visit(PEOPLE).status_code == 200


def test_locking_one_login_leaves_a_colleagues_open(
    at_work: Browser, lead: Member, office: Office, browser_of: NewBrowser
) -> None:
    colleague = browser_of()
    colleague.log_in(office.vouched("peninjau", Role.REVIEWER, "33", lead))
    assert at_work.post("/petugas/kunci/tutup").status_code == 200
    assert at_work.post(KEY).status_code == 423 and colleague.post(KEY).status_code == 200


def test_unlocking_draws_a_new_seed_key_and_a_second_tab_shares_it(at_work: Browser, lead: Member) -> None:
    before = at_work.post(KEY).json
    right = {"auth": lead.attempt()["auth"]}
    assert at_work.post("/petugas/kunci/buka", right).json["sessionKey"] == before["sessionKey"]
    at_work.post("/petugas/kunci/tutup")
    opened = at_work.post("/petugas/kunci/buka", right).json
    assert opened["sessionKey"] != before["sessionKey"]
    assert at_work.post(KEY).json["sessionKey"] == opened["sessionKey"]


def test_a_login_ended_from_elsewhere_while_its_password_comes_is_over(office: Office) -> None:
    member = office.vouched("kepala", Role.LEAD, "33")
    with pytest.raises(NotLoggedIn):
        accounts.unlock(member.id, bytes(32), member.auth)


def test_a_wrong_password_unlocks_nothing(at_work: Browser) -> None:
    at_work.post("/petugas/kunci/tutup")
    assert at_work.post("/petugas/kunci/buka", {"auth": "A" * 43 + "="}).status_code == 403
    assert at_work.post(KEY).status_code == 423


def test_logging_out_ends_this_login_alone(
    at_work: Browser, lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    watch.move(seconds=30)
    elsewhere = browser_of()
    elsewhere.log_in(lead)
    kept = at_work.cookie(COOKIE)
    answer = at_work.submit("/petugas/keluar")
    assert answer.status_code == 303 and answer.location == "/petugas/masuk"
    assert at_work.cookie(COOKIE) is None
    at_work.client.set_cookie(COOKIE, str(kept))
    assert at_work.visit(PEOPLE).status_code == 303
    assert elsewhere.visit(PEOPLE).status_code == 200


def test_logging_out_everywhere_ends_every_login_of_this_officer_and_nobody_elses(
    at_work: Browser, lead: Member, office: Office, browser_of: NewBrowser, watch: Watch
) -> None:
    watch.move(seconds=30)
    second, other = browser_of(), browser_of()
    second.log_in(lead)
    other.log_in(office.vouched("kepala.luar", Role.LEAD, "luar"))
    assert at_work.post("/petugas/keluar-semua").status_code == 200
    assert [at_work.visit(PEOPLE).status_code, second.visit(PEOPLE).status_code] == [303, 303]
    assert other.visit(PEOPLE).status_code == 200


def test_somebody_who_has_left_is_out_at_once(at_work: Browser, lead: Member) -> None:
    set_account(lead, {"status": "left"})
    assert at_work.visit(PEOPLE).status_code == 303


def test_keys_nobody_has_vouched_for_open_no_door_but_ones_own(
    office: Office, browser_of: NewBrowser
) -> None:
    browser = browser_of()
    browser.log_in(office.activated("baru", Role.LEAD, "33"))
    sent = browser.visit(PEOPLE)
    assert sent.status_code == 303 and sent.location == ME
    assert browser.fetch("/petugas/direktori").status_code == 403
    page = browser.visit(ME)
    assert page.status_code == 200 and "Menunggu pencocokan" in page.text


def test_an_account_that_says_something_else_than_its_statement_has_no_role(
    office: Office, browser_of: NewBrowser
) -> None:
    lead = office.vouched("kepala", Role.LEAD, "33")
    clerk = office.vouched("peninjau", Role.REVIEWER, "33", lead)
    browser = browser_of()
    browser.log_in(clerk)
    assert browser.fetch("/petugas/direktori").status_code == 200
    right = {"role": "reviewer", "desk_id": "33", "sign": clerk.sign.public, "kem": clerk.identity.recipient.raw}
    other = {"role": "lead", "desk_id": "33.08", "sign": bytes(32), "kem": lead.identity.recipient.raw}
    for column, value in other.items():
        set_account(clerk, right | {column: value})
        assert browser.fetch("/petugas/direktori").status_code == 403, column
        assert browser.fetch(PEOPLE).status_code == 403, column
    set_account(clerk, right)
    assert browser.fetch("/petugas/direktori").status_code == 200


def test_the_database_itself_refuses_two_accounts_with_one_key(office: Office) -> None:
    lead = office.vouched("kepala", Role.LEAD, "33")
    clerk = office.vouched("peninjau", Role.REVIEWER, "33", lead)
    with pytest.raises(Collision):
        set_account(clerk, {"sign": lead.sign.public})


def test_a_revoked_officer_has_no_role(office: Office, browser_of: NewBrowser) -> None:
    lead = office.vouched("kepala", Role.LEAD, "33")
    browser = browser_of()
    browser.log_in(lead)
    with transaction() as session:
        office.state(
            session, "officer", lead.id, version=2, status="revoked", desk="33", remit="lead",
            kem=lead.identity.recipient.digest, sign=lead.sign.public.hex(),
        )  # fmt: skip
    assert browser.fetch(PEOPLE).status_code == 403


def test_every_address_of_the_room_is_marked(room: Flask) -> None:
    unmarked = [
        rule.rule
        for rule in room.url_map.iter_rules()
        if rule.rule.startswith(sessions.ROOM) and door_of(room.view_functions[rule.endpoint]) is None
    ]
    assert unmarked == []


def test_every_address_of_these_blueprints_lies_in_the_room(room: Flask) -> None:
    ours = {"accounts", "people", "casework"}
    rules = [rule.rule for rule in room.url_map.iter_rules() if rule.endpoint.split(".")[0] in ours]
    assert len(rules) > 20
    assert [rule for rule in rules if not rule.startswith(f"{sessions.ROOM}/")] == []


def test_an_address_without_a_mark_is_refused_to_everybody(
    room: Flask, office: Office, browser_of: NewBrowser
) -> None:
    room._got_first_request = False
    room.add_url_rule("/petugas/lupa", "forgotten", lambda: "open")
    browser = browser_of()
    assert browser.visit("/petugas/lupa").status_code == 403
    browser.log_in(office.vouched("kepala", Role.LEAD, "33"))
    assert browser.visit("/petugas/lupa").status_code == 403


def test_strangers_enter_only_where_it_says_so(room: Flask, browser_of: NewBrowser) -> None:
    rules = [rule for rule in room.url_map.iter_rules() if rule.rule.startswith(sessions.ROOM)]
    doors = [(rule, door_of(room.view_functions[rule.endpoint])) for rule in rules]
    assert {rule.rule for rule, door in doors if door and door.strangers} == {
        "/petugas/masuk", "/petugas/masuk/garam",
        "/petugas/aktivasi", "/petugas/aktivasi/mulai", "/petugas/aktivasi/selesai",
    }  # fmt: skip
    for rule in [rule for rule, door in doors if door and not door.strangers]:
        _, address = rule.build(dict.fromkeys(rule.arguments, "0")) or ("", "")
        for method, status in (("GET", 303), ("POST", 401)):
            if method in (rule.methods or set()):
                assert browser_of().ask(method, address, headers=SAME_ORIGIN).status_code == status, address


def test_the_rooms_own_address_leads_an_administrator_to_his_work(office: Office, browser_of: NewBrowser) -> None:
    browser = browser_of()
    assert browser.log_in(office.activated("admin", Role.ADMINISTRATOR, None))["home"] == "/petugas/akun"
    assert browser.visit("/petugas/").location == "/petugas/akun"
    assert browser.fetch("/petugas/").status_code == 403
    assert browser.visit("/petugas/orang").status_code == 403


def test_after_logging_in_one_goes_back_to_where_one_wanted_to(browser_of: NewBrowser) -> None:
    sent = browser_of().visit("/petugas/orang?urut=nama")
    assert sent.location == "/petugas/masuk?ke=/petugas/orang?urut%3Dnama"
    assert 'data-next="/petugas/orang?urut=nama"' in browser_of().visit(sent.location).text


def test_nobody_is_sent_to_another_place_after_logging_in(browser_of: NewBrowser) -> None:
    for address in ("https://example.org/", "//example.org/petugas/", "/\\example.org", "/petugas//x", "/lapor"):
        page = browser_of().ask("GET", "/petugas/masuk", query_string={"ke": address})
        assert 'data-next=""' in page.text, address
