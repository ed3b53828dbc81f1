"""Strangers cannot tell a case's entries from padding, nor from another's, nor when within a batch they came.

Each statistic raises a false alarm with a probability of 1e-9 at the most (Bonferroni, over all that it looks at), and
what is drawn follows from one seed: a test that passes always does. Each is shown to find what is made wrongly. That
something cannot be *guessed* no statistic tells: so a stranger who knows a case's bodies tries what he could.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from types import SimpleNamespace

import pytest
from flask import Flask

from kernel.vault import derive, keyed_hash, leave_unsigned
from ledger import entries, integrating
from ledger.body import Event, write_event
from ledger.integrating import BATCH, integrate
from tests.ledger.chances import alike, beyond, chi_square_tail, least
from tests.ledger.test_integrating import await_entries, leaves

SEED = 20261126
FALSE_ALARM = 1e-9
CASES, EVENTS = 256, 64
ENTRY_BYTES, HALF = 64, 32
BATCHES, FEWEST, MOST = 40, 8, 56

Part = Callable[[bytes, int, str], bytes]


@dataclass(frozen=True)
class Construction:
    """How a tag and a commitment are made of K, an event's number and its body, and padding of nothing."""

    tag: Part = lambda key, seq, _body: entries.tag(key, seq)
    commitment: Part = entries.commitment
    padding: Callable[[random.Random], bytes] = lambda chance: chance.randbytes(ENTRY_BYTES)


@dataclass(frozen=True)
class Case:
    """A complaint's bodies, which a stranger may know, and its entries."""

    bodies: list[str]
    entries: list[bytes]


def told(case: str, seq: int) -> str:
    """Return the body of an event as many are: alike, and with little in it that could not be guessed."""
    day = date(2026, 1, 1) + timedelta(days=seq)
    return leave_unsigned(
        write_event(Event(case, seq, bytes(64), "escalate", "TRIAGE", "TRIAGE", day, "system", None, {}, ()))
    )


def cases(made: Construction) -> list[Case]:
    chance, found = random.Random(SEED), []
    for _case in range(CASES):
        key, name = chance.randbytes(32), chance.randbytes(16).hex()
        bodies = [told(name, seq) for seq in range(2, EVENTS + 2)]
        numbered = list(enumerate(bodies, 2))
        made_of = [made.tag(key, seq, body) + made.commitment(key, seq, body) for seq, body in numbered]
        found.append(Case(bodies, made_of))
    return found


def padding_of(made: Construction) -> list[bytes]:
    chance = random.Random(SEED + 1)
    return [made.padding(chance) for _entry in range(CASES * EVENTS)]


def told_from_padding(made: Construction) -> float:
    """Return how alike case entries and padding are, byte by byte and bit by bit."""
    real, padding = [entry for case in cases(made) for entry in case.entries], padding_of(made)
    bytes_alike = [alike([e[at] for e in real], [e[at] for e in padding]) for at in range(ENTRY_BYTES)]
    return least([*bytes_alike, *(_bits(sample) for sample in (real, padding))])


def linked(made: Construction) -> float:
    """Return how probable it is that entries of one case resemble one another as they do, by chance."""
    found = cases(made)
    pairs = [pair for case in found for pair in pairwise(case.entries)]
    halves = [(entry[:HALF], entry[HALF:]) for case in found for entry in case.entries]
    strangers = [(one, other) for a, b in pairwise(found) for one, other in zip(a.entries, b.entries, strict=True)]
    return least(_bits([_differing(*pair) for pair in sample]) for sample in (pairs, halves, strangers))


def guessed(made: Construction) -> float:
    """Return whether whoever knows a case's bodies, and all that is public, finds its entries: 0 where he does."""
    for case in cases(made):
        for body, entry in zip(case.bodies, case.entries, strict=True):
            text, own = body.encode(), body.split("\n")[1].removeprefix("case ").encode()
            guesses = [sha256(text).digest(), *(keyed_hash(by, text) for by in (b"", bytes(32), own, entry[:HALF]))]
            if entry[HALF:] in guesses or entry[:HALF] in guesses:
                return 0.0
    return 1.0


