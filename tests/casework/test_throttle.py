"""Guessing is slowed, per account and for all; nobody is locked out, and nobody's address is kept."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from casework import throttle
from casework.accounts import NewAccount
from casework.models import LoginDelay
from casework.terms import Role
from casework.throttle import ALL, ONE, Lane, Pace
from casework.views_accounts import BROWSER_COOKIE
from kernel import clock
from kernel.database import db, transaction
from kernel.vault import totp
from tests.casework.office import Browser, Member, Office, Watch, base64_of, drawn

NewBrowser = Callable[[], Browser]
WRONG = base64_of(bytes(32))


@pytest.fixture
def lead(office: Office) -> Member:
    """A lead the root has vouched for."""
    return office.vouched("kepala", Role.LEAD, "33")


def fail(browser: Browser, member: Member, times: int, watch: Watch) -> None:
    """Fail so many times, each as soon as it is looked at."""
    for _ in range(times):
        answer = browser.post("/petugas/masuk", member.attempt(auth=WRONG))
        assert answer.status_code == 401
        watch.move(seconds=ONE.longest)


def delays() -> list[LoginDelay]:
    """Return every lane that is kept."""
    db.session.rollback()
    return list(db.session.scalars(select(LoginDelay)))


def test_waits_double_up_to_their_bound() -> None:
    assert [ONE.wait_after(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert ONE.wait_after(10**9) == 30
    assert [ALL.wait_after(failures) for failures in (1, 100, 101, 102, 10**6)] == [0, 0, 1, 2, 2]


def test_each_failure_makes_the_next_attempt_wait_longer(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    browser = browser_of()
    for seconds in (1, 2, 4, 8, 16, 30, 30):
        assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
        early = browser.post("/petugas/masuk", lead.attempt())
        assert (early.status_code, early.headers["Retry-After"]) == (429, str(seconds))
        assert early.json and f"{seconds} detik" in early.json["error"] and early.json["wait"] == seconds
        watch.move(seconds=seconds)
    assert browser.post("/petugas/masuk", lead.attempt()).status_code == 200


def test_an_attempt_before_its_time_does_not_prolong_the_wait(
    lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    browser = browser_of()
    fail(browser, lead, 3, watch)
    assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    for _ in range(5):
        assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 429
    watch.move(seconds=8)
    assert browser.post("/petugas/masuk", lead.attempt()).status_code == 200


def test_a_right_login_ends_the_waiting(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    browser = browser_of()
    fail(browser, lead, 6, watch)
    browser.log_in(lead)
    watch.move(seconds=30)
    assert browser_of().post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    watch.move(seconds=1)
    assert browser_of().post("/petugas/masuk", lead.attempt()).status_code == 200


def test_failures_are_forgotten_after_a_quiet_while(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    browser = browser_of()
    fail(browser, lead, 6, watch)
    watch.move(minutes=16)
    assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    assert browser.post("/petugas/masuk", lead.attempt()).headers["Retry-After"] == "1"


def test_a_wrong_code_after_a_right_password_waits_as_well(
    lead: Member, browser_of: NewBrowser
) -> None:
    browser = browser_of()
    assert browser.post("/petugas/masuk", lead.attempt(totp=lead.wrong_code())).status_code == 401
    assert browser.post("/petugas/masuk", lead.attempt()).status_code == 429


def test_failing_at_one_account_slows_no_other(
    lead: Member, office: Office, browser_of: NewBrowser, watch: Watch
) -> None:
    browser = browser_of()
    fail(browser, lead, 3, watch)
    assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    browser.log_in(office.vouched("kepala.luar", Role.LEAD, "luar"))


def test_a_name_that_does_not_exist_is_answered_alike(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    here, nowhere = [], []
    for _ in range(4):
        known = browser_of().post("/petugas/masuk", lead.attempt(auth=WRONG))
        unknown = browser_of().post("/petugas/masuk", lead.attempt(name="tidak.ada", auth=WRONG))
        here.append((known.status_code, known.json, known.headers.get("Retry-After")))
        nowhere.append((unknown.status_code, unknown.json, unknown.headers.get("Retry-After")))
        watch.move(seconds=1)
    assert here == nowhere and {status for status, _, _ in here} == {401, 429}


def test_a_flood_slows_strangers_but_never_a_known_browser(
    lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    known = browser_of()
    known.log_in(lead)
    known.post("/petugas/keluar")
    watch.move(seconds=30)
    lanes = throttle.login_lanes(lead.account.name, None)
    with transaction() as session:
        for _ in range(ALL.free + 5):
            throttle.failed(session, lanes)
    for name, seconds in ((lead.account.name, "30"), ("orang.lain", "2")):
        answer = browser_of().post("/petugas/masuk", lead.attempt(name=name))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, seconds)
    known.log_in(lead)


def test_a_known_browser_that_guesses_waits_too(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    browser = browser_of()
    browser.log_in(lead)
    watch.move(seconds=30)
    assert browser.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    assert browser.post("/petugas/masuk", lead.attempt()).status_code == 429


def test_a_browsers_mark_is_good_for_one_account_and_cannot_be_invented(room: Flask) -> None:
    with room.app_context():
        mark = throttle.known_browser("kepala")
        assert len(throttle.login_lanes("kepala", mark)) == 1
        for name, forged in (("orang.lain", mark), ("kepala", mark[:-1] + "x"), ("kepala", "é" * 96), ("kepala", "")):
            assert len(throttle.login_lanes(name, forged)) == 2, forged


def test_the_mark_of_a_known_browser_is_given_after_a_right_login_alone(
    lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    browser = browser_of()
    fail(browser, lead, 1, watch)
    assert browser.cookie(BROWSER_COOKIE) is None
    browser.log_in(lead)
    assert browser.cookie(BROWSER_COOKIE)


def test_a_flood_keeps_nobody_from_his_first_login(office: Office, browser_of: NewBrowser, watch: Watch) -> None:
    account = NewAccount("sri", "Sri", Role.OVERSEER, None)
    invited = drawn(office.invite("sri", Role.OVERSEER, None).token, account)
    browser = browser_of()
    code = totp.code(invited.totp_secret, clock.now())
    told = {"token": invited.token.hex(), "auth": base64_of(invited.auth), "totp": code}
    keyless = dict.fromkeys(("kem", "sign", "seedBox"))
    assert browser.post("/petugas/aktivasi/selesai", told | keyless).status_code == 201
    watch.move(seconds=totp.SECONDS)
    fail(browser_of(), invited, 3, watch)
    watch.move(seconds=-ONE.longest)
    assert browser_of().post("/petugas/masuk", invited.attempt()).status_code == 429
    assert browser.post("/petugas/masuk", invited.attempt()).status_code == 200


def test_a_hundred_mistypers_are_no_flood(room: Flask, watch: Watch) -> None:
    with room.app_context(), transaction() as session:
        for number in range(100):
            lanes = throttle.login_lanes(f"petugas{number}", None)
            assert throttle.wait(session, lanes) == 0
            throttle.failed(session, lanes)


def test_lanes_are_swept_when_they_are_forgotten(lead: Member, browser_of: NewBrowser, watch: Watch) -> None:
    for number in range(5):
        browser_of().post("/petugas/masuk", lead.attempt(name=f"siapa{number}", auth=WRONG))
    assert len(delays()) == 6
    watch.move(minutes=16)
    browser_of().post("/petugas/masuk", lead.attempt(auth=WRONG))
    assert len(delays()) == 2


def test_a_flood_of_names_writes_nothing_while_all_must_wait(lead: Member, browser_of: NewBrowser) -> None:
    browser = browser_of()
    for number in range(ALL.free + 1):
        assert browser.post("/petugas/masuk", lead.attempt(name=f"siapa{number}", auth=WRONG)).status_code == 401
    kept = len(delays())
    for number in range(5):
        assert browser.post("/petugas/masuk", lead.attempt(name=f"lain{number}", auth=WRONG)).status_code == 429
    assert len(delays()) == kept == ALL.free + 2


def test_neither_names_nor_addresses_are_kept(lead: Member, browser_of: NewBrowser) -> None:
    browser_of().ask(
        "POST", "/petugas/masuk", json=lead.attempt(auth=WRONG), environ_base={"REMOTE_ADDR": "203.0.113.77"}
    )
    for row in delays():
        assert len(row.subject) == 32 and row.failures == 1
    assert not {b"kepala", b"203.0.113.77"} & {row.subject for row in delays()}


def test_a_wrong_password_at_the_lock_waits_and_a_stranger_at_the_door_does_not_count(
    lead: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    browser = browser_of()
    browser.log_in(lead)
    browser.post("/petugas/kunci/tutup")
    stranger = browser_of()
    fail(stranger, lead, 2, watch)
    assert stranger.post("/petugas/masuk", lead.attempt(auth=WRONG)).status_code == 401
    right = {"auth": base64_of(lead.auth)}
    assert browser.post("/petugas/kunci/buka", {"auth": WRONG}).status_code == 403
    early = browser.post("/petugas/kunci/buka", right)
    assert (early.status_code, early.headers["Retry-After"]) == (429, "1")
    assert browser.post("/petugas/kunci").status_code == 423
    watch.move(seconds=1)
    assert browser.post("/petugas/kunci/buka", right).status_code == 200


def test_of_two_attempts_at_once_the_second_waits_for_the_first_to_be_judged(room: Flask, watch: Watch) -> None:
    lane = [Lane(b"x" * 32, Pace(free=0, longest=30, forgotten_after=ONE.forgotten_after))]
    with room.app_context():
        with transaction() as session:
            assert throttle.wait(session, lane) == 0
            throttle.failed(session, lane)
        with transaction() as session:
            assert throttle.wait(session, lane) == 1
        assert db.session.scalar(select(func.count()).select_from(LoginDelay)) == 1
