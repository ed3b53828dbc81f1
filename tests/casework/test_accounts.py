"""Accounts: invited, activated, vouched for, logged in; and whatever somebody tries to slip in between."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from casework import accounts, revoking, vouching
from casework.accounts import InvitationOver, KeysTaken, NameTaken, NewAccount, WrongCode, WrongKeys
from casework.models import Officer
from casework.terms import Role
from casework.vouching import KeysChanged, Vouching, WrongCopies
from kernel.database import db, transaction
from kernel.directory.models import SealedKey, Statement
from kernel.directory.services import StatementRefused, VersionTaken, add_statement
from kernel.vault import Identity, context, officer_keys, password_salt, unbox
from kernel.web import current_settings
from tests.casework.office import (
    Browser, Member, Office, Watch, activation_of, base64_of, desk_copy, directory_now, drawn, look_again,
)  # fmt: skip

NewBrowser = Callable[[], Browser]
WRONG = base64_of(bytes(32))


def account_of(member: Member) -> Officer:
    """Return a member's account as it lies in the database now."""
    look_again()
    return db.session.get_one(Officer, member.id)


def set_account(member: Member, **values: Any) -> None:
    """Write to an account past every service, as whoever holds the database may."""
    with transaction() as session:
        session.execute(update(Officer).where(Officer.id == member.id).values(values))


@pytest.fixture
def administrator(office: Office, browser_of: NewBrowser) -> Browser:
    """The browser of an administrator, logged in."""
    browser = browser_of()
    browser.log_in(office.activated("admin", Role.ADMINISTRATOR, None))
    return browser


@pytest.fixture
def newcomer(office: Office) -> Member:
    """An investigator of that desk who has activated his account."""
    return office.activated("baru", Role.INVESTIGATOR, "33.08")


# Invitations


def test_the_administrator_invites_and_gets_the_link_once(administrator: Browser) -> None:
    form = {"name": "sri.wahyuni", "full_name": "Sri Wahyuni", "role": "investigator", "desk": "33.08"}
    made = administrator.submit("/petugas/akun", **form)
    assert made.status_code == 201 and "/petugas/aktivasi#" in made.text
    again = administrator.visit("/petugas/akun")
    assert "Sri Wahyuni" in again.text and "/petugas/aktivasi#" not in again.text


def test_of_an_invitation_only_a_hash_is_kept(office: Office) -> None:
    invitation = office.invite("sri", Role.INVESTIGATOR, "33.08")
    row = db.session.scalars(select(Officer)).one()
    assert row.invitation_hash not in {None, invitation.token} and len(invitation.token) == 32
    assert row.status == "invited" and row.auth_hash is None


def test_a_wrong_form_says_so_and_keeps_what_was_typed(administrator: Browser) -> None:
    right = {"name": "sri", "full_name": "Sri Wahyuni", "role": "investigator", "desk": "33.08"}
    wrongs = {
        "Pakai huruf kecil": {"name": "Sri Wahyuni"},
        "Tulis nama akunnya": {"name": ""},
        "paling banyak 40": {"name": "s" * 41},
        "Tulis nama lengkapnya": {"full_name": "  "},
        "tanda yang tidak tampak": {"full_name": "Sri\u202eWahyuni"},
        "Pilih perannya": {"role": ""},
        "Pilih mejanya, atau": {"desk": ""},
        "Peran ini bermeja": {"desk": "-"},
        "Peran ini tidak bermeja": {"role": "overseer"},
    }
    for sentence, wrong in wrongs.items():
        answer = administrator.submit("/petugas/akun", **(right | wrong))
        assert answer.status_code == 422 and sentence in answer.text, sentence
        assert 'id="error-summary"' in answer.text and f'value="{(right | wrong)["name"]}"' in answer.text
    for wrong in ({"role": "raja"}, {"desk": "99.99"}, {"name": "sri\x00"}, {"name": "sri\n"}, {"full_name": "a\x00b"}):
        assert administrator.submit("/petugas/akun", **(right | wrong)).status_code in {201, 422}, wrong
    assert administrator.submit("/petugas/akun").status_code == 422


def test_a_name_is_given_once(administrator: Browser, office: Office) -> None:
    office.invite("sri", Role.INVESTIGATOR, "33.08")
    form = {"name": "sri", "full_name": "Sri Lain", "role": "reviewer", "desk": "33.08"}
    answer = administrator.submit("/petugas/akun", **form)
    assert answer.status_code == 409 and "sudah dipakai" in answer.text and 'value="Sri Lain"' in answer.text
    with pytest.raises(NameTaken):
        accounts.invite(NewAccount("sri", "Sri Lain", Role.REVIEWER, "33.08"))


