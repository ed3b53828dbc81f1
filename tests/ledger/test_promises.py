"""What is promised binds, and nobody can promise something else in its place: no other key, entry or later day."""

import secrets
from datetime import date, timedelta

import pytest

from kernel.directory.directory import Directory
from kernel.vault import Malformed, SigningKey, bodies
from ledger.promises import (
    MERGED_WITHIN, Promise, is_binding, promise_key, promised, read_promise, write_promise,
)  # fmt: skip
from tests.vectors.directories import PROVINCE, key_of, log_keys

DAY = date(2026, 11, 24)
SECRET, FORMER = secrets.token_bytes(32), secrets.token_bytes(32)
ENTRY = secrets.token_bytes(64)
KEY, FORMER_KEY = promise_key(SECRET), promise_key(FORMER)


def directory(*more: str) -> Directory:
    return Directory(key_of("root").public, [*PROVINCE.values(), *more])


def named(held: SigningKey, version: int = 1, **given: object) -> str:
    """Return the root's statement of a key for promises; ``key`` says who in truth signed it."""
    return log_keys("promise", version, sign=held.public.hex(), **given)


VOUCHED = directory(named(KEY))
# The former key was followed on the 26th.
NEXT = date(2026, 11, 26)
RENEWED = directory(named(FORMER_KEY), named(KEY, 2, issued=NEXT))
ENDED = directory(named(FORMER_KEY), named(FORMER_KEY, 2, status="revoked", issued=NEXT))


def test_what_is_promised_says_which_entry_and_by_when_and_binds() -> None:
    body = promised(ENTRY, DAY, VOUCHED, SECRET)
    assert body is not None and read_promise(body) == Promise(ENTRY, date(2026, 11, 26))
    assert is_binding(body, VOUCHED)
    assert body.startswith("type kentongan/v1/promise\nentry ") and body.count("\n") == 4


def test_the_same_is_promised_alike_whenever_it_is_asked_for() -> None:
    assert promised(ENTRY, DAY, VOUCHED, SECRET) == promised(ENTRY, DAY, VOUCHED, SECRET)


@pytest.mark.parametrize("known", [directory(), RENEWED, directory(named(KEY, by="lead33"))])
def test_nothing_is_promised_by_a_key_that_nobody_vouches_for_now(known: Directory) -> None:
    assert promised(ENTRY, DAY, known, FORMER) is None


def test_a_promise_by_another_key_binds_nobody() -> None:
    forged = write_promise(Promise(ENTRY, DAY), SigningKey.from_seed(secrets.token_bytes(32)))
    assert not is_binding(forged, VOUCHED)
    for known in (directory(), directory(named(KEY, by="lead33")), directory(named(KEY, key="administrator"))):
        assert not is_binding(write_promise(Promise(ENTRY, DAY), KEY), known)


def test_a_promise_of_another_entry_or_day_is_not_the_one_that_was_signed() -> None:
    body = str(promised(ENTRY, DAY, VOUCHED, SECRET))
    other = secrets.token_bytes(64)
    for changed in (body.replace(ENTRY.hex(), other.hex()), body.replace("2026-11-26", "2026-12-26")):
        assert changed != body and not is_binding(changed, VOUCHED)


@pytest.mark.parametrize("known", [RENEWED, ENDED])
def test_a_former_key_still_binds_for_what_it_promised_in_its_time(known: Directory) -> None:
    before = promised(ENTRY, NEXT, directory(named(FORMER_KEY)), FORMER)
    assert before is not None and read_promise(before).until == NEXT + MERGED_WITHIN
    assert is_binding(before, known)


@pytest.mark.parametrize("known", [RENEWED, ENDED])
def test_a_former_key_promises_no_later_day_any_more(known: Directory) -> None:
    later = write_promise(Promise(ENTRY, NEXT + MERGED_WITHIN + timedelta(days=1)), FORMER_KEY)
    assert is_binding(later, directory(named(FORMER_KEY)))
    assert not is_binding(later, known)


def test_a_signature_over_another_kind_of_body_is_no_promise() -> None:
    with pytest.raises(Malformed):
        is_binding(named(KEY), VOUCHED)


BODY = write_promise(Promise(ENTRY, DAY), KEY)
MISFORMED = {
    "nothing": "",
    "no last newline": BODY[:-1],
    "another type": BODY.replace("/promise", "/promises"),
    "half an entry": BODY.replace(ENTRY.hex(), ENTRY.hex()[:64]),
    "upper case": BODY.replace(ENTRY.hex(), ENTRY.hex().upper()),
    "no day": BODY.replace("2026-11-24", "2026-11-31"),
    "a line more": BODY.replace("until", "more x\nuntil"),
    "unsigned": bodies.leave_unsigned(BODY.rpartition("signature")[0]),
}


@pytest.mark.parametrize("what", MISFORMED)
def test_what_is_no_promise_is_not_read(what: str) -> None:
    with pytest.raises(Malformed):
        read_promise(MISFORMED[what])
