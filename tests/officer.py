"""An officer's program in Python: logs in, opens cases, seals and signs acts, as docs/formats.md says.

What the officer's browser does, written a second time; the demo and the tests drive cases through the states with it.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casework import resealing
from casework.resealing import Reseal
from kernel.directory import statements
from kernel.directory.directory import Directory, vouched_recipient
from kernel.directory.statements import Statement
from kernel.vault import (
    Identity, Recipient, SigningKey, Unreadable, auth_token, bodies, box, context, officer_keys, pad, seal, stretch,
    totp, unbox, unlock_key, unpad, unseal,
)  # fmt: skip
from kernel.vault.stretching import SALT_BYTES
from ledger.body import Event, ObjectRef, write_event
from tests.client import Ask, Json, Put, Refused, Sealing, asked, base64_of, sealed_file

# For what a file is opened where a test does not say it.
EXAMINE = {"reason": "examine"}
CASE_TEXTS = {"declaration", "plan", "allegation", "finding", "reason", "note"}
ANOTHER_DAY = "Tanggal sudah berganti. Kirim sekali lagi."
Key = tuple[str, int]


@dataclass(frozen=True)
class Login:
    """An officer whose seed has been opened: who he is, his keys, and the directory he checks others by."""

    id: str
    identity: Identity
    sign: SigningKey
    directory: Directory
    kems: Mapping[str, bytes]
    ask: Ask

    def recipient(self, digest: str) -> Recipient:
        """Return the public key a statement names by its digest."""
        return vouched_recipient(self.kems[digest], digest)


def enter(ask: Ask, name: str, password: str, code: str) -> tuple[bytes, Json]:
    """Log in with a password and an authenticator's code; return the stretched password and the server's answer."""
    salt = base64.b64decode(asked(ask, "/petugas/masuk/garam", {"name": name})["salt"])
    assert len(salt) == SALT_BYTES
    password_key = stretch(password, salt)
    posted = {"name": name, "auth": base64_of(auth_token(password_key)), "totp": code}
    return password_key, asked(ask, "/petugas/masuk", posted)


def log_in(ask: Ask, name: str, password: str, code: str, root: bytes) -> Login:
    """Log in and open the officer's seed; others are judged by ``root``."""
    password_key, opened = enter(ask, name, password, code)
    where = context("officer-seed", object_=opened["officer"], recipient="password")
    seed = unbox(base64.b64decode(opened["seedBox"]), unlock_key(password_key), where)
    identity, sign = officer_keys(seed)
    told = asked(ask, "/petugas/direktori")
    kems = {digest: base64.b64decode(kem) for digest, kem in told["kems"].items()}
    return Login(opened["officer"], identity, sign, Directory(root, told["statements"]), kems, ask)


@dataclass
class OpenedCase:
    """A case an officer has opened: what the server handed him, and the keys he could open."""

    login: Login
    number: str
    told: Json
    keys: dict[Key, bytes] = field(default_factory=dict)

    def text(self, entry: Json) -> str:
        """Open one message, note or the account."""
        kind = "case" if entry["kind"] in CASE_TEXTS else "thread"
        where = context(entry["kind"], self.told["case"], entry["id"], entry["epoch"])
        return unpad(unbox(base64.b64decode(entry["box"]), self.keys[kind, entry["epoch"]], where)).decode()

    def account(self) -> Json:
        """Open the account."""
        entry = self.told["account"] | {"kind": "account", "id": self.told["case"]}
        return dict(json.loads(self.text(entry)))


def open_case(login: Login, number: str) -> OpenedCase:
    """Open a case, which is logged, and every key of it that this officer can open."""
    told = asked(login.ask, f"/petugas/perkara/{number}/buka", {})
    opened = OpenedCase(login, number, told)
    seeds = _desk_seeds(login, told["deskKeys"])
    identities = seeds | {f"officer:{login.id}": login.identity}
    for copy in told["keys"]:
        if copy["recipient"] not in identities or not copy["sealed"]:
            continue
        identity = identities[copy["recipient"]]
        where = context(f"{copy['kind']}-key", told["case"], epoch=copy["epoch"], recipient=copy["recipient"])
        opened.keys[copy["kind"], copy["epoch"]] = unseal(base64.b64decode(copy["sealed"]), identity, where)
    return opened


