"""Texts in the browser: values where their names stand, and nothing else replaced."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page


def said(page: Page, name: str, *given: Any) -> str:
    script = "async ([name, given]) => (await import('/static/js/i18n.js'))[name](...given)"
    return str(page.evaluate(script, [name, list(given)]))


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Laporan Anda diterima.", {}, "Laporan Anda diterima."),
        ("{nama} dari {tempat}", {"nama": "Siti", "tempat": "Kudus"}, "Siti dari Kudus"),
        ("{n} lalu {n}", {"n": 3}, "3 lalu 3"),
        ("tanpa {nilai}", {}, "tanpa {nilai}"),
        ("{a}", {"a": "{b}", "b": "salah"}, "{b}"),
        ("{a}", {"a": "$& $1"}, "$& $1"),
        ("{constructor} {toString}", {}, "{constructor} {toString}"),
    ],
)
def test_values_stand_where_their_names_were(blank: Page, text: str, values: dict[str, Any], expected: str) -> None:
    assert said(blank, "_", text, values) == expected


def test_a_language_learnt_is_spoken_and_what_it_lacks_is_said_in_indonesian(
    browser: Browser, scripts_url: str
) -> None:
    # A page of its own: what is learnt stays.
    page = browser.new_page(base_url=scripts_url)
    page.goto("/")
    script = """async () => {
      const { learn, _, ngettext } = await import('/static/js/i18n.js');
      learn({ "Kata {n}": "Word {n}", "{n} hari": ["{n} day", "{n} days"] });
      const days = (n) => ngettext("{n} hari", "{n} hari", n);
      return [_("Kata {n}", { n: 3 }), days(1), days(2), _("Belum"), ngettext("{n} kata", "{n} kata", 2)];
    }"""
    assert page.evaluate(script) == ["Word 3", "1 day", "2 days", "Belum", "2 kata"]
    page.close()


@pytest.mark.parametrize(("n", "expected"), [(1, "1 kata lagi"), (2, "2 kata-kata lagi"), (0, "0 kata-kata lagi")])
def test_a_text_that_counts_takes_its_form_from_the_number(blank: Page, n: int, expected: str) -> None:
    assert said(blank, "ngettext", "{n} kata {lagi}", "{n} kata-kata {lagi}", n, {"lagi": "lagi"}) == expected
