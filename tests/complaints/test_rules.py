"""What gives a writer away is found, what does not is left alone, and an account has one JSON."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from complaints.rules import LONGEST_TEXT, Trace, account_json, traces

VECTORS = Path(__file__).parents[1] / "vectors"
IDENTIFYING = json.loads((VECTORS / "identifying.json").read_text())
ACCOUNTS = json.loads((VECTORS / "account.json").read_text())


@pytest.mark.parametrize("case", IDENTIFYING["points at its writer"], ids=lambda case: case["text"])
def test_what_points_at_the_writer_is_found(case: dict[str, Any]) -> None:
    assert traces(case["text"]) == [Trace(kind) for kind in case["traces"]]


@pytest.mark.parametrize("case", IDENTIFYING["points at nobody"], ids=lambda case: case["text"])
def test_amounts_dates_and_plain_words_raise_no_alarm(case: dict[str, Any]) -> None:
    assert traces(case["text"]) == []


# With an unbounded repetition a pattern tries a long text again from each of its letters: that took over six seconds
# of this machine, and takes a tenth of one now.
@pytest.mark.parametrize("repeated", ["a", "1", "1.", "a.", "08", "rek ", "nama ", "a@a.", "rp1", " "])
def test_searching_the_longest_text_does_not_keep_the_server_busy(repeated: str) -> None:
    text = (repeated * LONGEST_TEXT)[:LONGEST_TEXT]
    begun = process_time()
    traces(text)
    assert process_time() - begun < 3


@pytest.mark.parametrize("case", ACCOUNTS, ids=lambda case: case["name"])
def test_an_account_has_one_json(case: dict[str, Any]) -> None:
    assert account_json(case["answers"]) == case["json"].encode()


def test_the_order_of_the_answers_does_not_matter() -> None:
    answers = {"text": "Diminta 50 rbu.", "level": "desa", "avoid": "region"}
    assert account_json(answers) == account_json(dict(reversed(answers.items())))
