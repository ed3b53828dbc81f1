"""What a reader of statements believes, and what nobody can make him believe. (Every attack is also a vector.)"""

import pytest

from kernel.directory.directory import Directory, NotVouched, Reason, vouched_recipient
from kernel.vault import Identity, Unreadable
from tests.vectors import directories as world
from tests.vectors.inputs import drawn

ROOT = world.key_of("root").public
HELD = world.key_of("investigator08").public
INVESTIGATOR, STRANGER = world.ID["investigator08"], world.ID["stranger"]


def province(*more: str, **pins: int) -> Directory:
    """Return an honest province with ``more`` statements."""
    return Directory(ROOT, [*world.PROVINCE.values(), *more], pins)


def renewed(holds: str, version: int = 2, **given: str) -> str:
    """Return a next statement of the investigator, with other keys, by his lead."""
    given = {"by": "lead08"} | given
    return world.officer("investigator08", "33.08", "investigator", holds=holds, version=version, **given)


def assert_not_vouched(directory: Directory, officer: str, reason: Reason) -> None:
    """Assert that neither the officer's keys nor his name in his desk's list are to be had, and why."""
    with pytest.raises(NotVouched) as refused:
        directory.officer(officer)
    assert refused.value.reason is reason
    assert officer not in {vouched.id for desk in ("33", "33.08", "33.71") for vouched in directory.officers(desk)}


def test_an_officer_of_an_honest_province_is_vouched_for() -> None:
    officer = province().officer(INVESTIGATOR)
    assert (officer.id, officer.desk, officer.role) == (INVESTIGATOR, "33.08", "investigator")
    assert officer.sign == HELD
    assert officer.kem_digest == drawn("the seal key of investigator08").hex()
    found = {vouched.id for vouched in province().officers("33.08")}
    assert found == {INVESTIGATOR, world.ID["lead08"], world.ID["reviewer08"]}


def test_the_tree_of_desks() -> None:
    directory = province()
    assert directory.children("33") == ["33.08", "33.71"]
    assert directory.children("33.08") == []
    assert directory.desks()["33.08"].parent == "33"
    assert directory.remits() == {"33": "province", "33.08": "33.08", "33.71": "33.71", "luar": "outside"}
    assert directory.open_desks() == ["33", "33.08"]


def test_desk_and_recovery_keys() -> None:
    directory = province(world.epoch("33.08", 2, by="lead08"))
    assert directory.desk_key("33.08") == (2, drawn("the key of 33.08, 2").hex())
    assert directory.recovery_digest == drawn("the recovery key").hex()
    with pytest.raises(NotVouched) as refused:
        directory.desk_key("33.71")
    assert refused.value.reason is Reason.UNKNOWN


def test_a_key_that_no_chain_vouches_for_is_refused() -> None:
    assert_not_vouched(province(), STRANGER, Reason.UNKNOWN)
    by_nobody = world.officer("stranger", "33.08", "reviewer", by="administrator")
    assert_not_vouched(province(by_nobody), STRANGER, Reason.ISSUER)


def test_an_officers_key_swapped_by_the_administrator_is_refused() -> None:
    for issuer in ("administrator", "lead08", "root"):
        swapped = renewed("swapped", by=issuer, key="administrator")
        reason = Reason.ISSUER if issuer == "administrator" else Reason.SIGNATURE
        assert_not_vouched(province(swapped), INVESTIGATOR, reason)


def test_a_swapped_public_key_is_refused_where_its_statement_stands() -> None:
    own, swapped = (Identity.from_seed(drawn(name)).recipient for name in ("own seed", "swapped seed"))
    assert vouched_recipient(own.raw, own.digest) == own
    with pytest.raises(NotVouched) as refused:
        vouched_recipient(swapped.raw, own.digest)
    assert refused.value.reason is Reason.KEY
    with pytest.raises(Unreadable):
        vouched_recipient(own.raw[:-1], own.digest)


def test_a_revoked_officer_is_refused() -> None:
    revoked = renewed("investigator08", status="revoked")
    assert_not_vouched(province(revoked), INVESTIGATOR, Reason.REVOKED)


def test_what_a_revoked_lead_vouched_for_is_refused() -> None:
    revoked = world.officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")
    directory = province(revoked)
    assert_not_vouched(directory, INVESTIGATOR, Reason.ISSUER)
    assert directory.open_desks() == ["33"]


def test_an_older_statement_is_refused_by_a_reader_who_has_seen_a_newer_one() -> None:
    newer = renewed("newer")
    pins = province(newer).pins()
    assert_not_vouched(province(**pins), INVESTIGATOR, Reason.OLDER)
    assert province(newer, **pins).officer(INVESTIGATOR).sign == world.key_of("newer").public


def test_pins_outlive_a_reader_who_is_shown_less() -> None:
    newer = renewed("investigator08", status="revoked")
    pins = province(newer).pins()
    assert province(**pins).pins() == pins
    assert Directory(ROOT, [], pins).pins() == pins


def test_a_version_that_nobody_may_have_issued_is_not_remembered() -> None:
    junk = renewed("junk", 2**64 - 1, key="stranger")
    pins = province(junk).pins()
    assert f"officer/{INVESTIGATOR}" not in pins
    assert province(**pins).officer(INVESTIGATOR).id == INVESTIGATOR


def test_a_re_parented_desk_is_refused_with_everyone_in_it() -> None:
    for issuer, key in (("lead33", "lead33"), ("root", "lead33")):
        directory = province(world.desk("33.08", version=2, parent="luar", by=issuer, key=key))
        assert "33.08" not in directory.desks()
        assert "33.08" not in directory.children("luar")
        assert_not_vouched(directory, INVESTIGATOR, Reason.DESK)
        with pytest.raises(NotVouched):
            directory.desk_key("33.08")


def test_old_events_are_checked_with_every_key_their_signer_rightly_held() -> None:
    forgers = [("lead08", "stranger"), ("root", "lead08"), ("reviewer08", "reviewer08"), ("lead71", "lead71")]
    forged = [renewed(f"forged {by}", version, by=by, key=key) for version, (by, key) in enumerate(forgers, start=4)]
    directory = province(renewed("rotated"), renewed("rotated", 3, status="revoked"), *forged)
    assert directory.signing_keys(INVESTIGATOR) == {HELD, world.key_of("rotated").public}
    assert directory.signing_keys(STRANGER) == frozenset()


@pytest.mark.parametrize(("by", "key"), [("root", "leadluar"), ("leadluar", "leadluar"), ("lead33", "root")])
def test_a_desk_that_the_root_never_moved_gives_other_leads_no_say_over_old_events(by: str, key: str) -> None:
    moved = world.desk("33.08", version=2, parent="luar", by=by, key=key)
    directory = province(moved, world.officer("stranger", "33.08", "lead", by="leadluar"))
    assert directory.signing_keys(STRANGER) == frozenset()


def test_a_key_first_named_in_a_revocation_was_never_held() -> None:
    assert province(renewed("new", status="revoked")).signing_keys(INVESTIGATOR) == {HELD}


def test_what_a_lead_signed_with_a_former_key_still_counts_for_old_events() -> None:
    directory = province(world.officer("lead08", "33.08", "lead", holds="renewed", by="lead33", version=2))
    assert_not_vouched(directory, INVESTIGATOR, Reason.SIGNATURE)
    assert directory.signing_keys(INVESTIGATOR) == {HELD}