def _desk_seeds(login: Login, copies: Sequence[Json]) -> dict[str, Identity]:
    """Open the desks' seeds: first those sealed to the officer, then those sealed to a desk just opened."""
    seeds: dict[str, Identity] = {}
    own = f"officer:{login.id}"
    for copy in sorted(copies, key=lambda copy: copy["recipient"] != own):
        if copy["recipient"] != own and copy["recipient"] not in seeds:
            continue
        identity = login.identity if copy["recipient"] == own else seeds[copy["recipient"]]
        where = context("desk-key", object_=copy["desk"], epoch=copy["epoch"], recipient=copy["recipient"])
        seed = unseal(base64.b64decode(copy["sealed"]), identity, where)
        seeds[f"desk:{copy['desk']}:{copy['epoch']}"] = Identity.from_seed(seed)
    return seeds


@dataclass(frozen=True)
class Text:
    """A text an act carries; ``id`` is drawn unless the act's clear values name it."""

    kind: str
    text: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))


def act(
    case: OpenedCase, action: str, to_state: str, texts: Sequence[Text] = (), clear: Mapping[str, str] | None = None,
    files: Sequence[Sealing] = (),
) -> Json:  # fmt: skip
    """Seal, sign and post one act on the case as it stands now; once more where midnight has passed meanwhile."""
    try:
        return _acted(case, action, to_state, texts, clear or {}, files)
    except Refused as refused:
        if refused.sentence != ANOTHER_DAY:
            raise
    return _acted(case, action, to_state, texts, clear or {}, files)


def _acted(
    case: OpenedCase, action: str, to_state: str, texts: Sequence[Text], clear: Mapping[str, str],
    files: Sequence[Sealing],
) -> Json:  # fmt: skip
    unsigned, posted = compose(case, action, to_state, texts, clear, files)
    body = bodies.sign(unsigned, case.login.sign)
    return asked(case.login.ask, f"/petugas/perkara/{case.number}/tindakan", {"body": body, **posted})


def compose(
    case: OpenedCase, action: str, to_state: str, texts: Sequence[Text], clear: Mapping[str, str],
    files: Sequence[Sealing] = (),
) -> tuple[str, Json]:  # fmt: skip
    """Return an act's unsigned body, and the objects and keys that go with it."""
    officer_named = clear.get("assignee") or clear.get("reader")
    named = f"&petugas={officer_named}" if officer_named else ""
    now = asked(case.login.ask, f"/petugas/perkara/{case.number}/keadaan?tindakan={action}{named}")
    keys = [_sealed(case, needed) for needed in now["seals"]]
    objects = [_boxed(case, text, now["epochs"]) for text in texts]
    event = Event(
        case=now["case"], seq=now["version"] + 1, previous=bytes.fromhex(now["head"]), action=action,
        from_state=now["state"], to_state=to_state, day=date.fromisoformat(now["today"]),
        actor=f"officer:{case.login.id}", access=bytes.fromhex(now["access"]), clear=clear,
        objects=(
            *(_ref(each["kind"], each["id"], each["box"]) for each in objects),
            *(file.ref for file in files),
            *(_ref(f"{key['kind']}-key", f"{key['epoch']}.{key['recipient']}", key["sealed"]) for key in keys),
        ),
    )  # fmt: skip
    return write_event(event), {"objects": [*objects, *(file.posted for file in files)], "keys": keys}


PROVENANCE = {
    "description": "Berita acara", "source": "Bendahara desa", "obtained_by": "Budi", "obtained_on": "2026-11-26",
    "how": "diserahkan",
}  # fmt: skip


def seal_evidence(case: OpenedCase, content: bytes, **told: str) -> Sealing:
    """Seal an officer's own file under the newest case key; ``told`` stands in the manifest."""
    epoch = max(number for kind, number in case.keys if kind == "case")
    return sealed_file(case.told["case"], content, case.keys["case", epoch], epoch, "case", **PROVENANCE | told)


