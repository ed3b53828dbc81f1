"""Six digits, thirty seconds, once."""

from datetime import datetime, timedelta, timezone

import pytest

from kernel.vault import totp

SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
PUBLISHED = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip


def at(seconds: int) -> datetime:
    """Return a moment, in seconds since 1970."""
    return datetime.fromtimestamp(seconds, timezone.utc)


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED)
def test_the_published_codes_are_accepted(seconds: int, code: str) -> None:
    assert totp.verify(SECRET, code, at(seconds), 0) == seconds // 30


@pytest.mark.parametrize(("late", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_may_be_one_step_early_or_late(late: int, accepted: bool) -> None:
    seconds, code = PUBLISHED[3]
    assert (totp.verify(SECRET, code, at(seconds + late), 0) is not None) is accepted


def test_a_code_is_accepted_once() -> None:
    seconds, code = PUBLISHED[3]
    step = totp.verify(SECRET, code, at(seconds), 0)
    assert step is not None
    assert totp.verify(SECRET, code, at(seconds), step) is None
    assert totp.verify(SECRET, code, at(seconds) + timedelta(seconds=20), step) is None


def test_a_code_older_than_the_newest_accepted_is_refused() -> None:
    seconds, code = PUBLISHED[3]
    assert totp.verify(SECRET, code, at(seconds + 30), seconds // 30 + 1) is None


@pytest.mark.parametrize("code", ["", "005925", "05924", "0005924", "89005924", " 005924", "００", "\ud800", "abcdef"])
def test_anything_else_is_refused(code: str) -> None:
    assert totp.verify(SECRET, code, at(PUBLISHED[3][0]), 0) is None


def test_a_secret_is_drawn_and_told_to_the_app() -> None:
    secret = totp.new_secret()
    assert len(secret) == 20
    assert secret != totp.new_secret()
    assert totp.uri(SECRET, "siti").startswith("otpauth://totp/Kentongan:siti?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in totp.uri(SECRET, "siti")
