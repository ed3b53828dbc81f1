"""A desk's key on its way from lead to lead: anybody can seal to a lead, so only the key vouched for goes on."""

import base64
import os
from typing import Any

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
