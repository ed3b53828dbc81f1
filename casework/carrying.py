"""What goes to the custodians by file and comes back from them: requests out, the root's statements in (formats §8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework import accounts, logins
from casework.lost_keys import keep_copies
from casework.models import Officer
from casework.terms import Role
from casework.vouching import awaits_a_lead, current_root_key, is_about
from complaints.envelopes import SEALED_KEY_BYTES
from kernel import clock
from kernel.ceremony.carried import SERVERS_KEYS, Answer, Requests, SealedCopy
from kernel.ceremony.root import RECOVERY, Newcomer
from kernel.database import db, transaction
from kernel.directory.agreement import disagreements, sentence_of
from kernel.directory.directory import Directory, NotVouched, VouchedOfficer
from kernel.directory.models import SealedKey
from kernel.directory.queries import current_directory, directory_in, kem_of, statement_bodies
from kernel.directory.services import StatementRefused, VersionTaken, add_statement, keep_public_key
from kernel.directory.statements import ACTIVE, ROOT, Statement, parse
from kernel.vault import Malformed
from kernel.web import current_province
from ledger.publishing import servers_keys


class NotCarried(Exception):
    """Nothing was taken from a file, or nothing can be asked by one; the message says why."""


def requests_for_the_top() -> Requests:
    """Ask the custodians for those for whom only they can vouch: leads of the desks above which there is none."""
    _check_rooted()
    top = [desk.id for desk in current_directory().desks().values() if desk.parent is None]
    if not top:
        raise NotCarried("Import the ceremony's first statements before: no desk is known here yet.")
    requests = _told_of(top)
    if not requests.newcomers:
        raise NotCarried(_nobody_waits(top))
    return requests


def requests_for_recovery(desk: str) -> Requests:
    """Ask the custodians to give ``desk`` to whoever waits to lead it, and which of its leads shall count no longer."""
    _check_rooted()
    if desk not in current_directory().desks():
        raise NotCarried(f"There is no desk {desk}.")
    requests = _told_of([desk])
    if not requests.newcomers and not requests.colleagues:
        raise NotCarried(_nobody_waits([desk]))
    return requests


def requests_for_desks(wanted: Iterable[str]) -> Requests:
    """Ask the custodians to name those of the province's desks that the tree lacks."""
    _check_rooted()
    if set(wanted) <= set(current_directory().desks()):
        raise NotCarried("Every desk of the province's data file stands in the tree already.")
    return Requests(current_root_key(), clock.current_zone(), statement_bodies(), keys=servers_keys())


def requests_for_keys() -> Requests:
    """Ask the custodians to name the keys by which this server's log signs, and by which a place in it is promised."""
    _check_rooted()
    directory, keys = current_directory(), servers_keys()
    if all(directory.named_key(kind) == key for kind, key in keys.items()):
        raise NotCarried("The root has named both keys already.")
    return Requests(current_root_key(), clock.current_zone(), statement_bodies(), keys=keys)


def bring_in(answer: Answer) -> int:
    """Take in what the custodians have signed, all of it or nothing; return how many statements were new.

    Brought in again it changes nothing. Raises ``NotCarried``.
    """
    _check_rooted()
    if answer.root != current_root_key():
        raise NotCarried("The file is of another root than this installation's root.pub.")
    with transaction() as session:
        kept = set(statement_bodies(session))
        fresh = [body for body in answer.statements if body not in kept]
        for body in fresh:
            _take_in(session, answer, body)
        _check_province(session)
        return len(fresh)


def _check_province(session: Session) -> None:
    """What is signed cannot be taken back: with another province's desks the server would never start again."""
    found = disagreements(current_province(), directory_in(session))
    if found:
        raise NotCarried(f"{sentence_of(found)} Nothing was taken from the file.")


def _check_rooted() -> None:
    if not current_root_key():
        raise NotCarried("There is no root here yet. Put the ceremony's root.pub into the private folder first.")


def _nobody_waits(desks: Sequence[str]) -> str:
    return f"At {', '.join(desks)} no lead has activated his account and waits to be vouched for."


def _told_of(desks: Sequence[str]) -> Requests:
    waiting = Officer.desk_id.in_(desks) & (Officer.role == Role.LEAD) & (Officer.status == "activated")
    leads, directory = db.session.scalars(select(Officer).where(waiting).order_by(Officer.name)), current_directory()
    newcomers = [_told(lead) for lead in leads if awaits_a_lead(directory, lead)]
    sealed = (SealedKey.kind == "desk") & (SealedKey.recipient == RECOVERY) & SealedKey.object.in_(desks)
    rows = db.session.scalars(select(SealedKey).where(sealed).order_by(SealedKey.object, SealedKey.epoch))
    copies = [SealedCopy(row.object, row.epoch, row.recipient, row.sealed) for row in rows]
    return Requests(
        current_root_key(), clock.current_zone(), statement_bodies(), newcomers, copies, _colleagues(desks),
        servers_keys(),
    )  # fmt: skip


