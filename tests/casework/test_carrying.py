"""What custodians send by file: taken in whole, once, only where the root has signed it; and what they are asked."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select, update

from casework import accounts, revoking
from casework.carrying import NotCarried, bring_in, requests_for_desks, requests_for_recovery, requests_for_the_top
from casework.models import Officer, OfficerSession
from casework.terms import Role
from casework.vouching import found_desk_key
from kernel import clock
from kernel.ceremony.carried import Answer, Requests, SealedCopy, read_requests, write_answer
from kernel.ceremony.handing import Decisions, answer, desks_asked_about
from kernel.ceremony.root import Newcomer, Root
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.models import PublicKey, SealedKey, Statement
from kernel.directory.queries import statement_bodies
from kernel.province import Desk
from kernel.vault import Identity, Recipient, SigningKey, fingerprint
from kernel.web import current_province, current_settings
from ledger.promises import promised
from ledger.publishing import log_of
from tests.casework.office import (
    RECOVERY_SEED, ROOT_SEED, Browser, Member, Office, Watch, activation_of, directory_now, drawn, look_again,
    statement,
)  # fmt: skip
from wsgi import create_app

ROOT = Root(SigningKey.from_seed(ROOT_SEED), Identity.from_seed(RECOVERY_SEED))
DESKS = [Desk("33", "Provinsi", "province", None), Desk("33.08", "Magelang", "33.08", "33")]


def told(member: Member) -> Newcomer:
    """Return somebody as the custodians are told of him."""
    kem = member.identity.recipient.raw
    account = member.account
    return Newcomer(member.id, account.full_name, str(account.desk_id), account.role, kem, member.sign.public)


def first() -> Answer:
    """Return what a ceremony writes for a province of two desks."""
    return Answer(ROOT.sign.public, ROOT.first_statements(DESKS, clock.today()), [ROOT.recovery.recipient])


def answered(asked: Requests, *lost: str, kept: bool = True) -> Answer:
    """Do as custodians who vouch for everybody, revoke the ``lost`` and keep whoever followed these."""
    decisions = Decisions(compared=list(asked.newcomers))
    for desk in desks_asked_about(asked):
        for lead in desk.leads:
            if lead.vouched.id in lost:
                decisions.lost.append(lead.vouched)
                decisions.kept += lead.followers if kept else []
    return answer(ROOT, asked, decisions, clock.today())


def refusal(carried: Answer) -> str:
    """Return why a file is not taken in; nothing of it is."""
    before = picture()
    with pytest.raises(NotCarried) as refused:
        bring_in(carried)
    assert picture() == before
    return str(refused.value)


def picture() -> list[Any]:
    """Return all that a file could change."""
    look_again()
    rows = [select(Statement.body), select(PublicKey.digest), select(Officer.id, Officer.status)]
    rows.append(select(SealedKey.object, SealedKey.epoch, SealedKey.recipient, SealedKey.sealed))
    return [sorted(map(tuple, db.session.execute(each))) for each in rows]


def copies_of(recipient: str) -> list[tuple[str, int]]:
    """Return which desks' epochs are sealed to somebody."""
    look_again()
    query = select(SealedKey.object, SealedKey.epoch).where(SealedKey.recipient == recipient)
    return sorted((row.object, row.epoch) for row in db.session.execute(query))


@pytest.fixture
def top(office: Office) -> Member:
    """The lead of the top desk, which has a key."""
    lead = office.vouched("kepala", Role.LEAD, "33")
    found_desk_key(lead.id, office.desk_key(lead)[0])
    look_again()
    return lead


def test_a_ceremonys_first_statements_are_taken_in_once(room: Flask) -> None:
    assert bring_in(first()) == 3
    assert list(directory_now().desks()) == ["33", "33.08"]
    assert db.session.scalars(select(PublicKey.digest)).all() == [ROOT.recovery.recipient.digest]
    before = picture()
    assert bring_in(first()) == 0 and picture() == before


def test_what_another_root_or_nobody_has_signed_is_not_taken_in(room: Flask) -> None:
    stranger = Root.from_secret(bytes(32))
    bodies = stranger.first_statements(DESKS, clock.today())
    assert "another root" in refusal(replace(first(), root=stranger.sign.public))
    assert "The root has not signed this" in refusal(replace(first(), statements=bodies))
    assert "no statement" in refusal(replace(first(), statements=[*first().statements, "type x\n"]))
    assert "lacks the public key" in refusal(replace(first(), kems=[]))
    wrong = Recipient.from_bytes(stranger.recovery.recipient.raw)
    assert "lacks the public key" in refusal(replace(first(), kems=[wrong]))


