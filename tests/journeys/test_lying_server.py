"""A server that lies about whose keys count: the phone seals nothing for it, sends nothing, offers no other path."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kernel.directory import statements
from kernel.directory.statements import ROOT, Statement
from kernel.vault import Identity, SigningKey, bodies
from ledger.checkpoints import read_checkpoint, sign_checkpoint
from ledger.notes import Verifier, read_note
from tests.journeys import reporting
from tests.journeys.steps import STEPS, begin, proceed
from tests.journeys.whole import DESK
from tests.journeys.wire import Fault, Sent, Wire
from tests.places import HERE
from tests.server import Installation

Json = dict[str, Any]
# What whoever runs the server can make for himself: a desk's key, and a key to sign with.
HIS = Identity.from_seed(b"\7" * 32).recipient
HIS_KEY = SigningKey.from_seed(b"\7" * 32)
SOMEBODY = "f" * 32
# Before every desk of the province.
FIRST = "0"


@dataclass
class Told:
    """What a server says: its list of desks with all statements, and the key of the desk that should read."""

    desks: Json
    key: Json

    def the(self, kind: str, subject: str) -> str:
        """Return the body of a statement."""
        wanted = f"\nkind {kind}\nsubject {subject}\n"
        return str(next(body for body in self.desks["statements"] if wanted in body))

    def replace(self, body: str, other: str) -> None:
        """Tell another body in the place of this one."""
        self.desks["statements"] = [other if each == body else each for each in self.desks["statements"]]

    def add(self, *others: Statement) -> None:
        """Tell more statements, signed with the only key that the server has."""
        self.desks["statements"] += [statements.sign(other, HIS_KEY) for other in others]


def changed(told: Told, kind: str, subject: str, **values: Any) -> None:
    """Change a statement and sign it with the server's own key."""
    body = told.the(kind, subject)
    told.replace(body, statements.sign(replace(statements.parse(body), **values), HIS_KEY))


def another_key_alone(told: Told) -> None:
    """The statements are true, only the key that comes with them is the server's."""
    told.key["kem"] = base64.b64encode(HIS.raw).decode()


def another_key_in_a_signed_statement(told: Told) -> None:
    another_key_alone(told)
    body = told.the("epoch", DESK)
    told.replace(body, body.replace(statements.parse(body).kem or "", HIS.digest))


def another_key_signed_anew(told: Told) -> None:
    another_key_alone(told)
    changed(told, "epoch", DESK, kem=HIS.digest)


def another_key_signed_by_the_root_he_says(told: Told) -> None:
    """The server names a root of its own; the phone knows another."""
    another_key_alone(told)
    told.desks["root"] = HIS_KEY.public.hex()
    changed(told, "epoch", DESK, kem=HIS.digest, issuer=ROOT)


def another_key_without_a_signature(told: Told) -> None:
    another_key_alone(told)
    body = told.the("epoch", DESK)
    unsigned = statements.write(replace(statements.parse(body), kem=HIS.digest))
    told.replace(body, f"{unsigned}signature -\n")


def a_newer_key(told: Told) -> None:
    another_key_alone(told)
    told.key["epoch"] = 2
    epoch = statements.parse(told.the("epoch", DESK))
    told.add(replace(epoch, version=2, kem=HIS.digest))


def a_newer_key_by_a_lead_of_his_own(told: Told) -> None:
    another_key_alone(told)
    told.key["epoch"] = 2
    epoch = statements.parse(told.the("epoch", DESK))
    lead = Statement(
        kind="officer", subject=SOMEBODY, version=1, status="active", desk=DESK, parent=None, remit="lead",
        kem=HIS.digest, sign=HIS_KEY.public.hex(), issued=date(2026, 11, 2), issuer=f"officer:{SOMEBODY}",
    )  # fmt: skip
    told.add(lead, replace(epoch, version=2, kem=HIS.digest, issuer=f"officer:{SOMEBODY}"))


def another_desk_above(told: Told) -> None:
    """The desk hangs elsewhere in the tree, where somebody else would open what it reads."""
    body = told.the("desk", DESK)
    told.replace(body, body.replace(f"\nparent {HERE.top}\n", f"\nparent {HERE.outside}\n"))


def another_desk_above_signed_anew(told: Told) -> None:
    changed(told, "desk", DESK, parent=HERE.outside)


def another_desk_above_in_a_newer_statement(told: Told) -> None:
    desk = statements.parse(told.the("desk", DESK))
    told.add(replace(desk, version=2, parent=HERE.outside))


