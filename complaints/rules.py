"""What a complaint may hold, and what in it gives its writer away. Pure: the browser has the same in ``account.js``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum

LONGEST_TEXT = 50_000
LONGEST_ANSWER = 500
# How many files one act brings, and how many may be on their way at once: what one act leaves behind blocks no other.
MOST_FILES = 10
MOST_WAITING = 20
# How many sealed chunks of a file one request carries, either way: what pages have in memory, and servers before them.
MOST_TOGETHER = 8
# How many of them the server has on their way into the store at once, and reads the next: each waits for the disk.
STORED_AT_ONCE = 3
ACCOUNT_KEYS = (
    "text", "region", "place", "sector", "level", "office", "role", "when", "times", "asked", "paid", "method",
    "receipt", "threatened", "ongoing", "fixed_amount", "due_date", "avoid", "excluded",
)  # fmt: skip


LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Trace(StrEnum):
    """Something in a text by which its writer can be found."""

    IDENTITY_NUMBER = "nik"
    PHONE = "telepon"
    EMAIL = "surel"
    NAME = "nama"
    BANK_ACCOUNT = "rekening"


# Amounts and dates are full of digits and point at nobody: they are taken out before anything is looked for. They begin
# with no zero, so that a phone number written with dots stays.
HARMLESS = (
    re.compile(r"\brp\.?\s?\d[\d.,]*", re.IGNORECASE),
    re.compile(r"(?<![\d.,+])[1-9]\d{0,2}(?:[.,]\d{3})+(?!\d)"),
    re.compile(r"(?<![\d./-])(?:\d{1,2}([-./])\d{1,2}\1\d{4}|\d{4}-\d{2}-\d{2})(?![-./]?\d)"),
)
# A NIK is 16 digits, region and birth date first; phones begin with 08, +62 or 62; account numbers follow their word.
# Every repetition is bounded: an unbounded one before "@" would try a long text from each of its letters.
TRACES: Mapping[Trace, re.Pattern[str]] = {
    Trace.IDENTITY_NUMBER: re.compile(r"(?<!\d)\d{2}(?:[ .-]?\d{2}){7}(?!\d)"),
    Trace.PHONE: re.compile(r"(?<!\d)(?:\+?62|0)[ .-]?8\d(?:[ .-]?\d){6,10}(?!\d)"),
    Trace.EMAIL: re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2}"),
    Trace.NAME: re.compile(r"\b(?:nama|jeneng|asma)\s{1,9}(?:saya|sy|aku|kulo|kula)\b|\bnama\s{0,9}:", re.IGNORECASE),
    Trace.BANK_ACCOUNT: re.compile(r"\b(?:no)?rek(?:ening)?\b\D{0,40}\d(?:[ .-]?\d){7}", re.IGNORECASE),
}


def traces(text: str) -> list[Trace]:
    """Return what in ``text`` points at its writer, in the order of ``Trace``."""
    for harmless in HARMLESS:
        text = harmless.sub(";", text)
    return [trace for trace, pattern in TRACES.items() if pattern.search(text)]


def account_json(answers: Mapping[str, str]) -> bytes:
    """Write an account as its canonical JSON (docs/formats.md §7); unanswered questions are left out.

    Half a surrogate pair has no UTF-8: it becomes U+FFFD, as in a form that a browser posts.
    """
    answered = {key: LONE_SURROGATE.sub("\ufffd", value) for key, value in answers.items() if value}
    return json.dumps(answered, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
