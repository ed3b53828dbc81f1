"""The browser warns of the same traces, writes the same account, and shows hostile texts harmlessly."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.places import JAWA_TENGAH, RUMBIA, Place

VECTORS = Path(__file__).parents[1] / "vectors"
IDENTIFYING = json.loads((VECTORS / "identifying.json").read_text())
ACCOUNTS = json.loads((VECTORS / "account.json").read_text())
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
SHOW = """async (text) => {
  const { showText } = await import("/static/js/text.js");
  const shown = document.createElement("p");
  showText(shown, text);
  return [shown.textContent, shown.dir, shown.children.length];
}"""


FIND = """async (texts) => {
  const { traces } = await import("/static/js/complaints/identifying.js");
  return texts.map(traces);
}"""


ROUTE = """async ([answers, remits, open, floors]) => {
  const { routed } = await import("/static/js/complaints/sealing.js");
  const directory = { remits: () => new Map(remits), openDesks: () => open };
  const { label, desk } = routed(answers, { directory, floors });
  return [label.excluded, desk];
}"""


@pytest.mark.parametrize("place", [JAWA_TENGAH, RUMBIA], ids=["Jawa Tengah", "Rumbia"])
def test_the_browser_passes_over_the_desks_that_must_not_handle_it(blank: Page, place: Place) -> None:
    desks = place.province.desks.values()
    answers = {"region": place.region, "sector": place.sector, "level": "desa"}
    tree = [[[desk.id, desk.remit] for desk in desks], place.staffed, place.province.floors]
    expected = {
        "": ([], place.desk),
        "region": ([place.desk], place.top),
        "province": ([place.top], place.desk),
        "region+province": (sorted([place.desk, place.top]), place.outside),
    }
    for avoid, (excluded, desk) in expected.items():
        assert blank.evaluate(ROUTE, [answers | {"avoid": avoid}, *tree]) == [excluded, desk]


def test_the_browser_finds_the_same_traces(blank: Page) -> None:
    cases = [case for group in IDENTIFYING.values() for case in group]
    assert blank.evaluate(FIND, [case["text"] for case in cases]) == [case["traces"] for case in cases]


@pytest.mark.parametrize("case", ACCOUNTS, ids=lambda case: case["name"])
def test_the_browser_writes_the_same_account(blank: Page, case: dict[str, Any]) -> None:
    # As JSON in the script: half a surrogate pair does not survive the way into the browser otherwise.
    given = json.dumps(case["answers"])
    script = f"async () => [...(await import('/static/js/complaints/account.js')).accountJson({given})]"
    assert bytes(blank.evaluate(script)) == case["json"].encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>tebal</b> & 'kutip'", "<b>tebal</b> & 'kutip'"),
        ("rata \u202eilgnup\u202c", "rata [U+202E]ilgnup[U+202C]"),
        ("a\0b\x1bc\x7fd\x85e", "a[U+0000]b[U+001B]c[U+007F]d[U+0085]e"),
        ("a\u200bb\u00adc\ufeffd\u2066e\u3164f", "a[U+200B]b[U+00AD]c[U+FEFF]d[U+2066]e[U+3164]f"),
        ("tag \U000e0041\U000e0041\0\0\0", "tag [U+E0041 ×2][U+0000 ×3]"),
        ("baris\u2028lain\u2029", "baris[U+2028]lain[U+2029]"),
        ("dua\r\nbaris\n\tdan tab\rx", "dua\nbaris\n\tdan tab[U+000D]x"),
        (f"{FAMILY} ❤\ufe0f 1\ufe0f\u20e3", f"{FAMILY} ❤\ufe0f 1\ufe0f\u20e3"),
        ("a\u200db x\ufe0f", "a[U+200D]b x[U+FE0F]"),
        ("ꦥꦸꦁꦭꦶ pungli", "ꦥꦸꦁꦭꦶ pungli"),
    ],
)
def test_a_hostile_text_is_shown_as_text_and_hides_nothing(blank: Page, text: str, shown: str) -> None:
    assert blank.evaluate(SHOW, text) == [shown, "auto", 0]


def test_marks_are_of_letters_that_every_font_has(blank: Page) -> None:
    # A browser looks every other letter up in fonts it does not have at hand: minutes for a text full of marks.
    shown = blank.evaluate(SHOW, "\u202e \u202e\u202e \0")[0]
    assert max(shown) <= "\xff"
