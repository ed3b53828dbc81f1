"""Signed bodies that are exactly in form, and many that nearly are."""

from datetime import date
from typing import Any

from kernel.directory import statements as forms
from kernel.directory.statements import Statement
from kernel.vault import Malformed, SigningKey, leave_unsigned, sign_body, signed_by
from ledger.body import Event, ObjectRef, read_event, write_event
from tests.vectors.inputs import drawn

Vectors = list[dict[str, Any]]
KEY = SigningKey.from_seed(drawn("a signer's seed"))
CASE = drawn("a complaint", 16).hex()
OFFICER = drawn("an officer", 16).hex()
MESSAGE = drawn("a message", 16).hex()
HEX = drawn("a hash").hex()
DAY = date(2026, 11, 24)
LARGEST = 2**64 - 1


def statements() -> Vectors:
    """Every kind of statement, and forms that are refused."""
    good = {name: forms.sign(statement, KEY) for name, statement in _statements().items()}
    officer, desk, epoch = good["an officer"], good["a desk"], good["an epoch"]
    bad = _misformed(officer) | {
        "version 0": officer.replace("version 1\n", "version 0\n"),
        "version with a leading zero": officer.replace("version 1\n", "version 01\n"),
        "version with a sign": officer.replace("version 1\n", "version +1\n"),
        "version beyond 64 bits": officer.replace("version 1\n", f"version {LARGEST + 1}\n"),
        "version of 5000 digits": officer.replace("version 1\n", "version " + "1" * 5000 + "\n"),
        "a kind unknown": officer.replace("kind officer", "kind agency"),
        "a status unknown": officer.replace("status active", "status retired"),
        "a role unknown": officer.replace("remit investigator", "remit administrator"),
        "an officer without a desk": officer.replace("desk 33.08\n", "desk -\n"),
        "an officer with a parent": officer.replace("parent -", "parent 33"),
        "an officer without keys": officer.replace(f"kem {HEX}", "kem -"),
        "an officer whose id is no id": officer.replace(f"subject {OFFICER}", "subject siti"),
        "a desk without a remit": desk.replace("remit 33.08", "remit -"),
        "a desk with a colon in its id": desk.replace("subject 33.08", "subject 33:08"),
        "an epoch without a key": epoch.replace(f"kem {HEX}", "kem -"),
        "an epoch of no desk": epoch.replace("subject 33.08", "subject -"),
        "promises by another name": good["the promise key"].replace("subject promise", "subject log"),
        "a log without a key": good["the log's key"].replace(f"sign {HEX}", "sign -"),
        "recovery by another name": good["the recovery key"].replace("subject recovery", "subject recovery2"),
        **{
            f"{name} with a {line}": good[name].replace(f"\n{line} -\n", f"\n{line} {value}\n")
            for name in ("a desk", "an epoch", "the recovery key", "the log's key", "the promise key")
            for line, value in (("desk", "33"), ("parent", "33"), ("remit", "33.08"), ("kem", HEX), ("sign", HEX))
            if f"\n{line} -\n" in good[name]
        },
        "an issuer that is none": officer.replace(f"issuer officer:{OFFICER}", "issuer admin"),
        "a date of another form": officer.replace("2026-11-24", "20261124"),
        "a week date": officer.replace("2026-11-24", "2026-W48-2"),
        "a day that is none": officer.replace("2026-11-24", "2026-02-30"),
        "an upper-case digest": officer.replace(f"kem {HEX}", f"kem {HEX.upper()}"),
        "an event": sign_body(write_event(_events()["a message"]), KEY),
    }
    return [_read_statement(name, body) for name, body in (good | _misjudged(officer) | bad).items()]


