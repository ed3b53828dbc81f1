"""Statements and public keys in the database: only what a reader would count gets in."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from kernel.config import Settings, read_settings
from kernel.database import transaction
from kernel.directory.directory import NotVouched, Reason
from kernel.directory.models import PublicKey
from kernel.directory.queries import bodies_for_sealing, current_directory, directory_in, kem_of, statement_bodies
from kernel.directory.services import StatementRefused, VersionTaken, add_statement, keep_public_key
from kernel.i18n import init_i18n
from kernel.vault import Identity
from tests.database import Database
from tests.vectors import directories as world
from tests.vectors.inputs import drawn

ROOT = world.key_of("root").public
INVESTIGATOR = world.ID["investigator08"]
RECIPIENT = Identity.from_seed(drawn("a recipient's seed")).recipient


def settings(instance: Path, root: bytes | None) -> Settings:
    """Return the settings of an installation before or after its ceremony."""
    instance.mkdir(mode=0o700)
    if root:
        (instance / "root.pub").write_text(root.hex())
    return read_settings({"KENTONGAN_INSTANCE": str(instance)})


@pytest.fixture(autouse=True)
def request_context(app: Flask, tmp_path: Path) -> Iterator[None]:
    """Give the app its settings and its language."""
    init_i18n(app)
    app.extensions["kentongan.settings"] = settings(tmp_path / "instance", ROOT)
    with app.test_request_context():
        yield


def add(*bodies: str) -> None:
    """Add statements, each in a transaction of its own."""
    for body in bodies:
        with transaction() as session:
            add_statement(session, ROOT, body)


def test_an_honest_province_is_kept_and_read_again() -> None:
    add(*world.PROVINCE.values())
    assert statement_bodies() == list(world.PROVINCE.values())
    assert current_directory().officer(INVESTIGATOR).desk == "33.08"
    with transaction() as session:
        assert directory_in(session) is current_directory()


def test_a_statement_counts_from_the_transaction_that_adds_it() -> None:
    add(*world.PROVINCE.values())
    assert current_directory().desk_key("33.08")[0] == 1
    with transaction() as session:
        add_statement(session, ROOT, world.epoch("33.08", 2, by="lead08"))
        assert directory_in(session).desk_key("33.08")[0] == 2


def test_before_the_ceremony_nobody_is_vouched_for(app: Flask, tmp_path: Path) -> None:
    add(*world.PROVINCE.values())
    app.extensions["kentongan.settings"] = settings(tmp_path / "another", None)
    assert current_directory().desks() == {}


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_is_not_the_next_is_refused(version: int) -> None:
    add(*world.PROVINCE.values())
    with pytest.raises(VersionTaken):
        add(world.officer("investigator08", "33.08", "reviewer", by="lead08", version=version))


def test_a_first_version_is_version_1() -> None:
    with pytest.raises(VersionTaken):
        add(world.desk("33", version=2))


@pytest.mark.parametrize(
    "body",
    [
        world.officer("stranger", "33.08", "reviewer", by="administrator"),
        world.officer("stranger", "33.08", "reviewer", by="lead08", key="stranger"),
        world.officer("stranger", "33.71", "reviewer", by="lead08"),
        world.desk("33.08", version=2, parent="luar", by="lead33"),
        world.officer("investigator08", "33.08", "investigator", by="stranger", version=2, status="revoked"),
        "statement",
        world.PROVINCE["lead08"] + "\n",
    ],
)
def test_what_no_reader_would_count_is_refused_and_voids_nobody(body: str) -> None:
    add(*world.PROVINCE.values())
    with pytest.raises(StatementRefused):
        add(body)
    assert statement_bodies() == list(world.PROVINCE.values())
    assert current_directory().officer(INVESTIGATOR).desk == "33.08"


def test_a_revocation_by_the_lead_is_kept() -> None:
    add(*world.PROVINCE.values())
    add(world.officer("investigator08", "33.08", "investigator", by="lead08", version=2, status="revoked"))
    assert current_directory().reason("officer", INVESTIGATOR) is Reason.REVOKED


def test_of_two_who_state_one_version_at_once_one_is_told_that_he_came_second(app: Flask, database: Database) -> None:
    add(*world.PROVINCE.values())
    first, second = (world.epoch("33.08", 2, by="lead08", kem=drawn(name).hex()) for name in ("first", "second"))
    judged, told = Event(), list[str]()

    def state(body: str) -> None:
        with app.test_request_context():
            try:
                add(body)
                told.append("kept")
            except VersionTaken:
                told.append("second")

    rival = Thread(target=state, args=(second,))
    with transaction() as session:
        add_statement(session, ROOT, first)
        event.listen(Session, "before_flush", lambda *_: judged.set(), once=True)
        rival.start()
        # SQLite lets the rival begin only afterwards; on PostgreSQL he has judged his own to be the next by now.
        assert judged.wait(30) if database.kind == "postgresql" else not judged.is_set()
    rival.join()
    assert told == ["second"]
    assert statement_bodies()[-1] == first


def test_a_public_key_is_kept_once_and_found_by_its_digest() -> None:
    for _ in range(2):
        with transaction() as session:
            keep_public_key(session, RECIPIENT)
    assert kem_of(RECIPIENT.digest) == RECIPIENT


def test_a_public_key_that_was_swapped_or_is_missing_is_not_vouched_for() -> None:
    other = Identity.from_seed(drawn("another seed")).recipient
    with transaction() as session:
        keep_public_key(session, RECIPIENT)
    with transaction() as session:
        session.execute(update(PublicKey).values(raw=other.raw))
    for digest in (RECIPIENT.digest, other.digest):
        with pytest.raises(NotVouched) as refused:
            kem_of(digest)
        assert refused.value.reason is Reason.KEY


def test_a_reporter_is_sent_the_tree_the_keys_and_the_leads_and_nobody_else() -> None:
    add(*world.PROVINCE.values())
    others = {"investigator08", "reviewer08"}
    assert bodies_for_sealing() == [body for name, body in world.PROVINCE.items() if name not in others]


def test_a_reporter_is_told_that_a_lead_leads_no_more() -> None:
    reviewer = world.officer("lead08", "33.08", "reviewer", version=2)
    add(*world.PROVINCE.values(), reviewer)
    assert reviewer in bodies_for_sealing()
