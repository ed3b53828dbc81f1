"""A secret in the hands of three custodians, any two of whom bring it back: SLIP-39, one group, 2 of 3 (formats §8).

Not part of ``kernel.vault``'s own names: a server never parts or joins a secret, and loads none of this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

SHARES = 3
NEEDED = 2
# A secret of 256 bits; shorter ones make other shares, which are none of ours.
SHARE_WORDS = 33
ONE_GROUP = 1
LETTERS = re.compile(r"[a-z]+")

_known = frozenset(WORDLIST)


class WrongShares(Exception):
    """Shares do not give a secret; the message says why, and repeats no word of theirs."""


def part(secret: bytes | bytearray) -> list[str]:
    """Part a 32-byte secret into three shares of 33 words each; one alone tells nothing of it."""
    [shares] = generate_mnemonics(ONE_GROUP, [(NEEDED, SHARES)], bytes(secret))
    return list(shares)


def words_of(typed: str) -> list[str]:
    """Return the words somebody has typed, whatever numbers and signs stand between them."""
    return LETTERS.findall(typed.lower())


def read_share(typed: str) -> str:
    """Return one share in lower case and single spaces, whatever parts its words; raises ``WrongShares`` for none."""
    words = words_of(typed)
    if len(words) != SHARE_WORDS:
        raise WrongShares(f"A share has {SHARE_WORDS} words; here are {len(words)}.")
    unknown = [str(place) for place, word in enumerate(words, start=1) if word not in _known]
    if unknown:
        raise WrongShares(f"Not a word of the list: number {', '.join(unknown)}.")
    share = " ".join(words)
    if not _is_ours(share):
        raise WrongShares("All words exist, but they are no share of such a ceremony: one of them must be another.")
    return share


def join(typed: Sequence[str]) -> bytes:
    """Return the secret of two shares; raises ``WrongShares`` for fewer, one twice, and those of two secrets."""
    shares = sorted({read_share(each) for each in typed})
    if len(shares) != NEEDED:
        raise WrongShares(f"{NEEDED} different shares are needed; here are {len(shares)}.")
    if len({Share.from_mnemonic(share).common_parameters() for share in shares}) > 1:
        raise WrongShares("These shares come from two ceremonies. Both must be from the same one.")
    try:
        return bytes(combine_mnemonics(shares))
    except MnemonicError:
        raise WrongShares("These shares do not fit together: one of them is not what the ceremony gave out.") from None


def _is_ours(share: str) -> bool:
    """Tell whether the checksum holds, and the share is one of 2 in one group."""
    try:
        read = Share.from_mnemonic(share)
    except MnemonicError:
        return False
    return bool((read.group_count, read.member_threshold) == (ONE_GROUP, NEEDED))