def test_nobody_but_an_administrator_invites(office: Office, lead: Member, browser_of: NewBrowser) -> None:
    browser = browser_of()
    browser.log_in(lead)
    form = {"name": "x", "full_name": "X", "role": "administrator", "desk": "-"}
    assert browser.submit("/petugas/akun", **form).status_code == 403
    assert browser.submit(f"/petugas/akun/{lead.id}/undang").status_code == 403
    assert browser.visit("/petugas/akun").status_code == 403


def test_an_administrator_reads_neither_keys_nor_people_nor_cases(administrator: Browser) -> None:
    for address in ("/petugas/orang", "/petugas/direktori", "/petugas/orang/kunci-meja"):
        assert administrator.fetch(address).status_code == 403
    assert administrator.post("/petugas/orang/sahkan", {"body": "x", "copies": []}).status_code == 403


def test_an_invitation_is_over_after_72_hours(office: Office, watch: Watch) -> None:
    invitation = office.invite("sri", Role.INVESTIGATOR, "33.08")
    watch.move(hours=72)
    with pytest.raises(InvitationOver):
        accounts.begin_activation(invitation.token)


def test_the_administrator_sees_who_waits_for_a_new_invitation(
    office: Office, browser_of: NewBrowser, watch: Watch
) -> None:
    administrator = office.activated("admin", Role.ADMINISTRATOR, None)
    invited = office.invite("sri", Role.INVESTIGATOR, "33.08").officer_id

    def says_so() -> bool:
        watch.move(minutes=1)
        browser = browser_of()
        browser.log_in(administrator)
        return "Perlu undangan baru" in browser.visit("/petugas/akun").text

    assert not says_so()
    watch.move(hours=72)
    assert says_so()
    accounts.invite_again(invited, administrator.id)
    assert not says_so()
    with transaction() as session:
        accounts.end_keys(session, session.get_one(Officer, invited))
    assert says_so()


def test_an_invitation_is_used_up_by_activation(office: Office, newcomer: Member) -> None:
    with pytest.raises(InvitationOver):
        accounts.begin_activation(newcomer.token)
    with pytest.raises(InvitationOver):
        accounts.activate(activation_of(newcomer))


def test_a_new_invitation_ends_the_old_one_with_all_that_came_of_it(
    office: Office, newcomer: Member, administrator: Browser, browser_of: NewBrowser
) -> None:
    browser = browser_of()
    browser.log_in(newcomer)
    answer = administrator.submit(f"/petugas/akun/{newcomer.id}/undang")
    assert answer.status_code == 201 and "/petugas/aktivasi#" in answer.text
    row = account_of(newcomer)
    assert (row.status, row.kem, row.sign, row.seed_box, row.auth_hash, row.totp_box) == ("invited", *[None] * 5)
    assert browser.post("/petugas/masuk", newcomer.attempt()).status_code == 401
    token = bytes.fromhex(answer.text.partition("/petugas/aktivasi#")[2][:64])
    accounts.activate(activation_of(drawn(token, newcomer.account)))
    assert browser.visit("/petugas/saya").status_code == 303


def test_nobody_is_invited_again_who_is_not_there_or_asks_for_himself(
    office: Office, lead: Member, administrator: Browser
) -> None:
    me = db.session.scalars(select(Officer.id).where(Officer.role == Role.ADMINISTRATOR)).one()
    accounts.leave(lead.id, me)
    for end in ("undang", "tutup"):
        for officer_id in (lead.id, "0" * 32, "x"):
            assert administrator.submit(f"/petugas/akun/{officer_id}/{end}", sure="ya").status_code == 404
        assert administrator.submit(f"/petugas/akun/{me}/{end}", sure="ya").status_code == 409
    assert administrator.visit("/petugas/akun").status_code == 200


def test_two_accounts_never_have_the_same_keys(office: Office, lead: Member) -> None:
    account = NewAccount("kembar", "Kembar", Role.INVESTIGATOR, "33.08")
    member = drawn(accounts.invite(account).token, account)
    for same in ({"kem": lead.identity.recipient.raw}, {"sign": lead.sign.public}):
        with pytest.raises(KeysTaken):
            accounts.activate(activation_of(member, **same))
    accounts.leave(lead.id, "")
    with pytest.raises(KeysTaken):
        accounts.activate(activation_of(member, sign=lead.sign.public))
    accounts.activate(activation_of(member))


