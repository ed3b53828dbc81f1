"""What an officer's browser makes of statements: whose keys stand under his name, and what it signs about others."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.vectors.directories import ID, KEY, PROVINCE, officer
from tests.vectors.inputs import drawn

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


OPEN_TRUST = """async ([officer, digest, sign]) => {
  document.body.innerHTML = '<main></main><dialog id="unlock" data-directory="/direktori"></dialog>';
  const { fromHex } = await import('/static/js/vault/bytes.js');
  const { openTrust } = await import('/static/js/casework/trust.js');
  try {
    await openTrust({ officer, identity: { recipient: { digest } }, sign: { public: fromHex(sign) } });
    return 'trusted';
  } catch (error) {
    return error.name;
  }
}"""
SEAL_KEY, SIGN_KEY = drawn("the seal key of lead08").hex(), KEY["lead08"].public.hex()
STRANGERS = drawn("the seal key of stranger").hex(), KEY["stranger"].public.hex()


@pytest.fixture
def desktop(browser: Browser, scripts_url: str) -> Iterator[Page]:
    """A browser that has seen no statement yet, and is told the vectors' province."""
    page = browser.new_page(base_url=scripts_url)
    told = {"root": KEY["root"].public.hex(), "statements": list(PROVINCE.values()), "kems": {}}
    page.route("**/direktori", lambda route: route.fulfill(json=told))
    page.goto("/")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("seals", "signs", "outcome"),
    [(SEAL_KEY, SIGN_KEY, "trusted"), (SEAL_KEY, STRANGERS[1], "Distrust"), (STRANGERS[0], SIGN_KEY, "Distrust")],
)
def test_both_keys_under_an_officers_name_must_be_his(desktop: Page, seals: str, signs: str, outcome: str) -> None:
    assert desktop.evaluate(OPEN_TRUST, [ID["lead08"], seals, signs]) == outcome
