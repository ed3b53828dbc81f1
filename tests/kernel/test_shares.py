"""Three shares, any two of which bring the secret back (SLIP-39 with its own vectors); all else gives a sentence."""

import secrets
from itertools import combinations, permutations, repeat
from typing import Any

import pytest
from shamir_mnemonic import combine_mnemonics, decode_mnemonics, generate_mnemonics, recover_ems

from kernel.vault.shares import WrongShares, join, part, read_share
from tests.vectors.reading import vectors

SECRET = bytes(range(32))
SHARES = part(SECRET)


def refusal(*typed: str) -> str:
    """Return the sentence with which shares are refused; it repeats no word of theirs."""
    with pytest.raises(WrongShares) as refused:
        join(typed)
    sentence = str(refused.value)
    assert not {word for share in typed for word in share.split() if len(word) > 5} & set(sentence.split())
    return sentence


@vectors("slip39")
def test_published_shares(vector: dict[str, Any]) -> None:
    if vector["secret"] is None:
        refusal(*vector["shares"])
    else:
        assert combine_mnemonics(vector["shares"], vector["passphrase"].encode()).hex() == vector["secret"]
        assert join(vector["shares"]) == recover_ems(decode_mnemonics(vector["shares"])).decrypt(b"")


def test_any_two_of_three_bring_the_secret_back_in_either_order() -> None:
    assert all(len(share.split()) == 33 for share in SHARES) and len(set(SHARES)) == 3
    for two in permutations(SHARES, 2):
        assert join(two) == SECRET


def test_the_same_secret_is_parted_otherwise_each_time() -> None:
    assert not set(part(SECRET)) & set(SHARES)


def test_a_share_is_read_as_people_type_it() -> None:
    typed = "".join(f"{number}. {word}\n" for number, word in enumerate(SHARES[0].upper().split(), start=1))
    assert read_share(typed) == SHARES[0] and join([typed, SHARES[2]]) == SECRET


def test_one_share_alone_and_one_share_twice_are_too_few() -> None:
    assert refusal(SHARES[0]) == "2 different shares are needed; here are 1."
    assert refusal(SHARES[0], SHARES[0].upper()) == "2 different shares are needed; here are 1."
    assert refusal() == "2 different shares are needed; here are 0."


def test_a_word_too_few_and_a_word_that_is_none_are_told_by_their_number() -> None:
    words = SHARES[0].split()
    assert refusal(" ".join(words[1:]), SHARES[1]) == "A share has 33 words; here are 32."
    assert refusal(" ".join(["kentongan", *words[1:32], "desa"]), SHARES[1]) == "Not a word of the list: number 1, 33."


def test_another_word_of_the_list_is_noticed_by_the_checksum() -> None:
    words = SHARES[0].split()
    for place in (0, 3, 20, 32):
        other = "academic" if words[place] != "academic" else "acid"
        wrong = " ".join([*words[:place], other, *words[place + 1 :]])
        assert "one of them must be another" in refusal(wrong, SHARES[1])


def test_shares_of_two_ceremonies_are_told_apart() -> None:
    # The number that tells them apart is one of 32,768.
    other = next(shares for shares in map(part, repeat(SECRET)) if shares[0].split()[:2] != SHARES[0].split()[:2])
    assert "two ceremonies" in refusal(SHARES[0], other[1])


def test_shares_that_only_look_like_one_ceremonys_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shamir_mnemonic.shamir._random_identifier", lambda: 7)
    one, other = part(SECRET), part(secrets.token_bytes(32))
    assert "do not fit together" in refusal(one[0], other[1])


def test_shares_of_another_kind_are_none_of_ours() -> None:
    [three_of_five] = generate_mnemonics(1, [(3, 5)], SECRET)
    for two in combinations(three_of_five[:3], 2):
        assert "no share of such a ceremony" in refusal(*two)
