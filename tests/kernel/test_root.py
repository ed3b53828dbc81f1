"""The root's two keys come from one secret by the labels of formats §8, and its secret does not outstay its use."""

from datetime import date

import pytest

from kernel.ceremony.root import Newcomer, Root, drawn_secret, wiped
from kernel.directory.directory import Directory
from kernel.province import Desk
from kernel.vault import Identity, SigningKey, derive, fingerprint, officer_keys

SECRET = bytes(range(32))
ROOT = Root.from_secret(SECRET)
DAY = date(2026, 11, 25)
DESKS = [Desk("33", "Inspektorat", "province", None), Desk("33.08", "Magelang", "33.08", "33")]


def newcomer(seed: bytes = bytes(32)) -> Newcomer:
    """Return a lead for the top desk."""
    kem, sign = officer_keys(seed)
    return Newcomer("a" * 32, "Retno", "33", "lead", kem.recipient.raw, sign.public)


def test_both_keys_come_from_the_secret_and_nothing_else() -> None:
    assert ROOT.sign.public == SigningKey.from_seed(derive(SECRET, "kentongan/v1/root/sign")).public
    recovery = Identity.from_seed(derive(SECRET, "kentongan/v1/root/recovery"))
    assert ROOT.recovery.recipient == recovery.recipient
    again = Root.from_secret(bytearray(SECRET))
    assert (again.sign.public, again.recovery.recipient) == (ROOT.sign.public, ROOT.recovery.recipient)


def test_it_shows_no_secret_of_its_own() -> None:
    assert "sign=" not in repr(ROOT) and "_key" not in repr(ROOT)


def test_first_it_names_the_desks_and_the_recovery_key() -> None:
    judged = Directory(ROOT.sign.public, ROOT.first_statements(DESKS, DAY))
    assert list(judged.desks()) == ["33", "33.08"] and judged.children("33") == ["33.08"]
    assert judged.recovery_digest == ROOT.recovery.recipient.digest


def test_it_vouches_for_an_officer_and_takes_it_back() -> None:
    somebody = newcomer()
    assert somebody.words == fingerprint(somebody.kem, somebody.sign)
    first = ROOT.first_statements(DESKS, DAY)
    vouched = ROOT.vouch(somebody, 1, DAY)
    [lead] = Directory(ROOT.sign.public, [*first, vouched]).officers("33")
    assert (lead.role, lead.sign) == ("lead", somebody.sign)
    revoked = ROOT.revoke(lead, 2, DAY)
    assert Directory(ROOT.sign.public, [*first, vouched, revoked]).reason("officer", lead.id) == "revoked"


def test_a_secret_is_overwritten_when_its_use_ends_however_it_ends() -> None:
    with wiped(SECRET) as lent:
        assert lent == SECRET
    assert lent == bytes(32)
    with pytest.raises(ZeroDivisionError), wiped(drawn_secret()) as again:
        assert len(again) == 32 and any(again)
        raise ZeroDivisionError
    assert again == bytes(32)
