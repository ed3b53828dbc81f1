"""What is rightly posted to every address that takes JSON, and how it goes wrong in one place at a time."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from kernel.directory import statements
from kernel.vault import Identity, SigningKey, bodies, keys_of, seal
from tests import client, officer
from tests.casework.office import statement
from tests.client import base64_of
from tests.complaints.test_api import acted
from tests.house.people import Town
from tests.officer import EXAMINE, Text
from tests.province import ANSWERS

Json = Any
LINES_OF_INTEREST = [
    "-", "0", "1", "2", str(2**31), str(2**63), str(2**64 - 1), str(2**64), "9" * 4400, "0001-01-01", "9999-12-31",
    "2026-02-30", "0" * 32, "f" * 64, "0" * 128, "system", "reporter", "officer:" + "0" * 32, "root", "lodge", "close",
    "answer", "NEW", "RECEIVED", "CLOSED", "PURGED", "active", "revoked", "desk", "epoch", "outside", "33", "luar",
    "a=b", "a=b,a=b", "outcome=proven", "allegation.x=open", "a/b/c", "account/x/y", ",", "=", "/", "x" * 8000,
]  # fmt: skip
VISIBLE = "".join(map(chr, range(33, 127)))


@dataclass(frozen=True)
class Post:
    """A right post: its JSON, and whose key signs the body in it."""

    posted: Json
    signer: SigningKey | None = None
    who: str = "lead"


def right_posts(people: Town) -> dict[str, Callable[[], Post]]:
    """Return by rule what makes a right post; making one may read where its case stands."""
    return {
        "/api/v1/complaints": lambda: _envelope(people),
        "/api/v1/threads/open": lambda: Post({"token": _token(people)}, who="stranger"),
        "/api/v1/threads/history": lambda: Post({"token": _token(people)}, who="stranger"),
        "/api/v1/threads/acts": lambda: _act_of_reporter(people),
        "/api/v1/files": lambda: Post(_opening(people), who="stranger"),
        "/api/v1/files/remove": lambda: _removal(people),
        "/petugas/masuk": lambda: Post({"name": "kepala.33.08", "auth": _base64(32), "totp": "123456"}, who="stranger"),
        "/petugas/masuk/garam": lambda: Post({"name": "kepala.33.08"}, who="stranger"),
        "/petugas/aktivasi/mulai": lambda: Post({"token": secrets.token_hex(32)}, who="stranger"),
        "/petugas/aktivasi/selesai": lambda: _activation(),
        "/petugas/bantu": lambda: _assisted(people),
        "/petugas/kunci": lambda: Post({}),
        "/petugas/kunci/buka": lambda: Post({"auth": _base64(32)}),
        "/petugas/kunci/tutup": lambda: Post({}),
        "/petugas/keluar": lambda: Post({}),
        "/petugas/keluar-semua": lambda: Post({}, who="investigator"),
        "/petugas/orang/sahkan": lambda: _vouching(people),
        "/petugas/saya/kata-sandi": lambda: Post({"old": _base64(32), "auth": _base64(32), "seedBox": _base64(61)}),
        "/petugas/orang/cabut": lambda: _revocation(people),
        "/petugas/orang/kunci-perkara": lambda: Post({"officer": people.officers["unvouched"]}),
        "/petugas/orang/kunci-perkara/baru": lambda: Post({"copies": []}),
        "/petugas/orang/kunci-meja": lambda: _desk_key(people),
        "/petugas/meja/kunci/salinan": lambda: Post({}),
        "/petugas/meja/kunci/salinan-baru": lambda: Post({"copies": []}),
        "/petugas/perkara/<number>/buka": lambda: Post({}),
        "/petugas/perkara/<number>/bukti": lambda: _evidence(people),
        "/petugas/perkara/<number>/bukti/periksa": lambda: Post({}),
        "/petugas/perkara/<number>/bukti/<file>/buka": lambda: Post(EXAMINE),
        "/petugas/perkara/<number>/bukti/<file>/hapus": lambda: Post({}),
        "/petugas/perkara/<number>/tindakan": lambda: _act_of_officer(people),
    }


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _token(people: Town) -> str:
    return keys_of(people.phrase_key).lookup_token.hex()


def _opening(people: Town) -> Json:
    seen = client.visit(keys_of(people.phrase_key), people.province.visitor().ask)
    return {"token": _token(people), **client.seal_for(seen, b"Kuitansi").opening}


def _removal(people: Town) -> Post:
    # On one and the same case only so many may wait.
    people.take_another_case()
    return Post({"token": _token(people), "file": begun_file(people).id}, who="stranger")


def begun_file(people: Town) -> client.Sealing:
    """Begin a file of the reporter's, and send nothing of it."""
    ask = people.province.visitor().ask
    file = client.seal_for(client.visit(keys_of(people.phrase_key), ask), b"Kuitansi")
    client.asked(ask, "/api/v1/files", {"token": _token(people), **file.opening})
    return file


def _evidence(people: Town) -> Post:
    case = officer.open_case(replace(people.lead, ask=people.browser("lead").ask), people.number)
    return Post(officer.seal_evidence(case, b"Berita acara").opening)


