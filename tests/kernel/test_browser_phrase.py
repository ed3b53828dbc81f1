"""What people type for a phrase is read in the browser as it is in Python. (What must be read how: the vectors.)"""

import random
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, expect

from kernel.vault import WORDS, UnknownWord, canonical

CHANCE = random.Random(2026)
LETTERS = "abcdefghijklmnopqrstuvwxyz0"
READ = """async (vectors) => {
  const { phrase } = await import('/tests/browser/runs.js');
  return Promise.all(vectors.map(phrase));
}"""


def slips(word: str) -> Iterator[str]:
    """Yield ways to mistype a word: begun, a letter more, less, other, two exchanged, and two slips at once."""
    at, letter = CHANCE.randrange(len(word)), CHANCE.choice(LETTERS)
    yield from (word[:length] for length in range(2, len(word)))
    yield from (word[:at] + letter + word[at:], word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :])
    yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    yield letter + word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def read_in_python(typed: str) -> dict[str, Any]:
    try:
        return {"canonical": canonical(typed, 1)}
    except UnknownWord as unknown:
        told = {"position": unknown.position, "word": unknown.typed, "candidates": list(unknown.candidates)}
        return {"canonical": None, **told}


def test_whatever_is_mistyped_is_read_alike(blank: Page) -> None:
    mistyped = [slip for word in CHANCE.sample(WORDS, 150) for slip in slips(word) if slip.strip("0")]
    expected = {slip: read_in_python(slip) for slip in mistyped}
    found = blank.evaluate(READ, [{"typed": slip, "count": 1} for slip in expected])
    assert dict(zip(expected, found, strict=True)) == expected


def test_of_the_five_words_that_may_be_meant_four_are_told(blank: Page) -> None:
    assert {"baju", "bakau", "bakul", "buku", "paku"} <= set(WORDS)
    assert blank.evaluate(READ, [{"typed": "baku", "count": 1}])[0]["candidates"] == ["baju", "bakau", "bakul", "buku"]


def test_a_word_of_any_length_is_refused_before_it_is_looked_for(browser: Browser, scripts_url: str) -> None:
    page = browser.new_page(base_url=scripts_url)
    page.goto("/")
    page.evaluate("""() => {
      const typed = "a".repeat(100_000);
      import('/tests/browser/runs.js')
        .then(({ phrase }) => phrase({ typed, count: 1 }))
        .then((found) => { document.title = `refused at ${found.position}`; });
    }""")
    expect(page).to_have_title("refused at 1")
    page.close()
