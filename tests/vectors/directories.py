"""Sets of statements, honest and attacked, and what a reader must make of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kernel.directory.claims import claims_by_subject
from kernel.directory.directory import Directory, NotVouched
from kernel.directory.statements import Statement, sign
from kernel.vault import SigningKey
from tests.vectors.inputs import drawn

Vectors = list[dict[str, Any]]
DAY, NEXT_DAY = date(2026, 11, 24), date(2026, 11, 25)
LARGEST = 2**64 - 1
PEOPLE = ("lead33", "lead08", "lead71", "investigator08", "reviewer08", "leadluar", "administrator", "stranger")
ID = {name: drawn(f"the officer {name}", 16).hex() for name in PEOPLE}
KEY = {name: SigningKey.from_seed(drawn(f"the signing key of {name}")) for name in ("root", "other root", *PEOPLE)}


def key_of(name: str) -> SigningKey:
    """Return the key somebody signs with; a name of our own stands for a key nobody vouched for."""
    return KEY.get(name) or SigningKey.from_seed(drawn(f"the signing key of {name}"))


def statement(kind: str, subject: str, *, by: str = "root", key: str | None = None, **given: Any) -> str:
    """Return a signed body. ``by`` is whom it names as its issuer, ``key`` who in truth signed it."""
    usual: dict[str, Any] = {"version": 1, "status": "active", "desk": None, "parent": None, "remit": None}
    usual |= {"kem": None, "sign": None, "issued": DAY, "issuer": by if by == "root" else f"officer:{ID[by]}"}
    return sign(Statement(kind, subject, **usual | given), key_of(key or by))


def desk(name: str, **given: Any) -> str:
    """Return a statement of a desk; all but the province's and the outside one stand below the province's."""
    remits = {"33": "province", "luar": "outside"}
    parent = None if name in remits else "33"
    return statement("desk", name, **{"parent": parent, "remit": remits.get(name, name)} | given)


def officer(name: str, at: str, role: str, *, holds: str | None = None, **given: Any) -> str:
    """Return a statement of an officer; ``holds`` names other keys than his own first ones."""
    keys = {"kem": drawn(f"the seal key of {holds or name}").hex(), "sign": key_of(holds or name).public.hex()}
    return statement("officer", ID[name], **{"desk": at, "remit": role} | keys | given)


def epoch(name: str, version: int = 1, **given: Any) -> str:
    """Return a statement of a desk's key."""
    return statement("epoch", name, version=version, **{"kem": drawn(f"the key of {name}, {version}").hex()} | given)


PROVINCE = {
    "33": desk("33"),
    "33.08": desk("33.08"),
    "33.71": desk("33.71"),
    "luar": desk("luar"),
    "recovery": statement("recovery", "recovery", kem=drawn("the recovery key").hex()),
    "lead33": officer("lead33", "33", "lead"),
    "lead08": officer("lead08", "33.08", "lead", by="lead33"),
    "lead71": officer("lead71", "33.71", "lead", by="lead33"),
    "leadluar": officer("leadluar", "luar", "lead"),
    "investigator08": officer("investigator08", "33.08", "investigator", by="lead08"),
    "reviewer08": officer("reviewer08", "33.08", "reviewer", by="lead08"),
    "epoch 33": epoch("33", by="lead33"),
    "epoch 33.08": epoch("33.08", by="lead08"),
}


def log_keys(which: str, version: int = 1, **given: Any) -> str:
    """Return a statement of the key by which the log signs, or by which it is promised."""
    holds = given.pop("holds", which)
    return statement(which, which, version=version, **{"sign": key_of(holds).public.hex()} | given)


INVESTIGATOR = f"officer/{ID['investigator08']}"


@dataclass(frozen=True)
class Scenario:
    """A province with ``more`` statements, some ``without``; or other bodies instead."""

    name: str
    more: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    pins: dict[str, int] = field(default_factory=dict)
    root: str = "root"

    def all(self) -> list[str]:
        """Return the bodies in the order in which the reader gets them."""
        kept = [body for name, body in PROVINCE.items() if name not in self.without]
        return list(self.bodies) or [*kept, *self.more]