def send_evidence(case: OpenedCase, content: bytes, put: Put, **told: str) -> Sealing:
    """Seal an officer's own file and send it, all its chunks; an act is to bring it."""
    file, path = seal_evidence(case, content, **told), f"/petugas/perkara/{case.number}/bukti"
    asked(case.login.ask, path, file.opening)
    for number, chunk in enumerate(file.chunks, 1):
        status, answer = put(f"{path}/{file.id}/{number}", chunk, "")
        if status >= 400:
            raise Refused(status, answer)
    return file


def _ref(kind: str, name: str, content: str) -> ObjectRef:
    return ObjectRef(kind, name, hashlib.sha256(base64.b64decode(content)).hexdigest())


def _boxed(case: OpenedCase, text: Text, epochs: Mapping[str, int]) -> Json:
    kind = "case" if text.kind in CASE_TEXTS else "thread"
    epoch = epochs[kind]
    where = context(text.kind, case.told["case"], text.id, epoch)
    boxed = box(pad(text.text.encode()), case.keys[kind, epoch], where)
    return {"kind": text.kind, "id": text.id, "epoch": epoch, "box": base64_of(boxed)}


def _sealed(case: OpenedCase, needed: Mapping[str, Any]) -> Json:
    """Seal a key to a recipient the act needs: the known key of that epoch, or a fresh one where the epoch is new."""
    kind, epoch, recipient = needed["kind"], needed["epoch"], needed["recipient"]
    key = case.keys.setdefault((kind, epoch), secrets.token_bytes(32))
    where = context(f"{kind}-key", case.told["case"], epoch=epoch, recipient=recipient)
    sealed = seal(key, _recipient(case, recipient), where)
    return {"kind": kind, "epoch": epoch, "recipient": recipient, "sealed": base64_of(sealed)}


def _recipient(case: OpenedCase, recipient: str) -> Recipient:
    """Find the vouched key of an officer or a desk, or the reporter's own."""
    login = case.login
    if recipient == "reporter":
        return Recipient.from_bytes(base64.b64decode(case.told["reporterKem"]))
    kind, name = recipient.split(":")[:2]
    if kind == "officer":
        return login.recipient(login.directory.officer(name).kem_digest)
    return login.recipient(login.directory.desk_key(name)[1])


def desk_identity(login: Login, desk: str) -> Identity:
    """Open a desk's newest key, as one of those who can: its leads and those of the desk above it."""
    epoch, digest = login.directory.desk_key(desk)
    identity = desk_identities(login)[f"desk:{desk}:{epoch}"]
    assert identity.recipient.digest == digest
    return identity


def desk_identities(login: Login) -> dict[str, Identity]:
    """Open every desk's key that a lead can, former ones too, by the names under which others seal to them."""
    return _desk_seeds(login, asked(login.ask, "/petugas/orang/kunci-meja")["copies"])


def make_desk_key(login: Login, desk: str, version: int, today: date) -> Identity:
    """Make the next key of a lead's desk, seal it to whom it must be, and post it."""
    seed = secrets.token_bytes(32)
    identity, directory = Identity.from_seed(seed), login.directory
    statement = Statement(
        kind="epoch", subject=desk, version=version, status="active", desk=None, parent=None, remit=None,
        kem=identity.recipient.digest, sign=None, issued=today, issuer=f"officer:{login.id}",
    )  # fmt: skip
    digests = {f"officer:{lead.id}": lead.kem_digest for lead in directory.officers(desk) if lead.role == "lead"}
    parent = directory.desks()[desk].parent
    if parent:
        epoch, digest = directory.desk_key(parent)
        digests[f"desk:{parent}:{epoch}"] = digest
    digests["recovery"] = directory.recovery_digest
    copies = [
        {
            "desk": desk, "epoch": version, "recipient": name,
            "sealed": base64_of(seal(
                seed, login.recipient(digest),
                context("desk-key", object_=desk, epoch=version, recipient=name),
            )),
        }
        for name, digest in digests.items()
    ]  # fmt: skip
    body = statements.sign(statement, login.sign)
    posted = {"body": body, "kem": base64_of(identity.recipient.raw), "copies": copies}
    asked(login.ask, "/petugas/orang/kunci-meja", posted)
    return identity


