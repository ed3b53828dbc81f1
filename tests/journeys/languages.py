"""What an English page still says in Indonesian, beyond the names of people and those in the province's data file."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.sync_api import Page

from casework.founding import DESKLESS, FULL_NAMES
from tests.house import texts
from tests.places import HERE

WORD = re.compile(r"[^\W\d_]{3,}")

# Evaluated in the page: every text in it, folded away or not, and every attribute that is read out. What people typed,
# and names that no language changes, are marked as such.
SAID = """
() => {
  const said = [];
  const own = "[translate=no], .written, .told, [lang]:not(html), script, style, template, noscript";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(own)) said.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[aria-label], [alt], [title], [placeholder]")) {
    if (element.closest(own)) continue;
    for (const name of ["aria-label", "alt", "title", "placeholder"]) said.push(element.getAttribute(name) ?? "");
  }
  return [document.title, ...said];
}
"""


def words_in(text: str) -> set[str]:
    """Return the words of a text, in small letters."""
    return {word.lower() for word in WORD.findall(text)}


def _forms(said: Any) -> str:
    return said if isinstance(said, str) else " ".join(said)


@cache
def indonesian() -> frozenset[str]:
    """Return the words that stand in Indonesian texts, ours or the province's, and in no English one."""
    found, spoken = set[str](), set[str]()
    for message in texts.kept(texts.ENGLISH):
        found |= words_in(_forms(message.id))
        spoken |= words_in(_forms(message.string))
    province = HERE.province
    for words in (province.elsewhere, *province.offices.values(), *(each.name for each in province.sectors.values())):
        found |= words_in(words["id"])
        spoken |= words_in(words["en"])
    return frozenset(found - spoken)


@cache
def names() -> list[str]:
    """Return the proper names in the province's data file, and those of the demo's officers; the longest first."""
    province = HERE.province
    named = (*province.regions.values(), *province.desks.values(), *province.agencies.values())
    found = {province.name, *province.calendar.values(), *(each.name for each in named)}
    found |= {name for team in FULL_NAMES for name in team} | {person[1] for person in DESKLESS}
    return sorted((each for each in found if WORD.search(each)), key=len, reverse=True)


def left_in_indonesian(page: Page) -> set[str]:
    """Return the Indonesian words that a page in English still says."""
    left = set[str]()
    for text in page.evaluate(SAID):
        for name in names():
            text = text.replace(name, " ")
        left |= words_in(text) & indonesian()
    return left
