"""An older database is brought back to what was published; what is lost is stated, and happens anew without a fraud."""

import secrets
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.vault import keys_of
from ledger import publishing, verify
from ledger.body import read_event
from ledger.entries import entry_of
from ledger.integrating import BATCH, tiles_in
from ledger.public import Kind, kind_of, read_refill, refilled_body
from ledger.publishing import NotPublished, publish, tend
from ledger.tiles import Tile, nodes_in, tiles_of
from ledger.tree import root_of
from tests import client
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.test_integrating import await_entries, some, waiting
from tests.ledger.test_publishing import log_here, newest, public_rows, publish_more, served
from tests.ledger.test_verify import told_by
from tests.province import Province


def test_an_older_database_gets_back_what_it_lacks_from_whoever_mirrors_the_log(
    province: Province, tmp_path: Path
) -> None:
    mirror, older = tmp_path / "mirror", tmp_path / "older"
    mirrored(province, older)
    publishing.announce()
    publish_more(300)
    mirrored(province, mirror)
    go_back_to_the_first_batch()
    with pytest.raises(NotPublished, match="ledger refill"):
        publish()
    run = province.app.test_cli_runner().invoke
    forged = shutil.copytree(mirror, tmp_path / "forged")
    bundle = forged / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes()[:-64] + bytes(64))
    for wrong, why in ((older, "Nothing is lacking"), (forged, "do not continue"), (tmp_path, "no checkpoint")):
        refused = run(args=["ledger", "refill", str(wrong)])
        assert refused.exit_code == 1 and why in refused.output
    assert run(args=["ledger", "refill", str(mirror)]).exit_code == 0
    publish()
    assert newest(province, log_here(province).verifier).size == 6 * BATCH
    told = run(args=["ledger", "verify", str(mirror / "checkpoint"), str(older / "checkpoint")])
    assert told.exit_code == 0, told.output


def test_behind_a_head_that_is_refused_nothing_is_put(province: Province, tmp_path: Path) -> None:
    """Else what an older database lacks could not be had back: its place would be taken."""
    publish_more(300)
    mirrored(province, tmp_path)
    go_back_to_the_first_batch()
    await_entries(*some(1))
    with pytest.raises(NotPublished, match="ledger refill"):
        tend()
    assert province.app.test_cli_runner().invoke(args=["ledger", "refill", str(tmp_path)]).exit_code == 0
    tend()
    assert newest(province, log_here(province).verifier).size > 6 * BATCH


def test_a_body_that_is_not_the_entrys_is_not_taken_from_a_mirror(province: Province, tmp_path: Path) -> None:
    publishing.announce()
    publish_more(1)
    mirrored(province, tmp_path)
    release = next(row for row in public_rows() if row.kind == "release")
    (tmp_path / "public" / release.entry[32:].hex()).write_text("another\n")
    go_back_to_the_first_batch()
    run = province.app.test_cli_runner().invoke
    assert run(args=["ledger", "refill", str(tmp_path)]).exit_code == 0
    assert "release" not in {row.kind for row in public_rows()}
    assert "says that it is public, and its body is not here" in run(args=["ledger", "verify"]).output


def test_what_waits_here_and_was_published_waits_no_longer_after_a_refill(province: Province, tmp_path: Path) -> None:
    publishing.announce()
    publish_more(1)
    mirrored(province, tmp_path)
    go_back_to_the_first_batch()
    publishing.announce()
    assert province.app.test_cli_runner().invoke(args=["ledger", "refill", str(tmp_path)]).exit_code == 0
    assert [kind_of(entry) for entry in waiting()] == [Kind.REFILLED]


