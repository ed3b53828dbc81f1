"""The list of 1,024 words keeps its promises, bits are spelled as they stand, and draws come from the secret source."""

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from os.path import commonprefix
from pathlib import Path

import pytest

from kernel.vault import words as module
from kernel.vault.words import WORDS, draw, spell

FILE = Path(module.__file__).with_name("words.txt")
DIGEST = "907756237cba45e8a7c83b47d3f7d1c298cd506aff526b828a09d7a6e4cb3e02"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

SHAPE = re.compile(r"[a-z]{4,7}")
SPELLED_TWO_WAYS = re.compile(r"[fqvxz]|kh|sy|^(?!ng|ny)[^aeiou]{2}")
COMPLAINT_STEMS = tuple(
    """adu amplop bayar beli bukti bupati calo camat curang denda desa dinas duit gratis gugat hakim hutang jaksa
    janji jual kades kantor ketua korup kuasa lapor lurah mahal murah pajak palak pelicin peras pejabat polis
    potong pungut rahasia resmi saksi setor sidang sogok suap sumbang surat tarif tilang tuduh uang upah utang
    upeti""".split()
)
NOT_EVEN_A_SLIP_AWAY = tuple(
    """ajal ancam anjing asu babi bahaya bajingan bangkai bangsat bantai bencana berak binasa bom bunuh cabul
    celaka culik curang darah dosa edan gila goblok hajar hancur hantu haram iblis jahat jalang jancuk janda
    kafan kafir kejam kencing keranda korup kubur lonte luka mati maut mayat mesum nanah neraka pasung penis
    perang peras perkosa pocong pukul pusara racun rampok roh seram setan sial siksa sogok suap tahi takut
    tampar tangis telek tembak tewas tikam tinja tipu tuhan wabah zina""".split()
)


def one_slip_apart(one: str, other: str) -> bool:
    """Tell whether one letter more, less, other or swapped with its neighbour makes one word of the other."""
    start = len(commonprefix([one, other]))
    one, other = one[start:], other[start:]
    end = len(commonprefix([one[::-1], other[::-1]]))
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def slips(word: str) -> set[str]:
    """Return all that is one slip from ``word``, made the other way round: by writing every slip down."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    more = {a + letter + b for a, b in cuts for letter in LETTERS}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
    return (less | swapped | more | other) - {word}


def too_close(words: Iterable[str]) -> set[tuple[str, str]]:
    """Return the pairs one slip apart: only words that are alike after losing at most one letter are compared.

    Whatever the slip, some letter can be left out of one word, of the other or of both so that the rests agree.
    """
    alike: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for rest in {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}:
            alike[rest].add(word)
    pairs = {pair for group in alike.values() for pair in combinations(sorted(group), 2)}
    return {pair for pair in pairs if one_slip_apart(*pair)}


def beginning_alike(words: Iterable[str]) -> list[list[str]]:
    """Return the groups of words that share their first four letters."""
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[word[:4]].append(word)
    return [group for group in groups.values() if len(group) > 1]


def barred(words: Iterable[str]) -> set[str]:
    """Return the words that hint at a complaint, frighten, are rude, or are one slip from one that does."""
    frightening = set(NOT_EVEN_A_SLIP_AWAY).union(*map(slips, NOT_EVEN_A_SLIP_AWAY))
    return {word for word in words if word in frightening or word.startswith(COMPLAINT_STEMS)}


def test_the_file_is_the_list_one_word_a_line() -> None:
    assert FILE.read_bytes() == "".join(f"{word}\n" for word in WORDS).encode("ascii")


def test_there_are_1024_sorted_words_none_twice() -> None:
    assert len(WORDS) == 1024
    assert list(WORDS) == sorted(set(WORDS))


def test_every_word_has_four_to_seven_plain_letters() -> None:
    assert [word for word in WORDS if not SHAPE.fullmatch(word)] == []


def test_no_word_has_a_sound_that_is_spelled_in_two_ways() -> None:
    assert [word for word in WORDS if SPELLED_TWO_WAYS.search(word)] == []


@pytest.mark.parametrize("word", ["huruf", "izin", "akhir", "syukur", "kran", "zaman"])
def test_a_planted_word_of_two_spellings_is_found(word: str) -> None:
    assert SPELLED_TWO_WAYS.search(word)


def test_the_first_four_letters_tell_a_word() -> None:
    assert beginning_alike(WORDS) == []


def test_a_planted_word_that_begins_alike_is_found() -> None:
    assert beginning_alike((*WORDS, "kucinta")) == [["kucing", "kucinta"]]


def test_no_two_words_are_one_slip_apart() -> None:
    assert too_close(WORDS) == set()


@pytest.mark.parametrize("at", range(0, 1024, 64))
def test_every_planted_neighbour_of_a_word_is_found(at: int) -> None:
    word = WORDS[at]
    for slip in slips(word):
        assert too_close((word, slip)) == {(min(word, slip), max(word, slip))}


def test_a_neighbour_planted_into_the_whole_list_is_found() -> None:
    assert too_close((*WORDS, "kuicng")) == {("kucing", "kuicng")}


@pytest.mark.parametrize("other", ["kucing", "gucnik", "ukicng", "kucg", "kucingin", "nkuci", "ckuing"])
def test_words_further_apart_are_not_called_close(other: str) -> None:
    assert too_close({"kucing", other}) == set()


def test_no_word_frightens_is_rude_or_hints_at_a_complaint() -> None:
    assert barred(WORDS) == set()


@pytest.mark.parametrize("word", ["mati", "hati", "bantal", "cahaya", "suapan", "uang", "laporan", "camat", "setna"])
def test_a_planted_word_of_that_kind_is_found(word: str) -> None:
    assert barred((*WORDS, word)) == {word}


def test_the_list_is_still_the_one_that_phrases_were_drawn_from() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == DIGEST, "docs/word-list.md says how the list may change"


@pytest.mark.parametrize(
    ("bits", "count", "spelled"),
    [
        ("00 40", 1, "abon"),  # 0000000001 000000
        ("00 40 20", 2, "abon acara"),  # 0000000001 0000000010 0000
        ("00 7f ff", 2, "abon yuyu"),  # 0000000001 1111111111 1111
        ("ff c0 08 00 01", 4, "yuyu abjad lawas abon"),  # 1111111111 0000000000 1000000000 0000000001
        ("ff c0 08 00 01", 3, "yuyu abjad lawas"),
        ("00" * 10, 8, "abjad abjad abjad abjad abjad abjad abjad abjad"),
        ("55" * 5, 4, "istana istana istana istana"),  # 0101010101 is 341
        ("ff", 0, ""),
    ],
)
def test_bits_are_spelled_ten_by_ten_from_the_most_significant(bits: str, count: int, spelled: str) -> None:
    assert spell(bytes.fromhex(bits), count) == spelled


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 1), (9, 8), (7, 6)])
def test_too_few_bits_spell_nothing(size: int, count: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        spell(bytes(size), count)


def test_as_many_words_are_drawn_as_are_asked_for_and_all_of_the_list_can_be() -> None:
    assert len(draw(8).split(" ")) == 8
    assert set(draw(40_000).split(" ")) == set(WORDS)


def test_draws_do_not_follow_a_seed_that_can_be_guessed() -> None:
    random.seed(1)
    first = draw(8)
    random.seed(1)
    assert draw(8) != first