def _envelope(people: Town) -> Post:
    keys = keys_of(secrets.token_bytes(32))
    province = people.province
    envelope = client.envelope(ANSWERS, keys, province.installation(), province.visitor().ask)
    return Post(envelope, keys.sign, "stranger")


def _assisted(people: Town) -> Post:
    keys, province, channel = keys_of(secrets.token_bytes(32)), people.province, people.officers["investigator"]
    envelope = client.envelope(ANSWERS, keys, province.installation(), province.visitor().ask, channel=channel)
    return Post(envelope, keys.sign, "investigator")


def _act_of_reporter(people: Town) -> Post:
    seen = client.visit(keys_of(people.phrase_key), people.province.visitor().ask)
    return Post(acted(seen, "message", "Halo."), seen.keys.sign, "stranger")


def _act_of_officer(people: Town) -> Post:
    login = replace(people.lead, ask=people.browser("lead").ask)
    case = officer.open_case(login, people.number)
    unsigned, posted = officer.compose(case, "note", "INVESTIGATION", [Text("note", "Catatan.")], {})
    return Post({"body": bodies.sign(unsigned, login.sign), **posted}, login.sign)


def _activation() -> Post:
    box, identity = _base64(61), Identity.from_seed(secrets.token_bytes(32))
    keys = {"kem": base64_of(identity.recipient.raw), "sign": _base64(32), "seedBox": box}
    return Post({"token": secrets.token_hex(32), "auth": _base64(32), "totp": "123456"} | keys, who="stranger")


def _vouching(people: Town) -> Post:
    said = {"desk": "33.08", "remit": "investigator", "kem": "0" * 64, "sign": "0" * 64}
    body = _stated(people, "officer", people.officers["unvouched"], **said)
    return Post({"body": body, "copies": [_copy("33.08", "officer:" + "0" * 32)]}, people.lead.sign)


def _revocation(people: Town) -> Post:
    said = {"desk": "33.08", "remit": "investigator", "kem": "0" * 64, "sign": "0" * 64, "status": "revoked"}
    return Post({"body": _stated(people, "officer", people.officers["unvouched"], **said)}, people.lead.sign)


def _desk_key(people: Town) -> Post:
    key = Identity.from_seed(secrets.token_bytes(32)).recipient
    body = _stated(people, "epoch", "33.08", kem=key.digest, version=2)
    copies = [_copy("33.08", f"officer:{people.lead.id}"), _copy("33.08", "recovery")]
    return Post({"body": body, "kem": base64_of(key.raw), "copies": copies}, people.lead.sign)


def _stated(people: Town, kind: str, subject: str, **said: Any) -> str:
    with people.province.app.app_context():
        made = statement(kind, subject, issuer=f"officer:{people.lead.id}", **said)
    return statements.sign(made, people.lead.sign)


def _copy(desk: str, recipient: str) -> dict[str, Any]:
    sealed = seal(bytes(32), Identity.from_seed(bytes(32)).recipient, b"")
    return {"desk": desk, "epoch": 2, "recipient": recipient, "sealed": base64_of(sealed)}


# How it goes wrong

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 2**64, -1, 10**400])
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=40)
    | st.sampled_from(LINES_OF_INTEREST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Json, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to every value in a JSON value, the whole included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for name, each in inner for place in places(each, (*way, name)))]


def put(value: Json, way: tuple[Any, ...], other: Json) -> Json:
    """Return ``value`` with ``other`` in one place."""
    if not way:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = put(value[way[0]], way[1:], other)
    return copy


@st.composite
def wrong_in_one_place(draw: st.DrawFn, right: Json) -> Json:
    """Draw ``right`` with one value replaced, a member left out, or one too many."""
    way = draw(st.sampled_from(places(right)))
    other = draw(anything)
    if isinstance(right, dict) and draw(st.integers(0, 3)) == 0:
        return {name: value for name, value in right.items() if name != way[0]} if way else right | {"more": other}
    return put(right, way, other)


@st.composite
def wrong_in_one_line(draw: st.DrawFn, post: Post, known: list[str]) -> Json:
    """Draw a post with one line of its body changed, and rightly signed again where it is ASCII still."""
    *lines, signature, _end = post.posted["body"].split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    key, _space, value = lines[at].partition(" ")
    written = st.sampled_from([*LINES_OF_INTEREST, *known]) | st.text(VISIBLE, min_size=1, max_size=40)
    parts = value.split(",")
    within = draw(st.integers(0, len(parts) - 1))
    part, other = parts[within], draw(written)
    name = part.rpartition("=")[0]
    parts[within] = draw(st.sampled_from([other, f"{name}={other}", f"{part}{other}", f"{part},{part}"]))
    lines[at] = f"{key} {draw(st.sampled_from([other, ','.join(parts)]))}"
    body = "".join(f"{line}\n" for line in lines)
    signed = bodies.sign(body, post.signer) if post.signer else f"{body}{signature}\n"
    return post.posted | {"body": signed}