# Activation


def begin(browser: Browser, token: bytes) -> dict[str, Any]:
    """Open an invitation as the page of activation does."""
    answer = browser.post("/petugas/aktivasi/mulai", {"token": token.hex()})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def posted(member: Member, **other: Any) -> dict[str, Any]:
    """Return what the page of activation posts last."""
    made = activation_of(member)
    keys = {"kem": made.kem, "sign": made.sign, "seedBox": made.seed_box}
    written = {name: None if value is None else base64_of(value) for name, value in keys.items()}
    return {"token": made.token.hex(), "auth": base64_of(made.auth), "totp": made.code} | written | other


def test_the_page_of_activation_carries_no_invitation_to_the_server(browser_of: NewBrowser) -> None:
    page = browser_of().visit("/petugas/aktivasi")
    assert page.status_code == 200 and "token" not in page.text


def test_an_invited_officer_activates_and_logs_in(office: Office, browser_of: NewBrowser, watch: Watch) -> None:
    browser = browser_of()
    account = NewAccount("sri", "Sri", Role.INVESTIGATOR, "33.08")
    token = accounts.invite(account).token
    told = begin(browser, token)
    assert told["fullName"] == "Sri" and told["hasKeys"]
    assert base64.b64decode(told["salt"]) == password_salt(current_settings().secret, "sri")
    member = drawn(token, account)
    assert base64.b32decode(told["totp"]) == member.totp_secret
    assert browser.post("/petugas/aktivasi/selesai", posted(member)).status_code == 201
    opened = browser.log_in(member)
    where = context("officer-seed", object_=member.id, recipient="password")
    assert unbox(base64.b64decode(opened["seedBox"]), member.auth, where) == member.seed


def test_the_picture_holds_what_an_authenticator_reads(office: Office, browser_of: NewBrowser) -> None:
    token = office.invite("sri", Role.INVESTIGATOR, "33.08").token
    picture = begin(browser_of(), token)["picture"]
    assert {len(row) for row in picture} == {len(picture)} and set("".join(picture)) == {"0", "1"}
    # A finder pattern's edge: seven dark squares in the corner.
    assert picture[0].startswith("11111110") and picture[6].startswith("11111110")


def test_the_authenticators_secret_stays_the_same_while_the_page_is_reloaded(
    office: Office, browser_of: NewBrowser
) -> None:
    first, second = (office.invite(name, Role.REVIEWER, "33.08").token for name in ("satu", "dua"))
    told = begin(browser_of(), first)
    assert begin(browser_of(), first)["totp"] == told["totp"] != begin(browser_of(), second)["totp"]


def test_the_authenticators_secret_lies_boxed(office: Office, newcomer: Member) -> None:
    assert newcomer.totp_secret not in (account_of(newcomer).totp_box or b"")


def test_an_activation_with_a_wrong_code_keeps_nothing_and_may_be_tried_again(
    office: Office, browser_of: NewBrowser
) -> None:
    account = NewAccount("sri", "Sri", Role.INVESTIGATOR, "33.08")
    member = drawn(accounts.invite(account).token, account)
    for code in (member.wrong_code(), "", "12345", "abc", "١٢٣٤٥٦"):
        answer = browser_of().post("/petugas/aktivasi/selesai", posted(member, totp=code))
        assert answer.status_code == 422 and answer.json and "Kode tidak cocok" in answer.json["error"]
    assert account_of(member).kem is None
    with pytest.raises(WrongCode):
        accounts.activate(activation_of(member, code=member.wrong_code()))
    accounts.activate(activation_of(member))


def test_the_first_code_is_not_good_for_the_first_login_too(office: Office, browser_of: NewBrowser) -> None:
    account = NewAccount("sri", "Sri", Role.INVESTIGATOR, "33.08")
    member = drawn(accounts.invite(account).token, account)
    accounts.activate(activation_of(member, code=member.code()))
    assert browser_of().post("/petugas/masuk", member.attempt()).status_code == 401