def honest() -> Iterable[Scenario]:
    """Say what an honest province looks like, and how it changes rightly."""
    yield Scenario("a whole province")
    yield Scenario("nothing", bodies=("",))
    yield Scenario("in the opposite order", bodies=tuple(reversed(PROVINCE.values())))
    yield Scenario("everything twice", more=tuple(PROVINCE.values()))
    yield Scenario("pinned at the present versions", pins={INVESTIGATOR: 1, "desk/33.08": 1, "epoch/33.08": 1})
    rotated = officer("investigator08", "33.08", "investigator", holds="rotated", by="lead08", version=2)
    yield Scenario("an officer with new keys", more=(rotated,))
    yield Scenario("a desk with a second epoch", more=(epoch("33.08", 2, by="lead08"),))
    yield Scenario("an officer vouched for by the root", more=(officer("stranger", "33.08", "reviewer"),))
    revoked = officer("investigator08", "33.08", "investigator", by="lead08", version=2, status="revoked")
    yield Scenario("an officer revoked", more=(revoked,))
    yield Scenario("an officer revoked and taken back", more=(revoked, _third()))
    yield Scenario("a desk revoked", more=(desk("33.08", version=2, status="revoked"),))
    yield Scenario("a lead revoked, with all he vouched for", more=(_lead08(2, status="revoked"),))
    yield Scenario("a lead revoked, his officer kept by the root", more=(_lead08(2, status="revoked"), _kept_by_root()))
    yield Scenario("a lead who leads no more", more=(officer("lead08", "33.08", "reviewer", version=2),))
    yield Scenario("a lead with new keys: what he signed is signed anew", more=(_lead08(2, holds="rotated"),))
    yield Scenario("a desk re-parented by the root", more=(desk("33.08", version=2, parent="luar"),))
    away = _lead08(2, status="revoked")
    yield Scenario("revoked by a lead who counts no more", more=(revoked, away))
    heir = officer("stranger", "33.08", "lead", by="lead33")
    ended = officer("investigator08", "33.08", "investigator", by="stranger", version=2, status="revoked")
    yield Scenario("an officer who waits, revoked by his lead's heir", more=(away, heir, ended))
    yield Scenario("his lead back, the officer stays revoked", more=(away, heir, ended, _lead08(3)))
    skipped = officer("investigator08", "33.08", "reviewer", by="lead08", version=5)
    yield Scenario("a gap in the versions", more=(skipped,))
    log, promise = log_keys("log"), log_keys("promise")
    renewed = log_keys("promise", 2, holds="renewed", issued=NEXT_DAY)
    ended = log_keys("promise", 2, status="revoked", issued=NEXT_DAY)
    yield Scenario("the log's two keys", more=(log, promise))
    yield Scenario("another key for promises", more=(log, promise, renewed))
    yield Scenario("another key for the log", more=(log, log_keys("log", 2, holds="renewed")))
    yield Scenario("no key for promises any more", more=(promise, ended))
    yield Scenario("a key for promises again", more=(promise, ended, log_keys("promise", 3, holds="renewed")))


def _third() -> str:
    return officer("investigator08", "33.08", "investigator", holds="taken back", by="lead08", version=3)


def _lead08(version: int, **given: Any) -> str:
    return officer("lead08", "33.08", "lead", **{"by": "lead33", "version": version} | given)


def _kept_by_root() -> str:
    return officer("investigator08", "33.08", "investigator", version=2)