def test_the_desks_of_another_provinces_ceremony_are_not_taken_in(room: Flask) -> None:
    bodies = ROOT.first_statements([DESKS[0], Desk("rb1", "Pulau Sago", "rb1", "33")], clock.today())
    said = refusal(replace(first(), statements=[*bodies[:2], first().statements[-1]]))
    assert "it has no desk rb1" in said and "Nothing was taken from the file." in said
    bodies = ROOT.first_statements([DESKS[0], replace(DESKS[1], parent=None)], clock.today())
    assert 'its desk 33.08 stands under "33", and was signed under none' in refusal(
        replace(first(), statements=[*bodies[:2], first().statements[-1]])
    )
    assert bring_in(first()) == 3


def test_what_comes_late_is_not_taken_in(office: Office) -> None:
    later = ROOT.first_statements([replace(DESKS[0], remit="33")], clock.today())[0]
    assert "Export them again" in refusal(replace(first(), statements=[later]))


def test_without_a_root_nothing_is_taken_in_and_nothing_asked(room: Flask) -> None:
    room.extensions["kentongan.settings"] = replace(current_settings(), root_key=None)
    assert "root.pub into the private folder" in refusal(first())
    for ask in (requests_for_the_top, lambda: requests_for_recovery("33"), lambda: requests_for_desks(["34"])):
        with pytest.raises(NotCarried, match="no root here yet"):
            ask()


def test_before_the_tree_of_desks_is_known_there_is_nobody_to_ask_for(room: Flask) -> None:
    with pytest.raises(NotCarried, match="Import the ceremony's first statements"):
        requests_for_the_top()


def test_custodians_are_asked_for_leads_above_whom_nobody_is(office: Office, top: Member) -> None:
    waiting = [office.activated(f"kepala{desk}", Role.LEAD, desk) for desk in ("33", "luar")]
    office.activated("bawahan", Role.LEAD, "33.08")
    office.activated("pemeriksa", Role.INVESTIGATOR, "33")
    office.invite("belum", Role.LEAD, "33")
    look_again()
    asked = requests_for_the_top()
    assert list(asked.newcomers) == [told(member) for member in waiting]
    assert list(asked.statements) == statement_bodies() and asked.root == ROOT.sign.public
    assert [(copy.desk, copy.epoch, copy.recipient) for copy in asked.copies] == [("33", 1, "recovery")]
    assert list(asked.colleagues) == [told(top)]


def test_who_led_and_for_whom_he_vouched_are_told_of_too(office: Office, top: Member) -> None:
    below = office.vouched("bawahan", Role.LEAD, "33.08", top)
    office.vouched("cucu", Role.INVESTIGATOR, "33.08", below)
    office.activated("pengganti", Role.LEAD, "33")
    look_again()
    asked = requests_for_recovery("33")
    assert sorted(each.id for each in asked.colleagues) == sorted([top.id, below.id])
    with transaction() as session:
        session.execute(update(Officer).where(Officer.id == below.id).values(kem=None, sign=None, status="invited"))
    look_again()
    assert [each.id for each in requests_for_recovery("33").colleagues] == [top.id]


def test_a_tree_that_has_every_desk_of_the_province_asks_for_none(room: Flask) -> None:
    bring_in(replace(first(), statements=ROOT.first_statements(current_province().desks.values(), clock.today())))
    with pytest.raises(NotCarried, match="stands in the tree already"):
        requests_for_desks(current_province().desks)


def test_nobody_who_waits_and_no_such_desk_are_nothing_to_ask(office: Office) -> None:
    with pytest.raises(NotCarried, match="At 33, luar no lead"):
        requests_for_the_top()
    with pytest.raises(NotCarried, match="There is no desk 34"):
        requests_for_recovery("34")


