"""The browser's directory answers for vouched keys and nothing else. (Its verdicts: the vectors.)"""

import os
from typing import Any

import pytest
from playwright.sync_api import Page

from kernel.directory.directory import Directory
from kernel.vault import Identity
from tests.vectors.directories import ID, KEY, PROVINCE, desk, epoch, key_of, officer

KEM = Identity.from_seed(os.urandom(32)).recipient
OTHER = Identity.from_seed(os.urandom(32)).recipient
TREE = [*PROVINCE.values(), epoch("33.08", 2, kem=KEM.digest)]


def asked(page: Page, bodies: list[str], kem: bytes = KEM.raw) -> Any:
    """Judge the statements in the browser and ask for everything a page asks for."""
    given: dict[str, Any] = {"root": KEY["root"].public.hex(), "bodies": bodies, "kem": kem.hex()}
    given |= {"officer": ID["lead08"], "desk": "33.08"}
    script = "async (given) => (await import('/tests/browser/vault.js')).vouched(given)"
    return page.evaluate(script, given)


def test_whoever_is_vouched_for_is_told_with_his_keys(blank: Page) -> None:
    found = asked(blank, TREE)
    assert found["officer"]["role"] == "lead" and found["officer"]["desk"] == "33.08"
    assert found["officer"]["sign"] == key_of("lead08").public.hex()
    assert found["desk"] == {"epoch": "2", "kemDigest": KEM.digest}
    assert found["recipient"] == KEM.digest
    assert set(found["officers"]) == {ID["lead08"], ID["investigator08"], ID["reviewer08"]}
    assert found["children"] == ["33.08", "33.71"]
    assert dict(found["remits"]) == {"33": "province", "33.08": "33.08", "33.71": "33.71", "luar": "outside"}


@pytest.mark.parametrize(
    ("bodies", "unanswered"),
    [
        ([], {"officer": "unknown", "desk": "unknown", "recovery": "unknown", "recipient": "unknown"}),
        ([*TREE, officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")], {"officer": "revoked"}),
        ([*TREE, epoch("33.08", 3, by="administrator")], {"desk": "issuer", "recipient": "issuer"}),
        ([*TREE, epoch("33.08", 3, key="administrator")], {"desk": "signature", "recipient": "signature"}),
    ],
)
def test_whatever_is_not_vouched_for_is_refused_with_the_reason(
    blank: Page, bodies: list[str], unanswered: dict[str, str]
) -> None:
    found = asked(blank, bodies)
    assert {name: found[name] for name in unanswered} == {
        name: {"NotVouched": reason} for name, reason in unanswered.items()
    }


def test_a_key_sent_beside_the_statement_of_another_is_refused(blank: Page) -> None:
    assert asked(blank, TREE, kem=OTHER.raw)["recipient"] == {"NotVouched": "key"}


RENEWED = officer("lead08", "33.08", "lead", by="lead33", version=2, holds="rotated")
REVOKED = officer("lead08", "33.08", "lead", by="lead33", version=2, holds="rotated", status="revoked")
RIVAL = officer("stranger", "33.08", "lead", by="leadluar")


@pytest.mark.parametrize(
    ("name", "more", "held"),
    [
        ("lead08", [RENEWED], ["lead08", "rotated"]),
        ("lead08", [REVOKED], ["lead08"]),
        ("stranger", [RIVAL, desk("33.08", version=2, parent="luar")], ["stranger"]),
        ("stranger", [RIVAL, desk("33.08", version=2, parent="luar", key="lead33")], []),
        ("stranger", [RIVAL, desk("33.08", version=2, parent="luar", by="lead33", key="root")], []),
    ],
    ids=["renewed", "named by a revocation", "after a new parent", "after a forged parent", "after another's parent"],
)
def test_only_keys_that_were_rightly_held_count_for_old_events(
    blank: Page, name: str, more: list[str], held: list[str]
) -> None:
    given = {"root": KEY["root"].public.hex(), "bodies": [*PROVINCE.values(), *more], "officer": ID[name]}
    script = "async (given) => (await import('/tests/browser/vault.js')).everHeld(given)"
    expected = {key_of(each).public for each in held}
    assert {bytes.fromhex(key) for key in blank.evaluate(script, given)} == expected
    assert Directory(KEY["root"].public, given["bodies"]).signing_keys(ID[name]) == expected


ENDED = officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")
FORGED = officer("lead08", "33.08", "lead", by="lead33", key="stranger", version=2, status="revoked")
AGAIN = officer("lead08", "33.08", "lead", by="lead33", version=3, holds="rotated")
# What nobody signed comes last, with keys that are nobody's: it is these that the revocation then names.
JUNK = officer("lead08", "33.08", "lead", by="lead33", key="stranger", version=2, holds="stranger")
JUNK_ENDED = officer("lead08", "33.08", "lead", by="lead33", version=3, holds="stranger", status="revoked")


@pytest.mark.parametrize(
    ("more", "revoked"),
    [
        ([], set()),
        ([RENEWED], set()),
        ([ENDED], {"lead08"}),
        ([REVOKED], {"lead08", "rotated"}),
        ([JUNK, JUNK_ENDED], {"lead08"}),
        ([ENDED, AGAIN], {"lead08"}),
        ([ENDED, officer("lead33", "33", "lead", version=2, status="revoked")], {"lead08"}),
        ([FORGED], {"lead08"}),
    ],
    ids=[
        "honest", "renewed", "revoked", "by the next ones", "by another key, after a forged one", "others since",
        "by one who counts no more", "by nobody",
    ],  # fmt: skip
)
def test_whatever_was_said_to_count_no_more_is_remembered_as_such(
    blank: Page, more: list[str], revoked: set[str]
) -> None:
    keys = {name: key_of(name).public for name in ("lead08", "rotated")}
    given = {"root": KEY["root"].public.hex(), "bodies": [*PROVINCE.values(), *more], "officer": ID["lead08"]}
    given |= {"keys": {name: key.hex() for name, key in keys.items()}}
    script = "async (given) => (await import('/tests/browser/vault.js')).everRevoked(given)"
    directory = Directory(KEY["root"].public, given["bodies"])
    assert set(blank.evaluate(script, given)) == revoked
    assert {name for name, key in keys.items() if directory.was_revoked(ID["lead08"], key)} == revoked
    assert not any(directory.was_revoked(ID["lead33"], key) for key in keys.values())