def test_an_event_that_happens_anew_after_it_was_lost_is_no_fraud_and_any_other_is(
    province: Province, tmp_path: Path
) -> None:
    """That it was lost is stated by an entry of its own, for everybody: strangers' file and ours read it."""
    visitor, keys = province.visitor(), keys_of(secrets.token_bytes(32))
    posted = client.envelope(province.answers, keys, province.installation(), visitor.ask)
    client.asked(visitor.ask, "/api/v1/complaints", posted)
    key, case = keys.ledger_key, read_event(posted["body"]).case
    await_entries(entry_of(key, 2, "lost"))
    publish_more(1)
    mirrored(province, tmp_path)
    go_back_to_the_first_batch()
    assert province.app.test_cli_runner().invoke(args=["ledger", "refill", str(tmp_path)]).exit_code == 0
    vkey = served(province, "vkey").text.strip()

    def told(*known: object, after: str) -> tuple[str, str]:
        if after:
            await_entries(entry_of(key, 2, after))
        publish_more(0)
        mirrored(province, tmp_path)
        ours = province.app.test_cli_runner().invoke(args=["ledger", "verify"])
        return told_by("log", tmp_path, "--vkey", vkey, *known)[1], ours.output

    publish_more(0)
    ours = province.app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (ours.exit_code, case in ours.output) == (0, False), ours.output
    theirs, ours_then = told(after="anew")
    # To a stranger a loss is what somebody says who may have rewritten history: he must have known of it.
    assert theirs.startswith("WRONG: ") and "have one tag" in theirs
    known = theirs.partition("--refilled ")[2].partition(".")[0]
    theirs, ours_then = told("--refilled", known, after="")
    assert "all but these was lost" in theirs and "no tag stands twice but where an entry says why" in theirs
    assert "have one tag" not in ours_then
    theirs, ours_then = told("--refilled", known, after="once more")
    assert theirs.startswith("WRONG: ") and "have one tag: of one event two histories" in theirs
    assert "have one tag" in ours_then


@pytest.mark.parametrize(
    ("first", "second", "explained"),
    [(64, 192, True), (127, 300, True), (63, 192, False), (128, 192, False), (64, 127, False), (64, 128, True)],
)
def test_a_loss_explains_what_it_names_and_what_came_after(first: int, second: int, explained: bool) -> None:
    found = read_refill(130, refilled_body(date(2026, 11, 26), 64, 128))
    assert found and found.explains(first, second) is explained
    assert verify.Refill(130, "2026-11-26", 64, 128).explains(first, second) is explained
    # Nobody excuses beforehand what is not in the log yet.
    for early in (read_refill(127, refilled_body(date(2026, 11, 26), 64, 128)), verify.Refill(127, "", 64, 128)):
        assert early and not early.explains(first, second)


def mirrored(province: Province, folder: Path) -> None:
    """Keep what is served now, as anybody may."""
    size = newest(province, log_here(province).verifier).size
    bundles = [Tile(None, tile.index, tile.width).path for tile in tiles_of(size) if tile.level == 0]
    for path in ("checkpoint", *bundles, *(f"public/{row.entry[32:].hex()}" for row in public_rows())):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(served(province, path).data)


def go_back_to_the_first_batch() -> None:
    """Have the database as a backup of then would have it."""
    db.session.remove()
    with Session(db.engine) as session:
        root = root_of(nodes_in(tiles_in(session), BATCH), BATCH)
    tables = ("log_leaf", "log_tile", "log_head", "log_checkpoint", "log_public")
    as_owner(
        # What is stated afterwards is to be entered as ever.
        *(drop for table in tables for drop in unguarded(f"UPDATE {table} ") if "log_public_enter" not in drop),
        f"DELETE FROM log_leaf WHERE idx >= {BATCH}", "DELETE FROM log_tile WHERE level > 0 OR number > 0",
        f"UPDATE log_tile SET content = substr(content, 1, {32 * BATCH})",
        "DELETE FROM log_public WHERE kind <> 'statement'", f"DELETE FROM log_checkpoint WHERE size > {BATCH}",
        f"UPDATE log_head SET size = {BATCH}, root = :root", root=root,
    )  # fmt: skip