def test_a_lead_vouched_for_by_file_has_every_key_of_his_desk(office: Office, top: Member) -> None:
    second = office.activated("kedua", Role.LEAD, "33")
    # What was once sealed to keys he no longer has is in nobody's way.
    with transaction() as session:
        stale = {"kind": "desk", "object": "33", "epoch": 1, "recipient": f"officer:{second.id}"}
        session.add(SealedKey(**stale, sealed=bytes(1169)))
        session.add(SealedKey(**(stale | {"kind": "thread", "object": "a" * 32}), sealed=b""))
    look_again()
    assert bring_in(answered(requests_for_the_top())) == 1
    assert directory_now().officer(second.id).role == "lead"
    assert copies_of(f"officer:{top.id}") == [("33", 1)]
    # A thread's copy, which waits for somebody to seal it anew, goes on waiting.
    assert copies_of(f"officer:{second.id}") == [("33", 1), ("a" * 32, 1)]
    assert db.session.get_one(SealedKey, ("desk", "33", 1, f"officer:{second.id}")).sealed != bytes(1169)
    assert db.session.get_one(Officer, second.id).status == "vouched"


def test_an_account_that_has_changed_since_is_not_vouched_for(office: Office) -> None:
    lead = office.activated("kepala", Role.LEAD, "33")
    look_again()
    carried = answered(requests_for_the_top())
    for status in ("left", "activated"):
        with transaction() as session:
            session.execute(update(Officer).values(status=status))
        if status == "left":
            assert "other keys or another post" in refusal(carried)
    again = accounts.invite_again(lead.id)
    assert "other keys or another post" in refusal(carried)
    # With keys that nobody has compared he waits as before: what was signed for the old ones is not for these.
    accounts.activate(activation_of(drawn(again.token, lead.account)))
    assert "other keys or another post" in refusal(carried)
    with transaction() as session:
        session.execute(delete(Officer))
    assert "no such account" in refusal(carried)


def test_a_lead_is_not_vouched_for_without_the_key_of_his_desk(office: Office, top: Member) -> None:
    office.activated("kedua", Role.LEAD, "33")
    look_again()
    carried = answered(requests_for_the_top())
    [copy] = carried.copies
    assert "does not hand it over" in refusal(replace(carried, copies=[]))
    assert "does not hand it over" in refusal(replace(carried, copies=[replace(copy, desk="33.08")]))
    assert "not whole" in refusal(replace(carried, copies=[replace(copy, sealed=copy.sealed[:-1])]))
    stray = SealedCopy("33.74", 1, copy.recipient, copy.sealed)
    assert bring_in(replace(carried, copies=[copy, stray])) == 1
    assert copies_of(copy.recipient) == [("33", 1)]


def test_files_bring_no_officers_words_and_no_keys_of_desks(office: Office, top: Member) -> None:
    member = office.activated("bawahan", Role.LEAD, "33.08")
    by_lead = office.statement_on(member, top)
    by_root = statement("epoch", "33.08", kem="0" * 64)
    for body in (by_lead, statements.sign(by_root, ROOT.sign)):
        assert "only what the custodians say" in refusal(replace(first(), statements=[body]))


def test_a_lost_lead_loses_his_login_and_his_copies_and_those_he_vouched_for_go_on(
    office: Office, top: Member, browser_of: Callable[[], Browser], watch: Watch
) -> None:
    below = office.vouched("bawahan", Role.LEAD, "33.08", top)
    heir = office.activated("pengganti", Role.LEAD, "33")
    watch.move(seconds=60)
    browser = browser_of()
    browser.log_in(top)
    assert browser.visit("/petugas/").status_code == 200
    look_again()
    assert bring_in(answered(requests_for_recovery("33"), top.id)) == 3
    assert copies_of(f"officer:{top.id}") == [] and copies_of(f"officer:{heir.id}") == [("33", 1)]
    assert browser.visit("/petugas/").status_code != 200
    watch.move(seconds=60)
    assert browser_of().post("/petugas/masuk", top.attempt()).status_code == 401
    assert not db.session.scalars(select(OfficerSession).where(OfficerSession.officer_id == top.id)).all()
    judged = directory_now()
    assert [officer.id for officer in judged.officers("33")] == [heir.id]
    assert judged.officer(below.id).role == "lead" and copies_of(f"officer:{below.id}") == []
    assert db.session.get_one(Officer, below.id).status == "vouched"