def seeds_for(login: Login, desk: str, officer_id: str, kem: Recipient) -> list[Json]:
    """Seal every key of a desk, of which this lead has a copy, to the desk's new lead."""
    told = asked(login.ask, "/petugas/orang/kunci-meja")["copies"]
    seeds = _desk_seeds(login, told)
    copies = {copy["epoch"]: copy for copy in told if copy["desk"] == desk}
    name = f"officer:{officer_id}"
    return [
        {"desk": desk, "epoch": epoch, "recipient": name, "sealed": base64_of(seal(
            _seed(login, copies[epoch], seeds), kem, context("desk-key", object_=desk, epoch=epoch, recipient=name)
        ))}
        for epoch in sorted(copies)
    ]  # fmt: skip


def _seed(login: Login, copy: Json, seeds: Mapping[str, Identity]) -> bytes:
    identity = seeds.get(copy["recipient"], login.identity)
    where = context("desk-key", object_=copy["desk"], epoch=copy["epoch"], recipient=copy["recipient"])
    return unseal(base64.b64decode(copy["sealed"]), identity, where)


def reseal_batch(login: Login, desk: str, today: date) -> Json | None:
    """Take the next batch of what is sealed to a desk's former keys and post it sealed anew, if there is one."""
    copies = asked(login.ask, "/petugas/meja/kunci/salinan", {})["copies"]
    posted = resealed(login, desk, copies, today)
    return asked(login.ask, "/petugas/meja/kunci/salinan-baru", {"copies": posted}) if copies else None


def resealed(login: Login, desk: str, copies: Sequence[Json], today: date) -> list[Json]:
    """Open copies with a desk's former keys, and return them sealed to its newest, signed."""
    seeds = desk_identities(login)
    epoch, digest = login.directory.desk_key(desk)
    return [_resealed(login, copy, seeds, f"desk:{desk}:{epoch}", login.recipient(digest), today) for copy in copies]


def handed(login: Login, officer: str, copies: Sequence[Json], today: date) -> list[Json]:
    """Open copies with a desk's keys, and return them sealed to an officer as he is vouched for now, signed."""
    seeds = desk_identities(login)
    key = login.recipient(login.directory.officer(officer).kem_digest)
    return [_resealed(login, copy, seeds, f"officer:{officer}", key, today) for copy in copies]


def _resealed(
    login: Login, copy: Json, seeds: Mapping[str, Identity], after: str, key: Recipient, today: date
) -> Json:
    before = copy["recipient"]
    try:
        opened = unseal(base64.b64decode(copy["sealed"]), seeds[before], _place(copy, before))
        sealed = seal(opened, key, _place(copy, after))
    except Unreadable:
        sealed = b""
    said = Reseal(
        object=copy["object"], kind=copy["kind"], epoch=copy["epoch"], before=before, after=after,
        sealed=hashlib.sha256(sealed).hexdigest() if sealed else None, day=today, officer=login.id,
    )  # fmt: skip
    return {"body": resealing.sign(said, login.sign), "sealed": base64_of(sealed)}


def _place(copy: Json, recipient: str) -> bytes:
    if copy["kind"] == "desk":
        return context("desk-key", object_=copy["object"], epoch=copy["epoch"], recipient=recipient)
    return context(f"{copy['kind']}-key", copy["object"], epoch=copy["epoch"], recipient=recipient)


def code_at(secret: str, at: datetime) -> str:
    """Return the authenticator's code at a moment; ``secret`` is base32 as the list of people has it."""
    return totp.code(base64.b32decode(secret), at)


def handover(case: OpenedCase) -> str:
    """Return the hash (hex) by which a reviewer consents to hand over what he has read (docs/formats.md §5)."""
    lines = [("case", case.told["case"]), ("seq", str(case.told["version"])), ("entry", case.told["head"])]
    return hashlib.sha256(bodies.write([("type", "kentongan/v1/handover"), *lines]).encode()).hexdigest()
