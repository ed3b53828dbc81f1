"""A key that is shown to one visitor alone is in no log: his phone seals nothing to it, though it is rightly signed."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from kernel import clock
from kernel.directory import statements
from kernel.directory.directory import Directory
from kernel.directory.statements import Statement, parse
from kernel.vault import Identity, Recipient, SigningKey
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.notes import COSIGNATURE, Verifier
from ledger.proving import write_proof
from ledger.public import Kind, public_entry
from ledger.tree import leaf_hash, nodes_of, prove_inclusion, root_of
from tests.journeys.steps import phrase_shown, proceed, walk
from tests.province import Province

Json = dict[str, Any]
DESK = "33.08"
HIS_KEY = SigningKey.from_seed(b"\7" * 32)
# What the phone says of it, or "sealed".
SEAL = """async (answers) => {
  const { src } = document.querySelector('script[src$="/js/complaints/track.js"]');
  const { prepare } = await import(new URL("preparing.js", src));
  const preparation = await prepare({ desks: "/api/v1/desks" });
  return preparation.seal(answers).then(() => "sealed", ({ name }) => name);
}"""


@dataclass
class Told:
    """What a server says to one visitor: of the desks, and of one desk's key."""

    province: Province
    desks: Json
    key: Json

    def statement(self) -> str:
        """Return the body of the statement by which the desk has its newest key."""
        epochs = [body for body in self.desks["statements"] if f"\nkind epoch\nsubject {DESK}\n" in body]
        return str(max(epochs, key=lambda body: parse(body).version))

    def prove(self, name: str, key: SigningKey) -> None:
        """Prove that a tree of one's own has the statement, by the checkpoint of a log of this name and key."""
        entries = [public_entry(Kind.STATEMENT, self.statement()), *(os.urandom(64) for _entry in range(63))]
        nodes = nodes_of([leaf_hash(entry) for entry in entries])
        note = sign_checkpoint(Checkpoint(name, 64, root_of(nodes, 64)), key)
        self.key["proof"] = write_proof(0, prove_inclusion(nodes, 0, 64), note)

    def present(self, log: Verifier) -> None:
        """Say that this is the log."""
        self.key["log"] = {"vkey": log.vkey, "policy": f"log {log.vkey}\nquorum none\n"}

    @property
    def log(self) -> Verifier:
        """The true log."""
        return Verifier.read(self.key["log"]["vkey"])


def asked(province: Province, path: str) -> Json:
    status, answer = province.visitor().ask(path)
    assert status == 200
    return answer


@pytest.fixture
def told(province: Province, phone: Page) -> Told:
    """What a phone is told from now on: the truth, until a lie changes it."""
    made = Told(province, asked(province, "/api/v1/desks"), asked(province, f"/api/v1/desks/{DESK}/key"))

    def answer(route: Route) -> None:
        said = made.key if route.request.url.endswith("/key") else made.desks
        route.fulfill(status=200, content_type="application/json", body=json.dumps(said))

    phone.route("**/api/v1/desks", answer)
    phone.route(f"**/api/v1/desks/{DESK}/key", answer)
    return made


def bribed(told: Told) -> None:
    """A lead of the desk has signed a key of the server's, as he may; nobody else is shown it."""
    lead, key = told.province.log_in("lead", DESK), Identity.from_seed(secrets.token_bytes(32)).recipient
    statement = Statement(
        kind="epoch", subject=DESK, version=2, status="active", desk=None, parent=None, remit=None, kem=key.digest,
        sign=None, issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    told.desks["statements"].append(statements.sign(statement, lead.sign))
    told.key |= {"epoch": 2, "kem": base64.b64encode(key.raw).decode()}


def bribed_with_the_proof_of_the_former_key(told: Told) -> None:
    bribed(told)


def bribed_without_a_proof(told: Told) -> None:
    bribed(told)
    told.key["proof"] = None


def bribed_with_a_proof_by_a_log_of_his_own(told: Told) -> None:
    bribed(told)
    his = Verifier("kentongan/his", HIS_KEY.public)
    told.prove(his.name, HIS_KEY)
    told.present(his)


def bribed_with_a_log_whose_key_the_root_is_said_not_to_have_named(told: Told) -> None:
    bribed_with_a_log_that_has_the_true_ones_name(told)
    told.desks["statements"] = [body for body in told.desks["statements"] if "\nkind log\n" not in body]


def bribed_with_a_log_that_has_the_true_ones_name(told: Told) -> None:
    bribed(told)
    his = replace(told.log, public=HIS_KEY.public)
    told.prove(his.name, HIS_KEY)
    told.present(his)


def bribed_with_a_checkpoint_that_the_log_has_not_signed(told: Told) -> None:
    bribed(told)
    told.prove(told.log.name, HIS_KEY)


def the_true_key_without_a_proof(told: Told) -> None:
    told.key["proof"] = None


def the_true_key_and_no_log(told: Told) -> None:
    told.key["log"] = {"vkey": None, "policy": None}


def a_checkpoint_that_too_few_have_signed(told: Told) -> None:
    witness = Verifier("witness", HIS_KEY.public, COSIGNATURE).vkey
    told.key["log"]["policy"] = (
        f"log {told.log.vkey}\nwitness w {witness} https://w.example\ngroup witnesses 1 w\nquorum witnesses\n"
    )


LIES: list[Callable[[Told], None]] = [
    bribed_with_the_proof_of_the_former_key, bribed_without_a_proof, bribed_with_a_proof_by_a_log_of_his_own,
    bribed_with_a_log_that_has_the_true_ones_name, bribed_with_a_checkpoint_that_the_log_has_not_signed,
    bribed_with_a_log_whose_key_the_root_is_said_not_to_have_named,
    the_true_key_without_a_proof, the_true_key_and_no_log, a_checkpoint_that_too_few_have_signed,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_nothing_is_sealed_to_a_key_that_is_not_proved_to_be_published(
    told: Told, phone: Page, lie: Callable[[Told], None]
) -> None:
    lie(told)
    assert phone.evaluate(SEAL, told.province.answers) == "Unpublished"


def test_the_truth_is_sealed_to(told: Told, phone: Page) -> None:
    assert phone.evaluate(SEAL, told.province.answers) == "sealed"


def test_a_bribed_leads_key_is_rightly_signed_and_only_the_log_says_otherwise(told: Told) -> None:
    bribed(told)
    digest = Recipient.from_bytes(base64.b64decode(told.key["kem"])).digest
    assert Directory(told.province.root, told.desks["statements"]).desk_key(DESK) == (2, digest)


def test_a_reporter_is_told_and_nothing_of_his_is_sent_nor_lost(told: Told, phone: Page) -> None:
    true = told.key["proof"]
    told.key["proof"] = None
    posted: list[str] = []
    phone.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    walk(phone)
    proceed(phone)
    said = phone.locator(".sending")
    expect(said.get_by_role("alert")).to_contain_text("belum terbukti terbit di catatan umum")
    expect(said.get_by_role("button")).to_have_text(["Coba lagi"])
    expect(said.get_by_text("lewat server")).to_have_count(0)
    assert posted == []
    assert phone.locator("#text").input_value() != ""
    # A key that was new a moment ago is published, and the same words are sent.
    told.key["proof"] = true
    said.get_by_role("button").click()
    assert len(phrase_shown(phone)) == 8
    assert [url.partition("/api/")[2] for url in posted] == ["v1/complaints"]