def test_a_lead_of_the_top_desk_who_has_left_is_revoked_while_another_leads_on(office: Office, top: Member) -> None:
    with pytest.raises(NotCarried, match="At luar no lead"):
        requests_for_recovery("luar")
    office.activated("kedua", Role.LEAD, "33")
    look_again()
    bring_in(answered(requests_for_the_top()))
    look_again()
    asked = requests_for_recovery("33")
    assert asked.newcomers == [] and bring_in(answered(asked, top.id)) == 1
    assert copies_of(f"officer:{top.id}") == [] and [each.role for each in directory_now().officers("33")] == ["lead"]


def test_who_is_not_kept_counts_no_longer_when_his_lead_is_revoked(office: Office, top: Member) -> None:
    below = office.vouched("bawahan", Role.LEAD, "33.08", top)
    office.activated("pengganti", Role.LEAD, "33")
    look_again()
    assert bring_in(answered(requests_for_recovery("33"), top.id, kept=False)) == 2
    assert directory_now().reason("officer", below.id) == "issuer"


def test_who_is_kept_keeps_his_own_copies(office: Office, top: Member) -> None:
    below = office.vouched("bawahan", Role.LEAD, "33.08", top)
    with transaction() as session:
        copy = SealedKey(kind="desk", object="33.08", epoch=1, recipient=f"officer:{below.id}", sealed=bytes(1169))
        session.add(copy)
    office.activated("pengganti", Role.LEAD, "33")
    look_again()
    bring_in(answered(requests_for_recovery("33"), top.id))
    assert copies_of(f"officer:{below.id}") == [("33.08", 1)]


def run(room: Flask, *arguments: object) -> Result:
    """Run a command on the server."""
    result = room.test_cli_runner().invoke(args=list(map(str, arguments)))
    look_again()
    return result


