"""What an officer's browser makes of statements: whose keys stand under his name, and what it signs about others."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kernel.directory.statements import parse
from tests.vectors.directories import ID, KEY, PROVINCE, key_of, officer
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


SIGNED = """async ([act, root, statements, subject, sign]) => {
  const { fromHex } = await import('/static/js/vault/bytes.js');
  const { Directory } = await import('/static/js/directory/directory.js');
  const { SigningKey } = await import('/static/js/vault/sign.js');
  const { revoke, vouchFor } = await import('/static/js/casework/statements.js');
  const trust = { directory: await Directory.judge(fromHex(root), statements), statements };
  const lead = { officer: 'a'.repeat(32), sign: await SigningKey.fromSeed(new Uint8Array(32)) };
  const keys = { kem: { digest: 'b'.repeat(64) }, sign: fromHex(sign) };
  const newcomer = { id: subject, role: 'investigator', desk: '33.08', ...keys };
  const [doing, whom] = act === 'revoke' ? [revoke, subject] : [vouchFor, newcomer];
  try {
    return await doing(lead, trust, whom, '2026-11-24');
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}"""
GONE = officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")
RENEWED = officer("lead08", "33.08", "lead", by="lead33", version=2, holds="rotated")
REVOKED = officer("investigator08", "33.08", "investigator", by="lead08", version=2, status="revoked")
HELD = key_of("investigator08").public.hex()


def signed(page: Page, act: str, *bodies: str, sign: str = HELD) -> str:
    given = [act, KEY["root"].public.hex(), [*PROVINCE.values(), *bodies], OFFICER, sign]
    return str(page.evaluate(SIGNED, given))


@pytest.mark.parametrize("more", [[], [GONE], [RENEWED]], ids=["stand", "issuer gone", "issuer's keys renewed"])
def test_a_lead_revokes_keys_that_stand_or_wait(blank: Page, more: list[str]) -> None:
    said = parse(signed(blank, "revoke", *more))
    assert (said.subject, said.version, said.status, said.issuer) == (OFFICER, 2, "revoked", f"officer:{'a' * 32}")
    assert (said.desk, said.remit, said.sign) == ("33.08", "investigator", HELD)
    assert said.kem == drawn("the seal key of investigator08").hex()


@pytest.mark.parametrize("more", [[REVOKED], [REVOKED, GONE], [SECOND, REVOKED]], ids=["revoked", "and waits", "twice"])
def test_a_lead_revokes_nothing_else(blank: Page, more: list[str]) -> None:
    assert "Distrust: Menurut pernyataan di server" in signed(blank, "revoke", *more)


@pytest.mark.parametrize("more", [[REVOKED], [REVOKED, GONE], [REVOKED, RENEWED]], ids=["rightly", "gone", "renewed"])
def test_a_lead_vouches_for_no_keys_that_were_ever_revoked(blank: Page, more: list[str]) -> None:
    assert "Distrust: Kunci ini pernah dicabut" in signed(blank, "vouch", *more)
    others = key_of("rotated").public.hex()
    said = parse(signed(blank, "vouch", *more, sign=others))
    assert (said.subject, said.version, said.status, said.sign) == (OFFICER, 3, "active", others)


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