def _differing(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _bits(sample: Sequence[bytes]) -> float:
    """Return how probable it is that bits of so many samples are set as often as they are: each place by itself."""
    size = len(sample)
    whole = [int.from_bytes(each, "big") for each in sample]
    counts = [sum(each >> place & 1 for each in whole) for place in range(8 * len(sample[0]))]
    value = sum((count - size / 2) ** 2 / (size / 4) for count in counts)
    return least([chi_square_tail(value, len(counts)), *(beyond((2 * each - size) / size**0.5) for each in counts)])


RIGHT = Construction()
STATISTICS = (told_from_padding, linked, guessed)
WRONG = {
    "a tag that is K's hash and a number": (
        replace(RIGHT, tag=lambda key, seq, _body: sha256(key).digest()[:24] + seq.to_bytes(8, "big")),
        told_from_padding,
    ),
    "tags that differ in their numbers alone": (
        replace(RIGHT, tag=lambda key, seq, _body: _differing(derive(key, "tag"), seq.to_bytes(32, "big"))), linked,
    ),
    "one blind for all events, and nothing of the body": (
        replace(RIGHT, commitment=lambda key, _seq, _body: derive(key, "blind")), linked,
    ),
    "a commitment that is the tag again": (
        replace(RIGHT, commitment=lambda key, seq, _body: entries.tag(key, seq)), linked,
    ),
    "a commitment without K": (
        replace(RIGHT, commitment=lambda _key, _seq, body: sha256(body.encode()).digest()), guessed,
    ),
    "a commitment under the tag": (
        replace(RIGHT, commitment=lambda key, seq, body: keyed_hash(entries.tag(key, seq), body.encode())), guessed,
    ),
    "padding of text": (
        replace(RIGHT, padding=lambda chance: chance.randbytes(ENTRY_BYTES // 2).hex().encode()), told_from_padding,
    ),
    "padding whose first byte never is one of 32": (
        replace(RIGHT, padding=lambda chance: bytes([chance.randrange(224)]) + chance.randbytes(63)),
        told_from_padding,
    ),
}  # fmt: skip


@pytest.mark.parametrize("statistic", STATISTICS)
def test_entries_tell_a_stranger_nothing(statistic: Callable[[Construction], float]) -> None:
    assert statistic(RIGHT) > FALSE_ALARM


@pytest.mark.parametrize("what", WRONG)
def test_what_would_tell_something_is_found(what: str) -> None:
    made, statistic = WRONG[what]
    assert statistic(made) < FALSE_ALARM


def batches(chance: random.Random) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Have batches of the log filled, more and less; yield what came, in its order, and the batch as it is logged."""
    for turn in range(BATCHES):
        came = [chance.randbytes(ENTRY_BYTES) for _entry in range(chance.randint(FEWEST, MOST))]
        await_entries(*came)
        integrate()
        yield came, leaves()[turn * BATCH :]


def placed(found: Sequence[tuple[list[bytes], list[bytes]]]) -> float:
    """Return how probable it is that what came stands as it does: by its order, and before or behind the padding.

    By Spearman's correlation and Wilcoxon's rank sum, each over all batches.
    """
    order = spread = among = width = 0.0
    for came, batch in found:
        count, places = len(came), [batch.index(entry) for entry in came]
        ranks = [sorted(places).index(place) for place in places]
        middle = (count - 1) / 2
        order += sum((at - middle) * (rank - middle) for at, rank in enumerate(ranks))
        spread += (count**3 - count) ** 2 / (144 * (count - 1))
        among += sum(places) - count * (BATCH - 1) / 2
        width += count * (BATCH - count) * (BATCH + 1) / 12
    return least([beyond(order / spread**0.5), beyond(among / width**0.5)])


@pytest.mark.parametrize("ordered", ["by its bytes", "as it came"])
def test_where_an_entry_stands_does_not_tell_when_it_came(
    app: Flask, monkeypatch: pytest.MonkeyPatch, ordered: str
) -> None:
    chance = random.Random(SEED)
    monkeypatch.setattr(integrating, "os", SimpleNamespace(urandom=chance.randbytes))
    if ordered == "as it came":
        monkeypatch.setattr(integrating, "sorted", list, raising=False)
    assert (placed(list(batches(chance))) > FALSE_ALARM) == (ordered == "by its bytes")


@pytest.mark.parametrize("freedom", [2, 64, 256, 512])
@pytest.mark.parametrize("times", [0.5, 1, 1.5, 2])
def test_the_tail_of_an_even_chi_square_is_that_of_poissons_sum(freedom: int, times: float) -> None:
    half = times * freedom / 2
    terms = [math.exp(at * math.log(half) - half - math.lgamma(at + 1)) for at in range(freedom // 2)]
    assert chi_square_tail(2 * half, freedom) == pytest.approx(math.fsum(terms), rel=1e-6)


@pytest.mark.parametrize("deviation", [0.1, 1, 3, 6, 7])
def test_one_deviation_squared_is_a_chi_square_of_one(deviation: float) -> None:
    assert chi_square_tail(deviation**2, 1) == pytest.approx(beyond(deviation), rel=1e-6)
