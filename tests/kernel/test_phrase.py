"""Eight words, however they are typed: read right, or asked about, never read wrong."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import PHRASE_WORDS, WORDS, UnknownWord, WrongCount, canonical, draw, keys_of, spell
from tests.server import SECONDS_TO_START
from tests.vectors.inputs import drawn

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FILL = WORDS[:7]
words = st.sampled_from(WORDS)
separators = st.sampled_from([" ", "-", "\n", ", ", "  ", "\t", "\r\n", " - ", " · ", "\u00a0", ". "])
often = settings(max_examples=300, deadline=None)


def slips(word: str) -> set[str]:
    """Return everything one letter more, less, other or swapped away from ``word``."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
    more = {a + letter + b for a, b in cuts for letter in LETTERS}
    return (less | swapped | other | more) - {word}


def read(word: str) -> str:
    """Read ``word`` as the last of a phrase."""
    return canonical(" ".join((*FILL, word))).split()[-1]


@often
@given(bits=st.binary(min_size=10, max_size=40))
def test_a_spelled_phrase_is_canonical(bits: bytes) -> None:
    assert canonical(spell(bits, PHRASE_WORDS)) == spell(bits, PHRASE_WORDS)


@often
@given(chosen=st.tuples(*[words] * 8), between=st.tuples(*[separators] * 8), flips=st.integers(0, 2**64))
def test_case_and_separators_do_not_matter(chosen: tuple[str, ...], between: tuple[str, ...], flips: int) -> None:
    typed = "".join(word + separator for word, separator in zip(chosen, between, strict=True))
    mixed = "".join(letter.upper() if flips >> (at % 64) & 1 else letter for at, letter in enumerate(typed))
    assert canonical(mixed) == " ".join(chosen)


@pytest.mark.parametrize("numbering", ["{n}. {w}\n", "{n}) {w} ", "({n}) {w} ", "{n}.{w} ", "{n} {w} ", "{n}{w}\n"])
def test_a_numbered_list_is_read(numbering: str) -> None:
    chosen = draw(PHRASE_WORDS).split()
    typed = "".join(numbering.format(n=number, w=word) for number, word in enumerate(chosen, 1))
    assert canonical(typed) == " ".join(chosen)


@often
@given(word=words, data=st.data())
def test_a_slip_is_corrected_or_asked_about(word: str, data: st.DataObject) -> None:
    slip = data.draw(st.sampled_from(sorted(slips(word))))
    try:
        assert read(slip) == word
    except UnknownWord as unknown:
        assert len(unknown.candidates) > 1
        assert word in unknown.candidates or len(unknown.candidates) == 4


def test_a_slip_that_begins_another_word_is_asked_about() -> None:
    begun = {word[:size]: word for word in WORDS for size in range(4, len(word))}
    clashes = [(word, slip) for word in WORDS for slip in slips(word) if slip in begun and begun[slip] != word]
    assert clashes
    for word, slip in clashes[:200]:
        with pytest.raises(UnknownWord) as unknown:
            read(slip)
        assert {word, begun[slip]} <= set(unknown.value.candidates) or len(unknown.value.candidates) == 4


def test_at_most_four_candidates_are_offered() -> None:
    typed, words_meant = Counter(slip for word in WORDS for slip in slips(word)).most_common(1)[0]
    assert words_meant > 4
    with pytest.raises(UnknownWord) as unknown:
        read(typed)
    assert len(unknown.value.candidates) == 4


@often
@given(word=words, size=st.integers(4, 7))
def test_the_beginning_of_a_word_stands_for_it_or_is_asked_about(word: str, size: int) -> None:
    try:
        assert read(word[:size]) == word
    except UnknownWord as unknown:
        assert word in unknown.candidates or len(unknown.candidates) == 4


@often
@given(chosen=st.lists(words.filter(lambda word: len(word) > 4), min_size=2, max_size=8), size=st.integers(4, 5))
def test_a_phrase_of_which_words_are_only_begun_is_read_without_a_question(chosen: list[str], size: int) -> None:
    typed = [word[:size] for word in chosen] + list(FILL[:8 - len(chosen)])
    if sum(len(word) > size for word in chosen) > 1:
        assert canonical(" ".join(typed)).split()[:len(chosen)] == chosen


def test_three_letters_do_not_stand_for_a_word() -> None:
    word = next(word for word in WORDS if not slips(word[:3]) & set(WORDS))
    with pytest.raises(UnknownWord) as unknown:
        read(word[:3])
    assert unknown.value.candidates == ()


@often
@given(typed=st.text(max_size=200), count=st.integers(0, 9))
def test_anything_typed_is_read_or_refused(typed: str, count: int) -> None:
    try:
        read_words = canonical(typed, count).split()
    except (UnknownWord, WrongCount):
        return
    assert len(read_words) == count
    assert set(read_words) <= set(WORDS)


def test_a_long_text_is_refused_by_its_count_alone() -> None:
    with pytest.raises(WrongCount) as wrong:
        canonical("tolong saya " * 25_000)
    assert wrong.value.found == 50_000


HUGE = "from kernel.vault import canonical; canonical('a' * 200_000, 1)"


def test_a_huge_word_is_refused_without_trying_its_slips() -> None:
    # Trying them would take hours: the process is given a few minutes.
    refused = subprocess.run([sys.executable, "-c", HUGE], timeout=SECONDS_TO_START, capture_output=True, check=False)
    assert b"UnknownWord" in refused.stderr


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(UnknownWord) as unknown:
        read("rahasiaku")
    assert (str(unknown.value), unknown.value.typed, unknown.value.position) == ("", "rahasiaku", 8)


def test_the_keys_of_a_phrase_differ_and_are_not_shown() -> None:
    keys = keys_of(drawn("a phrase key"))
    shown = repr(keys)
    assert len({keys.lookup_token, keys.ledger_key, keys.sign.public, drawn("a phrase key")}) == 4
    assert keys.lookup_token.hex() not in shown and repr(keys.lookup_token) not in shown
    assert repr(keys.ledger_key) not in shown


def test_every_phrase_key_gives_other_keys() -> None:
    found = [keys_of(os.urandom(32)) for _ in range(4)]
    assert len({keys.reporter.recipient.digest for keys in found}) == 4