def test_an_activation_that_is_not_whole_is_refused(office: Office, browser_of: NewBrowser) -> None:
    account = NewAccount("sri", "Sri", Role.INVESTIGATOR, "33.08")
    member = drawn(accounts.invite(account).token, account)
    wrongs: list[dict[str, Any]] = [
        {"kem": None}, {"sign": None}, {"seedBox": None}, {"kem": base64_of(bytes(1216))}, {"kem": base64_of(bytes(5))},
        {"seedBox": base64_of(bytes(60))}, {"auth": "x"}, {"token": 5}, {"totp": None}, {"more": 1},
    ]  # fmt: skip
    for wrong in wrongs:
        answer = browser_of().post("/petugas/aktivasi/selesai", posted(member, **wrong))
        assert answer.status_code == 400 and answer.json and answer.json["error"], wrong
    for body in ([], "x", 5):
        assert browser_of().post("/petugas/aktivasi/selesai", body).status_code == 400
    assert account_of(member).status == "invited"


def test_roles_without_keys_activate_without_and_bring_none(office: Office, browser_of: NewBrowser) -> None:
    account = NewAccount("awas", "Awas", Role.OVERSEER, None)
    member = drawn(accounts.invite(account).token, account)
    keys = {"kem": member.identity.recipient.raw, "sign": member.sign.public, "seed_box": bytes(61)}
    with pytest.raises(WrongKeys):
        accounts.activate(activation_of(member, **keys))
    accounts.activate(activation_of(member))
    browser = browser_of()
    opened = browser.log_in(member)
    assert opened["seedBox"] is None and len(base64.b64decode(opened["sessionKey"])) == 32
    assert browser.visit("/petugas/saya").status_code == 200


# Logging in


def test_the_salt_is_handed_out_for_any_name(room: Flask, office: Office, browser_of: NewBrowser) -> None:
    office.activated("ada", Role.OVERSEER, None)
    names = ["ada", " ADA ", "tidak.ada", "tidak.ada", "", "a\x00b", "\ud800", "é" * 50]
    salts = [browser_of().post("/petugas/masuk/garam", {"name": name}).json["salt"] for name in names]
    assert salts[0] == salts[1] and salts[2] == salts[3] and len(set(salts[:3])) == 2
    assert {len(base64.b64decode(salt)) for salt in salts} == {16}
    for body in ({"name": 5}, {"name": "x" * 201}, {}, [], {"name": "x", "more": 1}):
        assert browser_of().post("/petugas/masuk/garam", body).status_code == 400


def test_the_seed_is_handed_out_only_for_the_right_password_and_the_right_code(
    newcomer: Member, browser_of: NewBrowser, watch: Watch
) -> None:
    code = newcomer.wrong_code()
    for wrong in ({"auth": WRONG}, {"totp": code}, {"auth": WRONG, "totp": code}, {"name": "lain"}):
        answer = browser_of().post("/petugas/masuk", newcomer.attempt(**wrong))
        assert answer.status_code == 401 and list(answer.json or {}) == ["error"], wrong
        watch.move(seconds=30)
    assert browser_of().log_in(newcomer)["seedBox"]


def test_whatever_is_wrong_is_said_in_the_same_sentence(
    newcomer: Member, office: Office, browser_of: NewBrowser, watch: Watch
) -> None:
    office.invite("undangan", Role.REVIEWER, "33.08")
    answers = set()
    code = newcomer.wrong_code()
    for wrong in ({"auth": WRONG}, {"totp": code}, {"name": "lain"}, {"name": "undangan"}, {"name": "\x00\ud800"}):
        answer = browser_of().post("/petugas/masuk", newcomer.attempt(**wrong))
        answers.add((answer.status_code, answer.json["error"]))
        watch.move(seconds=30)
    assert len(answers) == 1


def test_a_code_logs_in_once(newcomer: Member, browser_of: NewBrowser, watch: Watch) -> None:
    attempt = newcomer.attempt()
    assert browser_of().post("/petugas/masuk", attempt).status_code == 200
    assert browser_of().post("/petugas/masuk", attempt).status_code == 401
    watch.move(seconds=30)
    # The code of a step that is past cannot be used after a later one either.
    assert browser_of().post("/petugas/masuk", newcomer.attempt()).status_code == 200
    watch.move(seconds=1)
    assert browser_of().post("/petugas/masuk", attempt).status_code == 401


def test_of_many_logins_with_one_code_at_once_one_succeeds(room: Flask, newcomer: Member) -> None:
    attempt = newcomer.attempt()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: Browser(room).post("/petugas/masuk", attempt).status_code, range(8))
    statuses = list(answers)
    assert statuses.count(200) == 1 and set(statuses) <= {200, 401, 429}