def test_the_commands_write_new_files_and_say_what_is_wrong(office: Office, room: Flask, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    assert "no lead has activated" in run(room, "statements", "export-requests", file).output
    assert "There is no desk 34" in run(room, "statements", "export-recovery", "34", file).output
    assert not file.exists()
    assert "asks for: new desks" in run(room, "statements", "export-desks", file).output
    asked = read_requests(file)
    assert (asked.root, asked.statements, asked.newcomers) == (ROOT.sign.public, statement_bodies(), [])
    look_again()
    file.unlink()
    office.activated("kepala", Role.LEAD, "33")
    done = run(room, "statements", "export-requests", file)
    assert "asks for: Kepala (33)" in done.output and file.stat().st_mode & 0o777 == 0o600
    again = run(room, "statements", "export-recovery", "33", file)
    assert again.exit_code == 1 and "exists already" in again.output
    carried = tmp_path / "answer.json"
    carried.write_text(write_answer(answered(read_requests(file))))
    assert "new: 1" in run(room, "statements", "import", carried).output
    wrong = run(room, "statements", "import", file)
    assert wrong.exit_code == 1 and "is no file of kentongan/v1/answer" in wrong.output
    carried.write_text(write_answer(replace(first(), root=bytes(32))))
    assert "another root" in run(room, "statements", "import", carried).output


def test_a_database_that_was_not_migrated_is_told_apart(tmp_path: Path) -> None:
    # As on the command line, where an old schema is no reason not to start.
    empty = {"KENTONGAN_INSTANCE": str(tmp_path / "instance"), "FLASK_RUN_FROM_CLI": "true"}
    room, file = create_app(empty), tmp_path / "file"
    for command in (
        ["statements", "import", file], ["statements", "export-requests", file],
        ["statements", "export-recovery", "33", file], ["statements", "export-desks", file],
        ["invite-administrator", "eko", "Eko", "--address", "https://lapor.example"],
    ):  # fmt: skip
        result = room.test_cli_runner().invoke(args=list(map(str, command)))
        assert result.exit_code == 1 and "Run `make migrate`" in result.output
    with room.app_context():
        db.engine.dispose()


def test_the_first_administrator_is_invited_once_and_again_where_that_was_lost(room: Flask, watch: Watch) -> None:
    invite = ("invite-administrator", "eko", "Eko Budiarto", "--address", "https://lapor.example/")
    printed = run(room, *invite).output
    token = printed.split("https://lapor.example/petugas/aktivasi#")[1].strip()
    officer, _secret = accounts.begin_activation(bytes.fromhex(token))
    assert (officer.name, officer.full_name, officer.role, officer.desk_id) == (
        "eko", "Eko Budiarto", "administrator", None,
    )  # fmt: skip
    again = run(room, *invite).output.split("#")[1].strip()
    with pytest.raises(accounts.InvitationOver):
        accounts.begin_activation(bytes.fromhex(token))
    assert accounts.begin_activation(bytes.fromhex(again))[0].name == "eko"
    with transaction() as session:
        session.execute(update(Officer).values(status="left"))
    gone = run(room, *invite)
    assert gone.exit_code == 1 and gone.output.startswith("Error: Akun ini tidak ada")


def test_no_other_account_is_made_an_administrators(office: Office, room: Flask) -> None:
    office.activated("kepala", Role.LEAD, "33")
    address = ("--address", "https://lapor.example")
    for name, full_name in (("kepala", "Kepala"), ("Eko Budi", "Eko"), ("eko", "Eko\u202e"), ("eko", " ")):
        assert run(room, "invite-administrator", name, full_name, *address).exit_code == 1
    assert run(room, "invite-administrator", "eko", "Eko").exit_code == 2
    assert db.session.execute(select(Officer.name, Officer.role, Officer.status)).all() == [
        ("kepala", "lead", "activated")
    ]


def test_the_servers_keys_are_named_by_file_and_from_then_on_it_promises(room: Flask, tmp_path: Path) -> None:
    bring_in(first())
    file, carried = tmp_path / "file.json", tmp_path / "answer.json"
    done = run(room, "statements", "export-keys", file)
    asked = read_requests(file)
    assert "asks for: this server's keys" in done.output
    assert all(fingerprint(b"", key) in done.output for key in asked.keys.values())
    before = promised(bytes(64), clock.today(), directory_now(), current_settings().secret)
    assert before is None
    carried.write_text(write_answer(answer(ROOT, asked, Decisions(named=["log", "promise"]), clock.today())))
    assert "new: 2" in run(room, "statements", "import", carried).output
    assert directory_now().log_key == log_of(current_settings()).verifier.public
    assert promised(bytes(64), clock.today(), directory_now(), current_settings().secret)
    file.unlink()
    assert "named both keys already" in run(room, "statements", "export-keys", file).output and not file.exists()


@pytest.mark.parametrize("kind", ["log", "promise"])
def test_a_key_that_this_server_has_not_is_not_taken_in_as_its_own(room: Flask, kind: str) -> None:
    bring_in(first())
    other = ROOT.name_key(kind, bytes([5]) * 32, 1, clock.today())
    assert "another key than this server has" in refusal(replace(first(), statements=[other], kems=[]))


@pytest.mark.parametrize("closed", [False, True])
def test_a_top_lead_whose_keys_leaked_is_named_to_the_custodians_who_alone_revoke_them(
    office: Office, top: Member, closed: bool
) -> None:
    accounts.give_up(top.id)
    if closed:
        accounts.leave(top.id, "")
    look_again()
    asked = requests_for_recovery("33")
    assert list(asked.colleagues) == [told(top)]
    [desk] = desks_asked_about(asked)
    assert [lead.full_name for lead in desk.leads] == [top.account.full_name]
    assert bring_in(answered(asked, top.id)) == 1
    assert directory_now().reason("officer", top.id) == "revoked"


def test_keys_that_a_lead_revoked_do_not_come_back_by_the_custodians_word(office: Office, top: Member) -> None:
    below = office.vouched("bawahan", Role.LEAD, "33.08", top)
    revoking.revoke(top.id, office.statement_on(below, top, version=2, status="revoked"))
    kept = {"identity": below.identity, "sign": below.sign, "seed": below.seed}
    accounts.activate(activation_of(replace(drawn(accounts.invite_again(below.id).token, below.account), **kept)))
    look_again()
    with pytest.raises(NotCarried, match="no lead has activated"):
        requests_for_recovery("33.08")
    assert "were revoked before" in refusal(replace(first(), statements=[office.statement_on(below, version=3)]))
    look_again()
    accounts.activate(activation_of(drawn(accounts.invite_again(below.id).token, below.account)))
    look_again()
    assert bring_in(answered(requests_for_recovery("33.08"))) == 1
    assert directory_now().officer(below.id).sign != below.sign.public