def another_desk_for_the_region(told: Told) -> None:
    """A desk of the server's own, which comes first where two read a region's complaints."""
    desk, epoch = (statements.parse(told.the(kind, DESK)) for kind in ("desk", "epoch"))
    told.add(replace(desk, subject=FIRST), replace(epoch, subject=FIRST, kem=HIS.digest, issuer=ROOT))
    listed = next(each for each in told.desks["desks"] if each["id"] == DESK)
    told.desks["desks"].append(listed | {"id": FIRST})


def no_statement_on_the_desk(told: Told) -> None:
    """What would have been for this desk should go past it."""
    told.desks["statements"].remove(told.the("desk", DESK))


LIES: list[Callable[[Told], None]] = [
    another_key_alone, another_key_in_a_signed_statement, another_key_signed_anew,
    another_key_signed_by_the_root_he_says, another_key_without_a_signature, a_newer_key,
    a_newer_key_by_a_lead_of_his_own, another_desk_above, another_desk_above_signed_anew,
    another_desk_above_in_a_newer_statement, another_desk_for_the_region, no_statement_on_the_desk,
]  # fmt: skip


def a_key_without_a_proof(told: Told) -> None:
    """The key is true, and whether anybody else was ever shown it nobody can tell."""
    told.key["proof"] = None


def a_key_in_a_log_of_his_own(told: Told) -> None:
    """The same tree, signed by the server's own key as another log's."""
    his = Verifier("kentongan/his", HIS_KEY.public)
    head, _apart, note = str(told.key["proof"]).partition("\n\n")
    checkpoint = read_checkpoint(read_note(note).text)
    told.key["proof"] = f"{head}\n\n{sign_checkpoint(replace(checkpoint, origin=his.name), HIS_KEY)}"
    told.key["log"] = {"vkey": his.vkey, "policy": f"log {his.vkey}\nquorum none\n"}


UNPUBLISHED: list[Callable[[Told], None]] = [a_key_without_a_proof, a_key_in_a_log_of_his_own]
NOT_VOUCHED, NOT_PUBLISHED = "tidak bisa dipastikan asli", "belum terbukti terbit di catatan umum"


def _asked(url: str) -> Json:
    with urlopen(url) as answer:
        return dict(json.load(answer))


@pytest.fixture
def told(installation: Installation) -> Told:
    """What the true server says."""
    desks = f"{installation.url}/api/v1/desks"
    return Told(_asked(desks), _asked(f"{desks}/{DESK}/key"))


@pytest.fixture
def sent(wire: Wire, told: Told) -> Iterator[list[Sent]]:
    """What a phone sends to a server that says what was ``told``; the lie is told before it is asked."""

    def answer(path: str) -> Fault | None:
        said = {"/api/v1/desks": told.desks, f"/api/v1/desks/{DESK}/key": told.key}.get(path)
        return Fault("a lie", 200, "application/json", json.dumps(said).encode()) if said else None

    with wire.meddled_with(answer), wire.recorded() as log:
        yield log


def ready_to_send(page: Page) -> None:
    """Answer everything, up to the check."""
    begin(page)
    for _step in range(1, STEPS):
        reporting.fill_in(page, reporting.ANSWERS)
        proceed(page)


@pytest.mark.parametrize(
    ("lie", "why"), [*((lie, NOT_VOUCHED) for lie in LIES), *((lie, NOT_PUBLISHED) for lie in UNPUBLISHED)]
)
def test_a_lie_about_keys_ends_it(
    connected: BrowserContext, told: Told, sent: list[Sent], lie: Callable[[Told], None], why: str
) -> None:
    lie(told)
    page = connected.new_page()
    ready_to_send(page)
    proceed(page)
    said = page.locator(".sending")
    expect(said.get_by_role("alert")).to_contain_text(f"{why}, jadi laporan tidak dikirim")
    expect(said.get_by_role("button")).to_have_text(["Coba lagi"])
    expect(said.get_by_text("lewat server")).to_have_count(0)
    assert [each.path for each in sent if each.method == "POST"] == []
    assert page.locator("#text").input_value() == reporting.ANSWERS["text"]


def test_the_truth_told_the_same_way_is_believed(connected: BrowserContext, sent: list[Sent]) -> None:
    assert len(reporting.lodge_in_steps(connected.new_page()).split()) == 8
    assert [each.path for each in sent if each.method == "POST"] == ["/api/v1/complaints"]


def test_what_is_told_truly_is_signed(told: Told, installation: Installation) -> None:
    """The lies above are lies about something: each statement as the true server tells it is rightly signed."""
    root = bytes.fromhex((installation.instance / "root.pub").read_text().strip())
    desk = told.the("desk", DESK)
    assert bodies.signed_by(desk, root)
    assert statements.parse(desk).parent == HERE.top
