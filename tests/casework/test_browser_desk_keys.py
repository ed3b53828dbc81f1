"""A desk's key on its way from lead to lead: anybody can seal to a lead, so only the key vouched for goes on."""

import base64
import os
from typing import Any

import pytest
from playwright.sync_api import Page

from kernel.vault import Identity, context, seal, unseal
from tests.vectors.directories import ID, KEY, PROVINCE, epoch

SEED, LEADS_SEED, NEWCOMERS_SEED = os.urandom(32), os.urandom(32), os.urandom(32)
NEWCOMER = "a" * 32
COPIES = """async ({ root, statements, officer, seed, newcomer, copies }) => {
  const from = (path) => import(`/static/js/${path}.js`);
  const [{ copiesFor }, { Directory }, { Identity }, { fromHex }] = await Promise.all(
    ["casework/desk-keys", "directory/directory", "vault/seal", "vault/bytes"].map(from),
  );
  const keyring = { officer, identity: await Identity.fromSeed(fromHex(seed)) };
  const trust = { directory: await Directory.judge(fromHex(root), statements) };
  const { recipient: kem } = await Identity.fromSeed(fromHex(newcomer.seed));
  return copiesFor(keyring, trust, copies, { ...newcomer, kem }).catch(({ name, reason }) => [name, reason]);
}"""


def handed_on(page: Page, seed: bytes) -> Any:
    """Have the lead of 33.08 hand on what was sealed to him as his desk's key of the second epoch."""
    name = f"officer:{ID['lead08']}"
    where = context("desk-key", object_="33.08", epoch=2, recipient=name)
    sealed = seal(seed, Identity.from_seed(LEADS_SEED).recipient, where)
    vouched = epoch("33.08", 2, kem=Identity.from_seed(SEED).recipient.digest)
    given = {
        "root": KEY["root"].public.hex(), "statements": [*PROVINCE.values(), vouched], "officer": ID["lead08"],
        "seed": LEADS_SEED.hex(),
        "newcomer": {"id": NEWCOMER, "role": "lead", "desk": "33.08", "seed": NEWCOMERS_SEED.hex()},
        "copies": [{"desk": "33.08", "epoch": 2, "recipient": name, "sealed": base64.b64encode(sealed).decode()}],
    }  # fmt: skip
    return page.evaluate(COPIES, given)


def test_a_new_lead_gets_the_key_his_desk_is_vouched_for(blank: Page) -> None:
    [copy] = handed_on(blank, SEED)
    where = context("desk-key", object_="33.08", epoch=2, recipient=f"officer:{NEWCOMER}")
    assert unseal(base64.b64decode(copy["sealed"]), Identity.from_seed(NEWCOMERS_SEED), where) == SEED


def test_a_key_slipped_in_as_the_desks_is_not_handed_on(blank: Page) -> None:
    assert handed_on(blank, os.urandom(32)) == ["NotVouched", "key"]


HANDED = """async ({ root, statements, lead, seed, sign, deskCopies, officer, copies }) => {
  const from = (path) => import(`/static/js/${path}.js`);
  const [{ handTo }, { Directory }, { Identity }, { SigningKey }, { fromHex }] = await Promise.all(
    ["casework/handing", "directory/directory", "vault/seal", "vault/sign", "vault/bytes"].map(from),
  );
  const identity = await Identity.fromSeed(fromHex(seed));
  const keyring = { officer: lead, identity, sign: await SigningKey.fromSeed(fromHex(sign)) };
  const trust = { directory: await Directory.judge(fromHex(root), statements), kemOf: async () => identity.recipient };
  const opened = { keyring, trust, deskCopies, today: "2026-11-25" };
  return handTo(officer, copies, opened).then((handed) => handed.length, ({ name }) => name);
}"""


@pytest.mark.parametrize(
    ("officer", "outcome"),
    [
        ("investigator08", 1), ("reviewer08", 1), ("lead71", "NotEntitled"), ("leadluar", "NotEntitled"),
        ("lead08", "NotEntitled"), ("stranger", "NotVouched"),
    ],
)  # fmt: skip
def test_a_leads_browser_hands_keys_to_nobody_who_serves_elsewhere_whatever_the_server_asks(
    blank: Page, officer: str, outcome: Any
) -> None:
    name, case = f"officer:{ID['lead08']}", "c" * 32
    lead, desk = Identity.from_seed(LEADS_SEED).recipient, Identity.from_seed(SEED).recipient
    seed_sealed = seal(SEED, lead, context("desk-key", object_="33.08", epoch=1, recipient=name))
    key_sealed = seal(os.urandom(32), desk, context("case-key", case, epoch=1, recipient="desk:33.08:1"))
    given = {
        "root": KEY["root"].public.hex(), "statements": list(PROVINCE.values()), "lead": ID["lead08"],
        "seed": LEADS_SEED.hex(), "sign": os.urandom(32).hex(), "officer": ID[officer],
        "deskCopies": [{"desk": "33.08", "epoch": 1, "recipient": name, "sealed": _base64(seed_sealed)}],
        "copies": [
            {"kind": "case", "object": case, "epoch": 1, "recipient": "desk:33.08:1", "sealed": _base64(key_sealed)}
        ],
    }  # fmt: skip
    assert blank.evaluate(HANDED, given) == outcome


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