def forged() -> Iterable[Scenario]:
    """Say what an administrator, or anybody with the database, might put in or take out."""

    def swapped(**given: Any) -> str:
        return officer("investigator08", "33.08", "investigator", holds="swapped", **{"version": 2} | given)

    yield Scenario("an officer's key swapped, signed by the administrator", more=(swapped(by="administrator"),))
    yield Scenario("an officer's key swapped in his lead's name", more=(swapped(by="lead08", key="administrator"),))
    yield Scenario("an officer's key swapped in the root's name", more=(swapped(key="administrator"),))
    changed = PROVINCE["investigator08"].replace(
        key_of("investigator08").public.hex(), key_of("swapped").public.hex()
    )
    yield Scenario("an officer's key swapped under the old signature", without=("investigator08",), more=(changed,))
    yield Scenario("a junk version above", more=(swapped(by="lead08", key="stranger", version=LARGEST),))
    yield Scenario("two junk versions at the very top, one apart", more=(
        *(swapped(by="lead08", key="stranger", version=version) for version in (LARGEST, LARGEST - 1)),
    ))  # fmt: skip
    yield Scenario("a forged revocation", more=(swapped(by="lead08", key="stranger", status="revoked"),))
    yield Scenario("a desk's key swapped", more=(epoch("33.08", 2, by="administrator"),))
    named = epoch("33.08", 2, by="lead08", key="administrator")
    yield Scenario("a desk's key swapped in its lead's name", more=(named,))
    orphaned = desk("33.08", version=2, parent=None, by="lead33")
    moved = desk("33.08", version=2, parent="luar", key="lead33")
    yield Scenario("a desk re-parented by its parent's lead", more=(orphaned,))
    yield Scenario("a desk re-parented in the root's name", more=(moved,))
    own = desk("33.99", by="lead33"), officer("stranger", "33.99", "lead", by="lead33")
    yield Scenario("a desk of one's own", more=own)
    yield Scenario("the recovery key swapped", more=(
        statement("recovery", "recovery", version=2, kem=drawn("another recovery key").hex(), by="lead33"),
    ))  # fmt: skip
    promise = log_keys("promise")
    yield Scenario("a key for promises named by a lead", more=(log_keys("promise", by="lead33"),))
    yield Scenario("a key for promises in a lead's name", more=(log_keys("promise", by="lead33", key="root"),))
    yield Scenario("the next named by a lead", more=(promise, log_keys("promise", 2, holds="swapped", by="lead33")))
    named = log_keys("promise", 2, holds="swapped", key="administrator", issued=NEXT_DAY)
    yield Scenario("a key for promises in the root's name", more=(promise, named))
    yield Scenario("two keys for promises with one version", more=(promise, log_keys("promise", holds="swapped")))
    yield Scenario("a key for promises withheld from one who has seen it", more=(promise,), pins={"promise/promise": 2})
    yield Scenario("a key for the log named by a lead", more=(log_keys("log", by="lead33"),))
    yield Scenario("a newer version withheld from one who has seen it", pins={INVESTIGATOR: 2})
    yield Scenario("a newer desk withheld from one who has seen it", pins={"desk/33.08": 2})
    yield Scenario("a newer epoch withheld from one who has seen it", pins={"epoch/33.08": 7})
    yield Scenario("the lead's statement withheld", without=("lead08",))
    yield Scenario("the desk's statement withheld", without=("33.08",))
    yield Scenario("two bodies with the newest version", more=(
        officer("investigator08", "33.08", "investigator", holds="swapped", by="lead08"),
    ))  # fmt: skip
    yield Scenario("two bodies with an older version", more=(
        officer("investigator08", "33.08", "investigator", holds="swapped", by="lead08"), swapped(by="lead08"),
    ))  # fmt: skip
    yield Scenario("two bodies with one version of a desk", more=(desk("33.08", parent="luar"),))
    yield Scenario("another installation's root", root="other root")
    yield Scenario("bodies that are no statements", more=_junk())


def _junk() -> tuple[str, ...]:
    body = officer("investigator08", "33.08", "investigator", version=2, by="administrator")
    return body[:-1], f"{body}\n", body.replace("\n", "\r\n"), body.upper(), "statement", body.replace("v1", "v2")