def test_a_code_is_read_in_groups(newcomer: Member, browser_of: NewBrowser) -> None:
    code = newcomer.code()
    grouped = newcomer.attempt(totp=f" {code[:3]} {code[3:]} ")
    assert browser_of().post("/petugas/masuk", grouped).status_code == 200


def test_a_wrong_password_does_not_use_the_code_up(newcomer: Member, browser_of: NewBrowser, watch: Watch) -> None:
    code = newcomer.code()
    assert browser_of().post("/petugas/masuk", newcomer.attempt(auth=WRONG)).status_code == 401
    watch.move(seconds=1)
    assert browser_of().post("/petugas/masuk", newcomer.attempt(totp=code)).status_code == 200


def test_the_server_keeps_nothing_that_logs_in(newcomer: Member) -> None:
    row = account_of(newcomer)
    assert row.auth_hash and newcomer.auth not in row.auth_hash and newcomer.seed not in (row.seed_box or b"")


def test_posts_that_are_no_login_are_refused(newcomer: Member, browser_of: NewBrowser) -> None:
    wrongs: list[Any] = [
        [], {}, newcomer.attempt(auth="kata sandi"), newcomer.attempt(auth=None), newcomer.attempt(totp=123456),
        newcomer.attempt(more=1), newcomer.attempt(name=["x"]), newcomer.attempt(totp="1" * 201),
    ]  # fmt: skip
    for wrong in wrongs:
        assert browser_of().post("/petugas/masuk", wrong).status_code == 400
    assert browser_of().submit("/petugas/masuk", name="x", password="y").status_code == 400