def _colleagues(desks: Sequence[str]) -> list[Newcomer]:
    """Return the leads of ``desks``, and those for whom they have vouched."""
    directory = current_directory()
    leads = {lead.id: lead for desk in desks for lead in directory.officers(desk) if lead.role == Role.LEAD}
    said = [parse(body) for body in statement_bodies()]
    issued = {each.subject for each in said if each.kind == "officer" and each.issuer.partition(":")[2] in leads}
    # Whoever has been invited again has no keys now; he is none of theirs until he has been compared anew.
    theirs = Officer.id.in_(issued - leads.keys()) & Officer.kem.is_not(None)
    rows = db.session.scalars(select(Officer).where(Officer.id.in_(leads) | theirs))
    told = (_told_standing(row, leads[row.id]) if row.id in leads else _told(row) for row in rows)
    return sorted(told, key=lambda officer: officer.id)


def _told_standing(row: Officer, lead: VouchedOfficer) -> Newcomer:
    """Tell of the keys that count, whatever the account has: who says that they leaked has none, and they go on."""
    return Newcomer(row.id, row.full_name, lead.desk, lead.role, kem_of(lead.kem_digest).raw, lead.sign)


def _told(row: Officer) -> Newcomer:
    return Newcomer(row.id, row.full_name, str(row.desk_id), row.role, row.kem or b"", row.sign or b"")


def _take_in(session: Session, answer: Answer, body: str) -> None:
    statement = _read(body)
    officer = _officer(session, statement)
    try:
        add_statement(session, answer.root, body)
    except VersionTaken:
        sentence = "Since the requests were exported something else was said of it. Export them again."
        raise _refusal(statement, sentence) from None
    except StatementRefused:
        raise _refusal(statement, "The root has not signed this, or names a desk it does not know.") from None
    if statement.kem and statement.status == ACTIVE:
        _keep_key(session, answer, statement)
    if officer is not None:
        _change(session, answer, statement, officer)


def _read(body: str) -> Statement:
    try:
        statement = parse(body)
    except Malformed:
        raise NotCarried("The file holds something that is no statement.") from None
    if statement.issuer != ROOT or statement.kind == "epoch":
        raise _refusal(statement, "Files bring only what the custodians say: desks, leads, the recovery and log keys.")
    _check_own_key(statement)
    return statement


def _check_own_key(statement: Statement) -> None:
    """Have nobody believe that this server signs by a key that it has not."""
    if statement.kind in SERVERS_KEYS and statement.status == ACTIVE:
        if statement.sign != servers_keys()[statement.kind].hex():
            raise _refusal(statement, "It names another key than this server has by now. Export the requests again.")


def _officer(session: Session, statement: Statement) -> Officer | None:
    """Return whom a statement is about: the account, which must have the keys and the post it names."""
    if statement.kind != "officer":
        return None
    officer = session.scalar(select(Officer).where(Officer.id == statement.subject).with_for_update())
    if officer is None:
        raise _refusal(statement, "There is no such account here.")
    if statement.status == ACTIVE:
        _check_account(session, statement, officer)
    return officer


def _check_account(session: Session, statement: Statement, officer: Officer) -> None:
    if officer.status not in logins.WORKING or not is_about(statement, officer):
        raise _refusal(statement, "The account has other keys or another post by now. Export the requests again.")
    if directory_in(session).was_revoked(officer.id, officer.sign or b""):
        raise _refusal(statement, "These keys were revoked before. Invite him again, for him to make others.")


def _keep_key(session: Session, answer: Answer, statement: Statement) -> None:
    key = next((recipient for recipient in answer.kems if recipient.digest == statement.kem), None)
    if key is None:
        raise _refusal(statement, "The file lacks the public key that this names.")
    keep_public_key(session, key)


def _change(session: Session, answer: Answer, statement: Statement, officer: Officer) -> None:
    """Let a lead begin with the copies that are his, or end and lose all of his; who only goes on keeps what he has."""
    his = f"officer:{officer.id}"
    if statement.status != ACTIVE:
        accounts.close(session, officer)
    elif officer.status == "activated":
        session.execute(delete(SealedKey).where(SealedKey.recipient == his, SealedKey.kind == "desk"))
        _keep_copies(session, statement, [copy for copy in answer.copies if copy.recipient == his])
        officer.status = "vouched"


def _keep_copies(session: Session, statement: Statement, copies: Iterable[SealedCopy]) -> None:
    given = {copy.epoch: copy for copy in copies if copy.desk == statement.desk}
    newest = _newest_epoch(directory_in(session), str(statement.desk))
    if newest and newest not in given:
        raise _refusal(statement, "The desk has a key, and the file does not hand it over. Export the requests again.")
    if any(len(copy.sealed) != SEALED_KEY_BYTES for copy in given.values()):
        raise _refusal(statement, "A key in the file is not whole.")
    rows = [
        {"kind": "desk", "object": c.desk, "epoch": c.epoch, "recipient": c.recipient, "sealed": c.sealed}
        for c in given.values()
    ]
    keep_copies(session, rows)


def _newest_epoch(directory: Directory, desk: str) -> int | None:
    try:
        return directory.desk_key(desk)[0]
    except NotVouched:
        return None


def _refusal(statement: Statement, sentence: str) -> NotCarried:
    return NotCarried(f"{statement.kind} {statement.subject}: {sentence} Nothing was taken from the file.")