def events() -> Vectors:
    """Events of reporters, officers and the system, and forms that are refused."""
    good = {name: sign_body(write_event(event), KEY) for name, event in _events().items()}
    good["a system's act"] = leave_unsigned(write_event(_event(action="escalate", actor="system")))
    first, officer, message = good["a lodging"], good["an investigation begun"], good["a message"]
    bad = _misformed(message) | {
        "seq 0": first.replace("seq 1\n", "seq 0\n"),
        "seq beyond 64 bits": message.replace("seq 2\n", f"seq {LARGEST + 1}\n"),
        "the first with an event before": first.replace("previous -", "previous " + HEX * 2),
        "the first from a state": first.replace("from NEW", "from RECEIVED"),
        "a later one from NEW": message.replace("from RECEIVED", "from NEW"),
        "a later one with none before": message.replace("previous " + HEX * 2, "previous -"),
        "half an entry before": message.replace("previous " + HEX * 2, "previous " + HEX),
        "an officer's without access": officer.replace(f"access {HEX}", "access -"),
        "an officer's with half a hash of access": officer.replace(f"access {HEX}", f"access {HEX[:32]}"),
        "a reporter's with access": message.replace("access -", f"access {HEX}"),
        "a system's that is signed": sign_body(write_event(_event(action="escalate", actor="system")), KEY),
        "a reporter's that is not signed": leave_unsigned(write_event(_events()["a message"])),
        "an officer's that is not signed": leave_unsigned(write_event(_events()["an investigation begun"])),
        "an actor that is none": message.replace("actor reporter", "actor admin"),
        "a lower-case state": message.replace("to RECEIVED", "to received"),
        "a lower-case state before": message.replace("from RECEIVED", "from received"),
        "an upper-case action": message.replace("action message", "action Message"),
        "an action with a space": message.replace("action message", "action mess age"),
        "clear names out of order": officer.replace("assignee=", "zassignee="),
        "a clear name twice": officer.replace("clear ", f"clear assignee={OFFICER},"),
        "a clear value that is empty": officer.replace("severity=sedang", "severity="),
        "a clear value with a space": officer.replace("severity=sedang", "severity=a b"),
        "a clear value with a comma": officer.replace("severity=sedang", "severity=a,b"),
        "a clear value with a backslash": officer.replace("severity=sedang", "severity=a\\b"),
        "a clear name with a slash": officer.replace("severity=sedang", "severity/a=b"),
        "an object whose id has a slash": message.replace(f"message/{MESSAGE}/", f"message/a/{MESSAGE}/"),
        "a comma too many": officer.replace("clear ", "clear ,"),
        "an empty list": message.replace("clear -", "clear ,"),
        "an object without a digest": message.replace(f"/{HEX}\n", "\n"),
        "an object of upper-case digest": message.replace(f"/{HEX}\n", f"/{HEX.upper()}\n"),
        "an object twice": message.replace("objects ", f"objects message/{MESSAGE}/{HEX},"),
        "a week date": message.replace("2026-11-24", "2026-W48-2"),
        "a case that is none": message.replace(f"case {CASE}", "case 1"),
        "a statement": forms.sign(_statements()["a desk"], KEY),
    }
    return [_read_event(name, body) for name, body in (good | _misjudged(message) | bad).items()]


def _misjudged(body: str) -> dict[str, str]:
    """Forms that are read, and signed by nobody who could be checked."""
    signature = body[-129:-1]
    return {
        "right in form, its signature flipped": body.replace(signature, _other_digit(signature)),
        "right in form, changed after it was signed": body.replace("2026-11-24", "2026-11-25"),
    }


def _misformed(body: str) -> dict[str, str]:
    lines = body.splitlines(keepends=True)
    return {
        "empty": "",
        "no line feed at the end": body[:-1],
        "a letter after the last line": f"{body}x",
        "a line feed too many": f"{body}\n",
        "a line feed before": f"\n{body}",
        "carriage returns": body.replace("\n", "\r\n"),
        "a space at a line's end": body.replace("2026-11-24\n", "2026-11-24 \n"),
        "two spaces": body.replace("2026-11-24", " 2026-11-24"),
        "a tab": body.replace(" 2026-11-24", "\t2026-11-24"),
        "a line missing": "".join(lines[:3] + lines[4:]),
        "a line twice": "".join(lines[:3] + lines[2:]),
        "two lines exchanged": "".join(lines[:2] + [lines[3], lines[2]] + lines[4:]),
        "a line too many": "".join(lines[:-1] + ["note -\n"] + lines[-1:]),
        "a line after the signature": f"{body}note -\n",
        "an empty value": body.replace("2026-11-24", ""),
        "an unknown type": body.replace("/v1/", "/v2/", 1),
        "a short signature": body[:-3] + "\n",
        "an upper-case signature": body[:-129] + body[-129:-1].upper() + "\n",
        "a letter beyond ASCII": body.replace("2026-11-24", "2026-11-2４"),
        "a NUL": body.replace("2026-11-24", "2026-11-24\0"),
    }


def _other_digit(signature: str) -> str:
    return ("0" if signature[0] != "0" else "1") + signature[1:]


