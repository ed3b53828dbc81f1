"""A ledger entry binds its event and tells a stranger nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entries import entry_of
from tests.vectors.inputs import drawn

KEY = drawn("a ledger key")
often = settings(max_examples=100, deadline=None)
seqs = st.integers(1, 2**64 - 1)
texts = st.text("abc \n", max_size=40)


@often
@given(first=st.tuples(seqs, texts), second=st.tuples(seqs, texts))
def test_two_events_have_two_entries(first: tuple[int, str], second: tuple[int, str]) -> None:
    assert len(entry_of(KEY, *first)) == 64
    assert (entry_of(KEY, *first) == entry_of(KEY, *second)) == (first == second)
    assert (entry_of(KEY, *first)[:32] == entry_of(KEY, *second)[:32]) == (first[0] == second[0])


@often
@given(seq=seqs, body=texts)
def test_without_the_key_neither_half_is_found(seq: int, body: str) -> None:
    own, others = entry_of(KEY, seq, body), entry_of(drawn("another ledger key"), seq, body)
    assert own[:32] != others[:32]
    assert own[32:] != others[32:]
    assert own[:32] != own[32:]