def overreaching() -> Iterable[Scenario]:
    """Say what an officer with rightful keys might sign beyond his right."""

    def vouch(name: str, at: str, role: str, by: str, **given: Any) -> tuple[str, ...]:
        return (officer(name, at, role, by=by, **given),)

    def newcomer(at: str, role: str, by: str) -> tuple[str, ...]:
        return vouch("stranger", at, role, by)

    yield Scenario("an investigator vouches for a colleague", more=newcomer("33.08", "reviewer", "investigator08"))
    yield Scenario("an investigator makes a desk key", more=(epoch("33.08", 2, by="investigator08"),))
    yield Scenario("an officer renews his own keys", more=vouch(
        "investigator08", "33.08", "investigator", "investigator08", holds="rotated", version=2,
    ))  # fmt: skip
    yield Scenario("a lead vouches at another desk", more=newcomer("33.71", "reviewer", "lead08"))
    yield Scenario("a lead makes another desk's key", more=(epoch("33.71", by="lead08"),))
    yield Scenario("a lead vouches for a second lead of his own desk", more=newcomer("33.08", "lead", "lead08"))
    yield Scenario("a lead renews his own keys", more=(_lead08(2, holds="rotated", by="lead08"),))
    yield Scenario("the top's lead vouches for a second one", more=newcomer("33", "lead", "lead33"))
    yield Scenario("the outside desk's lead vouches for a second one", more=newcomer("luar", "lead", "leadluar"))
    yield Scenario("a parent's lead vouches for a child's investigator", more=newcomer("33.08", "reviewer", "lead33"))
    yield Scenario("a parent's lead makes a child's key", more=(epoch("33.08", 2, by="lead33"),))
    yield Scenario("a child's lead vouches at the parent", more=newcomer("33", "reviewer", "lead08"))
    yield Scenario("a lead vouches at a desk that nobody named", more=newcomer("33.99", "reviewer", "lead08"))
    circle = (desk("33", version=2, parent="33.08"), officer("lead33", "33", "lead", by="lead08", version=2))
    yield Scenario("two leads who vouch for each other", more=circle)
    yield Scenario("a desk that is its own parent", more=(
        desk("33", version=2, parent="33"), officer("lead33", "33", "lead", by="lead33", version=2),
    ))  # fmt: skip
    yield Scenario("a revoked lead goes on", more=(
        _lead08(2, status="revoked"), officer("stranger", "33.08", "reviewer", by="lead08"),
    ))  # fmt: skip
    yield Scenario("a lead with new keys signs with the old ones", more=(
        _lead08(2, holds="rotated"), officer("stranger", "33.08", "reviewer", by="lead08"),
    ))  # fmt: skip


def scenarios() -> list[Scenario]:
    """Return every scenario."""
    return [*honest(), *forged(), *overreaching()]


def pool() -> dict[str, str]:
    """Name every body of every scenario, so that each is written down once."""
    bodies = dict.fromkeys(body for scenario in scenarios() for body in scenario.all())
    return {body: str(number) for number, body in enumerate(bodies, 1)}


def pooled() -> Vectors:
    """Return the bodies by name."""
    return [{"name": name, "body": body} for body, name in pool().items()]


def directories() -> Vectors:
    """Judge every scenario."""
    names = pool()
    return [_judged(scenario, names) for scenario in scenarios()]


def _judged(scenario: Scenario, names: dict[str, str]) -> dict[str, Any]:
    bodies = scenario.all()
    root = key_of(scenario.root).public
    directory = Directory(root, bodies, scenario.pins)
    subjects = sorted(claims_by_subject(bodies))
    return {
        "name": scenario.name,
        "root": root.hex(),
        "bodies": [names[body] for body in bodies],
        "pins": {subject: str(version) for subject, version in scenario.pins.items()},
        "verdicts": {f"{kind}/{name}": str(directory.reason(kind, name) or "vouched") for kind, name in subjects},
        "desks": {name: {"parent": found.parent, "remit": found.remit} for name, found in directory.desks().items()},
        "keys": {name: _key(directory, name) for name in directory.open_desks()},
        "ever": {ID[name]: sorted(key.hex() for key in directory.signing_keys(ID[name])) for name in PEOPLE},
        "revocable": {ID[name]: _revocable(directory, name) for name in PEOPLE},
        "log": _named(directory, "log_key"),
        "promise": _named(directory, "promise_key"),
        "promises": [[key.public.hex(), key.last and key.last.isoformat()] for key in directory.promise_keys],
        "remember": {subject: str(version) for subject, version in sorted(directory.pins().items())},
    }


def _revocable(directory: Directory, name: str) -> str | None:
    found = directory.revocable(ID[name])
    return found and found.sign.hex()


def _named(directory: Directory, which: str) -> str | None:
    try:
        return bytes(getattr(directory, which)).hex()
    except NotVouched:
        return None


def _key(directory: Directory, desk_id: str) -> dict[str, str]:
    version, kem = directory.desk_key(desk_id)
    return {"epoch": str(version), "kem": kem}
