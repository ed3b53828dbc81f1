"""What a lead's browser signs about others: never on a server's word that would make it last for ever."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.vectors.directories import ID, PROVINCE, officer

NEXT = """async ([bodies, subject]) => {
  const { next } = await import('/static/js/casework/statements.js');
  try {
    return String(next(bodies, 'officer', subject));
  } catch (error) {
    return error.name;
  }
}"""
OFFICER = ID["investigator08"]
SECOND = officer("investigator08", "33.08", "reviewer", by="lead08", version=2)


def version_after(page: Page, *bodies: str) -> Any:
    return page.evaluate(NEXT, [[*PROVINCE.values(), *bodies], OFFICER])


def test_a_statement_takes_the_next_version_of_its_subject(blank: Page) -> None:
    assert version_after(blank) == "2"
    assert version_after(blank, SECOND, SECOND, "no statement") == "3"


@pytest.mark.parametrize("version", [3, 2**64 - 2, 2**64 - 1])
def test_nothing_is_signed_after_a_version_that_nobody_can_have_written(blank: Page, version: int) -> None:
    skipped = officer("investigator08", "33.08", "reviewer", by="administrator", version=version)
    assert version_after(blank, skipped) == "Distrust"