def _read_statement(name: str, body: str) -> dict[str, Any]:
    parsed: dict[str, Any] | None
    try:
        found = forms.parse(body)
        parsed = vars(found) | {"version": str(found.version), "issued": found.issued.isoformat()}
    except Malformed:
        parsed = None
    return {"name": name, "body": body, "statement": parsed, **_checked(body)}


def _read_event(name: str, body: str) -> dict[str, Any]:
    parsed: dict[str, Any] | None
    try:
        found = read_event(body)
        parsed = vars(found) | {
            "seq": str(found.seq),
            "day": found.day.isoformat(),
            "previous": found.previous and found.previous.hex(),
            "access": found.access and found.access.hex(),
            "objects": [vars(ref) for ref in found.objects],
        }
    except Malformed:
        parsed = None
    return {"name": name, "body": body, "event": parsed, **_checked(body)}


def _checked(body: str) -> dict[str, Any]:
    return {"public": KEY.public.hex(), "signed": signed_by(body, KEY.public)}


def _statements() -> dict[str, Statement]:
    nothing: dict[str, Any] = {"desk": None, "parent": None, "remit": None, "kem": None, "sign": None}
    common: dict[str, Any] = {**nothing, "version": 1, "status": "active", "issued": DAY, "issuer": "root"}
    officer = common | {
        "kind": "officer", "subject": OFFICER, "desk": "33.08", "remit": "investigator", "kem": HEX, "sign": HEX,
        "issuer": f"officer:{OFFICER}",
    }  # fmt: skip
    epoch = common | {"kind": "epoch", "subject": "33.08", "kem": HEX}
    return {
        "an officer": Statement(**officer),
        "an officer revoked": Statement(**officer | {"version": 2, "status": "revoked"}),
        "the largest version": Statement(**officer | {"version": LARGEST}),
        "a desk": Statement(**common | {"kind": "desk", "subject": "33.08", "parent": "33", "remit": "33.08"}),
        "a desk without parent": Statement(**common | {"kind": "desk", "subject": "luar", "remit": "outside"}),
        "an epoch": Statement(**epoch),
        "the recovery key": Statement(**common | {"kind": "recovery", "subject": "recovery", "kem": HEX}),
        "the log's key": Statement(**common | {"kind": "log", "subject": "log", "sign": HEX}),
        "the promise key": Statement(**common | {"kind": "promise", "subject": "promise", "sign": HEX}),
    }


def _events() -> dict[str, Event]:
    lodged = {"desk": "33.08", "excluded": "33.76+luar", "kem": HEX, "level": "kecamatan", "region": "33.08"}
    lodged |= {"sector": "desa", "sign": HEX, "threatened": "no"}
    keys = tuple(ObjectRef("thread-key", f"1.{name}", HEX) for name in ("reporter", "desk:33.08:1"))
    begun = {"severity": "sedang", "category": "uang_pelicin", "assignee": OFFICER, f"allegation.{MESSAGE}": "open"}
    return {
        "a lodging": _event(
            seq=1, previous=None, action="lodge", from_state="NEW", clear=lodged,
            objects=(ObjectRef("account", CASE, HEX), *keys),
        ),
        "a message": _event(objects=(ObjectRef("message", MESSAGE, HEX),)),
        "an investigation begun": _event(
            action="investigate", from_state="TRIAGE", to_state="INVESTIGATION", actor=f"officer:{OFFICER}",
            access=bytes.fromhex(HEX), clear=begun,
            objects=(ObjectRef("plan", MESSAGE, HEX), ObjectRef("case-key", f"1.officer:{OFFICER}", HEX)),
        ),
        "a closing, without anything": _event(
            action="close", from_state="REVIEW", to_state="CLOSED", actor=f"officer:{OFFICER}",
            access=bytes.fromhex(HEX),
        ),
        "the largest seq": _event(seq=LARGEST),
        "a receipt with the number of an agency's letter": _event(
            action="receipt", from_state="REFERRED", to_state="REVIEW", actor=f"officer:{OFFICER}",
            access=bytes.fromhex(HEX), clear={"outcome": "proven", "reference": "700/123/ITDA/2026"},
            objects=(ObjectRef("reason", MESSAGE, HEX),),
        ),
    }  # fmt: skip


def _event(**given: Any) -> Event:
    usual: dict[str, Any] = {
        "case": CASE, "seq": 2, "previous": bytes.fromhex(HEX * 2), "action": "message", "from_state": "RECEIVED",
        "to_state": "RECEIVED", "day": DAY, "actor": "reporter", "access": None, "clear": {}, "objects": (),
    }  # fmt: skip
    return Event(**usual | given)