def test_a_login_from_another_site_is_refused(newcomer: Member, browser_of: NewBrowser) -> None:
    answer = browser_of().ask(
        "POST", "/petugas/masuk", json=newcomer.attempt(), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


# Vouching


def vouch_by(lead: Member, member: Member, office: Office, **other: Any) -> None:
    """Post a lead's statement on a member."""
    vouching.vouch(lead.id, Vouching(office.statement_on(member, lead, **other)))


def test_a_lead_vouches_for_his_desks_people_and_only_then_do_they_count(
    office: Office, lead: Member, newcomer: Member, browser_of: NewBrowser
) -> None:
    theirs, mine = browser_of(), browser_of()
    theirs.log_in(newcomer)
    assert theirs.fetch("/petugas/direktori").status_code == 403
    mine.log_in(lead)
    page = mine.visit("/petugas/orang")
    assert f'data-compare="{newcomer.id}"' in page.text and base64_of(newcomer.identity.recipient.raw) in page.text
    body = office.statement_on(newcomer, lead)
    assert mine.post("/petugas/orang/sahkan", {"body": body, "copies": []}).status_code == 201
    assert f'data-compare="{newcomer.id}"' not in mine.visit("/petugas/orang").text
    told = theirs.fetch("/petugas/direktori").json
    assert told["root"] == office.root.public.hex() and body in told["statements"]
    raw = base64.b64decode(told["kems"][newcomer.identity.recipient.digest])
    assert raw == newcomer.identity.recipient.raw
    assert directory_now().officer(newcomer.id).role == "investigator"


def test_a_lead_sees_his_own_people_and_the_leads_below_and_nobody_else(
    office: Office, lead: Member, newcomer: Member
) -> None:
    office.activated("kepala.74", Role.LEAD, "33.74")
    office.activated("orang.74", Role.REVIEWER, "33.74")
    office.activated("awas", Role.OVERSEER, None)
    assert [(each.officer.name, each.may_vouch) for each in vouching.people("33.08")] == [
        ("baru", True), ("kepala.08", False),
    ]  # fmt: skip
    assert [(each.officer.name, each.may_vouch) for each in vouching.people("33")] == [
        ("kepala.74", True), ("kepala", False), ("kepala.08", False),
    ]  # fmt: skip


def test_a_statement_by_anybody_but_the_right_lead_is_refused(
    office: Office, lead: Member, newcomer: Member
) -> None:
    clerk = office.vouched("peninjau", Role.REVIEWER, "33.08", lead)
    other = office.vouched("kepala.luar", Role.LEAD, "luar")
    for issuer in (clerk, other, newcomer):
        with pytest.raises(StatementRefused):
            vouch_by(issuer, newcomer, office)
    assert account_of(newcomer).status == "activated"


def test_a_lead_vouches_for_no_other_lead_of_his_own_desk(office: Office, lead: Member) -> None:
    second = office.activated("kepala.08.kedua", Role.LEAD, "33.08")
    with pytest.raises(StatementRefused):
        vouch_by(lead, second, office)


def test_a_statement_in_another_leads_name_is_refused(office: Office, lead: Member, newcomer: Member) -> None:
    with pytest.raises(StatementRefused):
        vouching.vouch(newcomer.id, Vouching(office.statement_on(newcomer, lead)))
    # The whole signature: its last characters alone are zeros once in 256 signatures.
    forged = office.statement_on(newcomer, lead)[:-129] + "0" * 128 + "\n"
    with pytest.raises(StatementRefused):
        vouching.vouch(lead.id, Vouching(forged))


def test_a_statement_that_does_not_name_the_accounts_keys_desk_and_role_is_refused(
    office: Office, lead: Member, newcomer: Member
) -> None:
    others: list[dict[str, Any]] = [
        {"kem": lead.identity.recipient.digest}, {"sign": lead.sign.public.hex()}, {"remit": "reviewer"},
        {"desk": "33.74"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(KeysChanged):
            vouch_by(lead, newcomer, office, **other)
    for other in ({"status": "revoked"}, {"version": 2}):
        with pytest.raises((StatementRefused, VersionTaken)):
            vouch_by(lead, newcomer, office, **other)
    assert db.session.scalar(select(Statement).where(Statement.subject == newcomer.id)) is None


def test_a_key_that_the_administrator_swapped_is_not_vouched_for_by_a_statement_on_the_right_one(
    office: Office, lead: Member, newcomer: Member
) -> None:
    identity, sign = officer_keys(b"\7" * 32)
    set_account(newcomer, kem=identity.recipient.raw, sign=sign.public)
    with pytest.raises(KeysChanged):
        vouch_by(lead, newcomer, office)


def test_a_key_swapped_after_vouching_counts_for_nothing(
    office: Office, lead: Member, newcomer: Member, browser_of: NewBrowser
) -> None:
    vouch_by(lead, newcomer, office)
    identity, sign = officer_keys(b"\7" * 32)
    set_account(newcomer, kem=identity.recipient.raw, sign=sign.public)
    browser = browser_of()
    browser.log_in(newcomer)
    assert browser.fetch("/petugas/direktori").status_code == 403
    assert directory_now().officer(newcomer.id).sign == newcomer.sign.public


def test_nobody_is_vouched_for_twice_or_before_he_has_keys(office: Office, lead: Member, newcomer: Member) -> None:
    account = NewAccount("sri", "Sri", Role.INVESTIGATOR, "33.08")
    invited = drawn(accounts.invite(account).token, account)
    with pytest.raises(KeysChanged):
        vouch_by(lead, invited, office)
    vouch_by(lead, newcomer, office)
    with pytest.raises(KeysChanged):
        vouch_by(lead, newcomer, office, version=2)
    assert office.statement_on(newcomer, lead).count("\n") == 13


def test_nobody_but_a_lead_sees_people_or_posts_statements(
    office: Office, lead: Member, browser_of: NewBrowser
) -> None:
    browser = browser_of()
    browser.log_in(office.vouched("peninjau", Role.REVIEWER, "33.08", lead))
    for address in ("/petugas/orang", "/petugas/orang/kunci-meja"):
        assert browser.fetch(address).status_code == 403
    for address in ("/petugas/orang/sahkan", "/petugas/orang/kunci-meja"):
        # A lead would be told that this is no statement.
        assert browser.post(address, {}).status_code == 403


def test_what_a_lead_posts_is_read_strictly(office: Office, lead: Member, browser_of: NewBrowser) -> None:
    browser = browser_of()
    browser.log_in(lead)
    copy = {"desk": "33.08", "epoch": 1, "recipient": "recovery", "sealed": base64_of(bytes(1169))}
    for wrong in ({}, [], {"body": "x"}, {"body": "é", "copies": []}, {"body": "x", "copies": [5]}):
        assert browser.post("/petugas/orang/sahkan", wrong).status_code == 400
    for wrong in (copy | {"epoch": True}, copy | {"epoch": 0}, copy | {"sealed": "AA=="}, copy | {"desk": ""}):
        assert browser.post("/petugas/orang/sahkan", {"body": "x", "copies": [wrong]}).status_code == 400
    assert browser.post("/petugas/orang/sahkan", {"body": "x", "copies": []}).status_code == 403
    assert browser.post("/petugas/orang/kunci-meja", {"body": "x", "kem": "", "copies": []}).status_code == 400


# Desk keys


def test_a_desks_first_lead_makes_its_key(office: Office, lead: Member, browser_of: NewBrowser) -> None:
    browser = browser_of()
    browser.log_in(lead)
    assert 'id="make-desk-key"' in browser.visit("/petugas/orang").text
    made, key = office.desk_key(lead)
    copies = [
        {"desk": c.desk, "epoch": c.epoch, "recipient": c.recipient, "sealed": base64_of(c.sealed)} for c in made.copies
    ]
    body = {"body": made.body, "kem": base64_of(made.kem), "copies": copies}
    assert browser.post("/petugas/orang/kunci-meja", body).status_code == 201
    assert directory_now().desk_key("33.08") == (1, key.recipient.digest)
    assert 'id="make-desk-key"' not in browser.visit("/petugas/orang").text
    mine = browser.fetch("/petugas/orang/kunci-meja").json["copies"]
    assert mine == [copy for copy in copies if copy["recipient"] == f"officer:{lead.id}"]


def test_a_desks_key_is_sealed_to_all_who_must_open_it_and_to_nobody_else(office: Office, lead: Member) -> None:
    made, _ = office.desk_key(lead)
    stranger = desk_copy("33.08", f"officer:{'0' * 32}", bytes(32), lead.identity.recipient)
    for copies in (made.copies[1:], [*made.copies, stranger], [*made.copies, made.copies[0]], []):
        with pytest.raises(WrongCopies):
            vouching.found_desk_key(lead.id, replace(made, copies=copies))
    moved = [replace(copy, epoch=2) for copy in made.copies]
    with pytest.raises(WrongCopies):
        vouching.found_desk_key(lead.id, replace(made, copies=moved))
    vouching.found_desk_key(lead.id, made)


def test_a_desks_key_is_sealed_to_the_desk_above_where_that_has_one(office: Office) -> None:
    top = office.vouched("kepala", Role.LEAD, "33")
    made, key = office.desk_key(top)
    vouching.found_desk_key(top.id, made)
    below = office.vouched("kepala.08", Role.LEAD, "33.08", top)
    second, _ = office.desk_key(below, **{"33": key.recipient})
    assert {copy.recipient for copy in second.copies} == {f"officer:{below.id}", "desk:33:1", "recovery"}
    vouching.found_desk_key(below.id, second)
    look_again()
    assert [copy.desk for copy in vouching.desk_key_copies(top.id, "33")] == ["33", "33.08"]
    assert [copy.desk for copy in vouching.desk_key_copies(below.id, "33.08")] == ["33.08"]


def test_a_desks_key_that_is_not_the_one_signed_for_is_refused(office: Office, lead: Member) -> None:
    made, _ = office.desk_key(lead)
    for kem in (Identity.from_seed(b"\7" * 32).recipient.raw, bytes(1216)):
        with pytest.raises(StatementRefused):
            vouching.found_desk_key(lead.id, replace(made, kem=kem))


def test_only_a_lead_of_the_desk_makes_its_key(office: Office, lead: Member, newcomer: Member) -> None:
    made, _ = office.desk_key(lead)
    top = office.vouched("kepala.luar", Role.LEAD, "luar")
    with pytest.raises(StatementRefused):
        vouching.found_desk_key(top.id, made)
    assert db.session.scalar(select(SealedKey)) is None


def test_a_new_lead_is_handed_the_desks_key_and_nobody_else_is(
    office: Office, above: Member, lead: Member, newcomer: Member
) -> None:
    made, _ = office.desk_key(lead)
    vouching.found_desk_key(lead.id, made)
    second = office.activated("kepala.08.kedua", Role.LEAD, "33.08")
    body = office.statement_on(second, above)
    copy = desk_copy("33.08", f"officer:{second.id}", bytes(32), second.identity.recipient)
    for copies in ([], [copy, copy], [replace(copy, recipient="recovery")], [replace(copy, desk="33")]):
        with pytest.raises(WrongCopies):
            vouching.vouch(above.id, Vouching(body, copies))
    vouching.vouch(above.id, Vouching(body, [copy]))
    look_again()
    assert [found.recipient for found in vouching.desk_key_copies(second.id, "33.08")] == [f"officer:{second.id}"]
    given = desk_copy("33.08", f"officer:{newcomer.id}", bytes(32), newcomer.identity.recipient)
    with pytest.raises(WrongCopies):
        vouching.vouch(lead.id, Vouching(office.statement_on(newcomer, lead), [given]))


@pytest.mark.parametrize("now", [{"status": "revoked"}, {"sign": officer_keys(bytes(32))[1].public.hex()}])
def test_whom_a_lead_vouched_for_another_vouches_for_anew_once_that_lead_counts_no_more_or_has_other_keys(
    office: Office, above: Member, lead: Member, newcomer: Member, browser_of: NewBrowser, now: dict[str, str]
) -> None:
    heir = office.vouched("penerus.08", Role.LEAD, "33.08", above)
    vouch_by(lead, newcomer, office)
    with pytest.raises(KeysChanged):
        vouch_by(heir, newcomer, office, version=2)
    with transaction() as session:
        add_statement(session, office.root.public, office.statement_on(lead, above, version=2, **now))
    look_again()
    browser = browser_of()
    browser.log_in(heir)
    page = browser.visit("/petugas/orang").text
    assert f'data-compare="{newcomer.id}"' in page and "Menunggu pencocokan" in page
    vouch_by(heir, newcomer, office, version=2)
    assert directory_now().officer(newcomer.id).role == "investigator"
    assert f'data-compare="{newcomer.id}"' not in browser.visit("/petugas/orang").text
    with pytest.raises(KeysChanged):
        vouch_by(heir, newcomer, office, version=3)


def test_a_lead_who_is_vouched_for_anew_keeps_the_desks_keys_he_has(
    office: Office, above: Member, lead: Member
) -> None:
    made, _ = office.desk_key(lead)
    vouching.found_desk_key(lead.id, made)
    before = {copy.recipient: copy.sealed for copy in made.copies}
    other = office.vouched("kepala.kedua", Role.LEAD, "33")
    with transaction() as session:
        add_statement(session, office.root.public, office.statement_on(above, version=2, status="revoked"))
    look_again()
    copy = desk_copy("33.08", f"officer:{lead.id}", bytes(32), lead.identity.recipient)
    vouching.vouch(other.id, Vouching(office.statement_on(lead, other, version=2), [copy]))
    look_again()
    assert {row.recipient: row.sealed for row in db.session.scalars(select(SealedKey))} == before
    assert directory_now().open_desks() == ["33.08"]


def test_keys_that_were_revoked_are_vouched_for_by_nobody_whatever_becomes_of_the_account(
    office: Office, lead: Member, newcomer: Member
) -> None:
    vouch_by(lead, newcomer, office)
    revoking.revoke(lead.id, office.statement_on(newcomer, lead, version=2, status="revoked"))
    keys = {"kem": newcomer.identity.recipient.raw, "sign": newcomer.sign.public}
    set_account(newcomer, status="vouched", **keys)
    assert [person.may_vouch for person in vouching.people("33.08")] == [False, False]
    with pytest.raises(KeysChanged):
        vouch_by(lead, newcomer, office, version=3)


@pytest.mark.parametrize("status", ["activated", "vouched"])
def test_keys_stay_revoked_when_he_who_revoked_them_counts_no_more(
    office: Office, above: Member, lead: Member, newcomer: Member, status: str
) -> None:
    heir = office.vouched("penerus.08", Role.LEAD, "33.08", above)
    vouch_by(lead, newcomer, office)
    revoking.revoke(lead.id, office.statement_on(newcomer, lead, version=2, status="revoked"))
    revoking.revoke(above.id, office.statement_on(lead, above, version=2, status="revoked"))
    set_account(newcomer, status=status, kem=newcomer.identity.recipient.raw, sign=newcomer.sign.public)
    assert [person for person in vouching.people("33.08") if person.awaits or person.may_vouch] == []
    with pytest.raises(KeysChanged):
        vouch_by(heir, newcomer, office, version=3)
    identity, sign = officer_keys(bytes(32))
    set_account(newcomer, status="activated", kem=identity.recipient.raw, sign=sign.public)
    vouch_by(heir, replace(newcomer, identity=identity, sign=sign), office, version=3)
    assert directory_now().officer(newcomer.id).sign == sign.public
