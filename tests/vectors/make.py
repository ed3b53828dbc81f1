"""Make the vectors: what two implementations must agree on, as plain JSON (README.md says what each field means).

``python -m tests.vectors.make`` writes them anew. Everything follows from fixed inputs; seals and boxes, which are
random, are kept from the file as long as they open, and only made where they are missing.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kernel.vault import (
    CHUNK_BYTES, Identity, Manifest, Recipient, SealedFile, SigningKey, TooLong, Unreadable, auth_token, box,
    box_file_key, box_manifest, box_progress, context, derive, file_digest, keyed_hash, officer_keys, open_file_key,
    open_manifest, open_progress, pad, padded_size, password_salt, seal, stretch, unbox, unlock_key, unseal,
)  # fmt: skip
from ledger.entries import commitment, entry_of, tag
from tests.vectors import bodies, directories, logs, phrases, points, promises
from tests.vectors.inputs import drawn

Vectors = list[dict[str, Any]]
HERE = Path(__file__).parent
CASE = drawn("a complaint", 16).hex()
OTHER = drawn("another complaint", 16).hex()


def contexts() -> Vectors:
    """Contexts, and parts that no context may hold."""
    good: Vectors = [
        {"name": "a thread key", "kind": "thread-key", "complaint": CASE, "epoch": 1, "recipient": "desk:33.08:1"},
        {"name": "the reporter's", "kind": "thread-key", "complaint": CASE, "epoch": 2, "recipient": "reporter"},
        {"name": "an account", "kind": "account", "complaint": CASE, "object": CASE, "epoch": 1},
        {"name": "a desk key", "kind": "desk-key", "object": "33.08", "epoch": 3, "recipient": "recovery"},
        {"name": "a visit, nothing but its kind", "kind": "visit"},
    ]
    bad: Vectors = [
        {"name": "a slash would begin another part", "kind": "account", "complaint": "a/b"},
        {"name": "an empty part", "kind": "account", "complaint": ""},
        {"name": "a line feed at the end", "kind": "account", "complaint": f"{CASE}\n"},
        {"name": "a letter beyond ASCII", "kind": "account", "complaint": "é"},
        {"name": "a space", "kind": "thread-key", "recipient": "desk: 33"},
        {"name": "epoch 0", "kind": "account", "epoch": 0},
    ]
    return [{**vector, "context": _context(vector)} for vector in good + bad]


def _context(vector: dict[str, Any]) -> str | None:
    given = {key.replace("object", "object_"): value for key, value in vector.items() if key != "name"}
    try:
        return context(**given).decode("ascii")
    except ValueError:
        return None


def paddings() -> Vectors:
    """Texts of every size up to one too long, and paddings that were tampered with."""
    lengths = (0, 1, 4092, 4093, 16380, 16381, 65532, 65533, 262140, 262141)
    return [_padded(length) for length in lengths] + [
        {"name": "a length field only, of the right size", "head": "00000000", "size": 4096, "opens": True},
        {"name": "not zero at the end", "head": "0000000161", "tail": "01", "size": 4096, "opens": False},
        {"name": "not zero right after the text", "head": "000000016162", "size": 4096, "opens": False},
        {"name": "longer than it is", "head": "00000ffd", "size": 4096, "opens": False},
        {"name": "longer than anything", "head": "ffffffff", "size": 4096, "opens": False},
        {"name": "a larger size than needed", "head": "0000000161", "size": 16384, "opens": False},
        {"name": "no size of ours", "head": "0000000161", "size": 4095, "opens": False},
        {"name": "beyond the largest size", "head": "00050000", "size": 1048576, "opens": False},
        {"name": "shorter than a length field", "head": "0000", "size": 2, "opens": False},
        {"name": "nothing", "head": "", "size": 0, "opens": False},
    ]


def _padded(length: int) -> dict[str, Any]:
    vector: dict[str, Any] = {"name": f"{length} bytes", "letter": "a", "length": length}
    try:
        padded = pad(b"a" * length)
    except TooLong:
        return {**vector, "size": None, "sha256": None}
    return {**vector, "size": len(padded), "sha256": hashlib.sha256(padded).hexdigest()}


def derivations() -> Vectors:
    """HKDF under every label, and HMAC."""
    labels = (
        *(f"kentongan/v1/phrase/{part}" for part in ("lookup", "reporter", "sign", "ledger")),
        *(f"kentongan/v1/instance/{part}" for part in ("plain", "password-salt", "ledger-key", "totp")),
        *(f"kentongan/v1/officer/{part}" for part in ("kem", "sign")),
        *(f"kentongan/v1/password/{part}" for part in ("unlock", "auth")),
        "kentongan/v1/visit/key",
        "tag",
        "blind",
    )
    secret, key = drawn("a secret to derive from"), drawn("a key to hash under")
    derived = [
        {"name": label, "secret": secret.hex(), "label": label, "derived": derive(secret, label).hex()}
        for label in labels
    ]
    hashed = {"name": "HMAC", "key": key.hex(), "data": b"kentongan".hex(), "hash": keyed_hash(key, b"kentongan").hex()}
    return [*derived, hashed]


def stretches() -> Vectors:
    """Argon2id with the parameters in use."""
    cases = {"one word": "kata", "nothing": "", "eight letters": "a b c d e f g h"}
    salts = (drawn("an installation's salt", 16), bytes(16))
    pairs = [(name, words, salt) for salt in salts for name, words in cases.items()]
    return [
        {"name": f"{name}, {salt[:2].hex()}", "words": words, "salt": salt.hex(), "key": stretch(words, salt).hex()}
        for name, words, salt in pairs
    ]


def recipients() -> Vectors:
    """Public keys, by their digest, and bytes that are none."""
    raw = Identity.from_seed(drawn("a recipient's seed")).recipient.raw
    cases = {
        "a public key": raw,
        "one byte short": raw[:-1],
        "one byte long": raw + b"\0",
        "nothing": b"",
        "an X25519 key alone": raw[1184:],
        "a point of small order (zero)": raw[:1184] + bytes(32),
        "a point of small order (one)": raw[:1184] + b"\1" + bytes(31),
        "a point of small order (of order 8)": raw[:1184]
        + bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        "coefficients that are not reduced": b"\xff" * 1152 + raw[1152:],
    }
    return [{"name": name, "public": public.hex(), "digest": _digest(public)} for name, public in cases.items()]


def _digest(public: bytes) -> str | None:
    try:
        return Recipient.from_bytes(public).digest
    except Unreadable:
        return None


def seals() -> Vectors:
    """Seals that open, and every way in which one does not."""
    seed = drawn("a recipient's seed")
    place = context("thread-key", CASE, epoch=1, recipient="desk:33.08:1")
    cases = {
        "a thread key": (seed, place, drawn("a thread key")),
        "nothing at all": (drawn("another seed"), context("visit"), b""),
        "a text beyond ASCII": (seed, context("account", CASE, CASE, 1), "kenthongan ꦏꦼꦤ꧀ꦛꦺꦴꦔꦤ꧀".encode()),
    }
    good = [_seal(name, *case) for name, case in cases.items()]
    sealed = bytes.fromhex(good[0]["sealed"])
    places = (0, 1, 600, 1088, 1089, 1120, 1121, 1140, len(sealed) - 1)
    bad = {f"byte {where} flipped": _flipped(sealed, where) for where in places} | _cut(sealed, 1121)
    model = {key: value for key, value in good[0].items() if key != "public"}
    return good + [{**model, "name": name, "sealed": each.hex(), "plaintext": None} for name, each in bad.items()] + [
        {**model, "name": f"moved to {name}", "context": moved.decode(), "plaintext": None}
        for name, moved in _moved().items()
    ] + [
        {**model, "name": "to another recipient", "seed": drawn("another seed").hex(), "plaintext": None},
        {**model, "name": "a box where a seal should be", "sealed": "02" + good[0]["sealed"][2:], "plaintext": None},
    ]  # fmt: skip


def _keys(seed: bytes) -> dict[str, str]:
    return {"seed": seed.hex(), "public": Identity.from_seed(seed).recipient.raw.hex()}


def _seal(name: str, seed: bytes, place: bytes, plaintext: bytes) -> dict[str, Any]:
    identity = Identity.from_seed(seed)

    def opens(sealed: bytes) -> bool:
        return unseal(sealed, identity, place) == plaintext

    sealed = _kept("seal", name, "sealed", opens) or seal(plaintext, identity.recipient, place)
    vector = {"name": name, **_keys(seed), "context": place.decode()}
    return vector | {"plaintext": plaintext.hex(), "sealed": sealed.hex()}


def boxes() -> Vectors:
    """Boxes that open, and every way in which one does not."""
    key, place = drawn("a thread key"), context("thread-key", CASE, epoch=1, recipient="desk:33.08:1")
    cases = {"a short text": b"halo", "nothing at all": b"", "a whole byte": bytes(range(256))}
    good = [_box(name, key, place, plaintext) for name, plaintext in cases.items()]
    boxed = bytes.fromhex(good[0]["boxed"])
    bad = {f"byte {where} flipped": _flipped(boxed, where) for where in range(len(boxed))} | _cut(boxed, 13)
    return good + [{**good[0], "name": name, "boxed": each.hex(), "plaintext": None} for name, each in bad.items()] + [
        {**good[0], "name": f"moved to {name}", "context": moved.decode(), "plaintext": None}
        for name, moved in _moved().items()
    ] + [
        {**good[0], "name": "under another key", "key": drawn("another key").hex(), "plaintext": None},
        {**good[0], "name": "under half a key", "key": key[:16].hex(), "plaintext": None},
        {**good[0], "name": "a seal where a box should be", "boxed": "01" + good[0]["boxed"][2:], "plaintext": None},
    ]  # fmt: skip


def file_sizes() -> Vectors:
    """Sizes of files, what each fills, and in how many chunks."""
    small = (0, 1, 4096, 4097, 65_536, 65_537, 1_000_000, 2**20 - 1, 2**20, 2**20 + 1)
    return [_file_size(size) for size in (*small, 104_857_600, 500_000_001, 2**33 + 1)]


def _file_size(size: int) -> dict[str, Any]:
    padded = padded_size(size)
    return {"name": f"{size} bytes", "file_size": size, "padded": padded, "chunks": -(-padded // CHUNK_BYTES)}


def file_chunks() -> Vectors:
    """The one chunk of a small file, and all that is not that chunk."""
    sealed = SealedFile(drawn("a file's key"), CASE, OTHER)
    base = {"key": sealed.key.hex(), "complaint": CASE, "file": OTHER, "index": 1, "size": 7}
    place, filled = sealed.chunk_context(1, last=True), b"kuitans".ljust(4096, b"\0")
    good = _box("the only chunk of a small file", sealed.key, place, filled, "file-chunks")
    chunk = base | {"name": good["name"], "boxed": good["boxed"], "plaintext": b"kuitans".hex()}
    bad = [
        {"name": "as the second chunk", "index": 2}, {"name": "of another file", "file": CASE},
        {"name": "of another complaint", "complaint": OTHER}, {"name": "of a file that goes on", "size": 2_000_000},
        {"name": "of a shorter file, whose padding is not zero", "size": 6}, {"name": "of a longer file", "size": 4097},
    ]  # fmt: skip
    return [chunk, *(chunk | {"plaintext": None} | each for each in bad)]


SMALL = Manifest(
    chunks=(drawn("a sealed chunk").hex(),), cleaned="cleaned", name="kuitansi.jpg", size=7, type="image/jpeg",
    sha256=drawn("a photograph").hex(),
)  # fmt: skip


def file_boxes() -> Vectors:
    """A file's key, what was read of it and its manifest, each boxed, and each in a place that is not its own."""
    sealed, key = SealedFile(drawn("a file's key"), CASE, OTHER), drawn("a thread key")
    digests = [drawn("a plaintext chunk"), drawn("another plaintext chunk")]
    base = {"complaint": CASE, "file": OTHER, "epoch": 2, "side": "thread"}
    cases = {
        "file-key": (key, lambda: box_file_key(sealed, key, 2, "thread"), sealed.key.hex()),
        "file-progress": (sealed.key, lambda: box_progress(digests, sealed), [each.hex() for each in digests]),
        "file-manifest": (sealed.key, lambda: box_manifest(SMALL, sealed), told_of(SMALL)),
    }
    moved = [{"complaint": OTHER}, {"file": CASE}, {"key": drawn("another key").hex()}]
    found: Vectors = []
    for kind, (under, make, opened) in cases.items():
        given = base | {"kind": kind, "key": under.hex()}
        boxed = _kept("file-boxes", kind, "boxed", _opens_as(given, opened)) or make()
        good = given | {"name": kind, "boxed": boxed.hex(), "opened": opened}
        elsewhere = [*moved, {"epoch": 1}, {"side": "case"}] if kind == "file-key" else moved
        bad = [good | each | {"name": f"{kind}, another {next(iter(each))}", "opened": None} for each in elsewhere]
        found += [good, *bad]
    return found


def _opens_as(given: dict[str, Any], opened: Any) -> Callable[[bytes], bool]:
    return lambda boxed: opened_box(given | {"boxed": boxed.hex()}) == opened


def opened_box(vector: dict[str, Any]) -> Any:
    """Open a box of ``file_boxes``; raises ``Unreadable``."""
    key, boxed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["boxed"])
    complaint, file = vector["complaint"], vector["file"]
    if vector["kind"] == "file-key":
        return open_file_key(boxed, key, complaint, file, vector["epoch"], vector["side"]).key.hex()
    if vector["kind"] == "file-progress":
        return [digest.hex() for digest in open_progress(boxed, SealedFile(key, complaint, file))]
    return told_of(open_manifest(boxed, SealedFile(key, complaint, file)))


def told_of(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as its JSON tells it."""
    told = {name: value for name, value in asdict(manifest).items() if value is not None}
    return told | {"chunks": list(manifest.chunks)}


def file_manifests() -> Vectors:
    """Texts of manifests, and texts that are none."""
    beside = {"description": "Struk parkir", "source": "pelapor", "obtained_by": "Budi", "how": "diserahkan"}
    small = told_of(SMALL)
    good = {
        "a reporter's": small,
        "an officer's": small | beside | {"obtained_on": "2026-11-26"},
        "a name of 255 characters that take two places each": small | {"name": "\U0001f9fe" * 255},
        "a name with everything": small | {"name": '../\0"\\\u202e\u2028é\n\x7f'},
        "two chunks": small | {"size": 2**20 + 1, "chunks": small["chunks"] * 2},
        "an empty file": small | {"size": 0},
    }
    bad = {
        "a name of 256 characters": small | {"name": "a" * 256}, "another word for clean": small | {"cleaned": "yes"},
        "a hash in capitals": small | {"sha256": SMALL.sha256.upper()}, "a size below none": small | {"size": -1},
        "a chunk too many": small | {"chunks": small["chunks"] * 2}, "no chunk": small | {"chunks": []},
        "a size that is true": small | {"size": True}, "a size beyond every number": small | {"size": 2**53},
        "a name that is none": small | {"name": None}, "something more": small | {"place": "Magelang"},
        "no day": small | {"obtained_on": "2026-02-30"}, "a list": [small], "nothing": None,
        "something left out": {name: value for name, value in small.items() if name != "type"},
    }  # fmt: skip
    text = _json(small)
    spelt = {
        "a space": text.replace(":", ": ", 1), "another order": _json(dict(reversed(small.items())), False),
        "a member twice": text.replace("{", '{"chunks":[],', 1), "a size with a point": text.replace(":7,", ":7.0,"),
        "half a letter": text.replace("kuitansi", "\\ud800"), "a letter written long": text.replace("kui", "\\u006bui"),
        "a mark before it": f"\ufeff{text}", "half of it": text[: len(text) // 2], "no text": "",
    }  # fmt: skip
    return [
        *({"name": name, "text": _json(told).encode().hex(), "manifest": told} for name, told in good.items()),
        *({"name": name, "text": _json(told).encode().hex(), "manifest": None} for name, told in bad.items()),
        *({"name": name, "text": each.encode().hex(), "manifest": None} for name, each in spelt.items()),
        {"name": "in another encoding", "text": text.encode("utf-16").hex(), "manifest": None},
    ]


def _json(told: Any, sort: bool = True) -> str:
    return json.dumps(told, sort_keys=sort, separators=(",", ":"), ensure_ascii=False)


def file_digests() -> Vectors:
    """Digests by which events name files."""
    key, manifest, chunks = b"a key's box", b"a manifest's box", [drawn("a sealed chunk"), drawn("another")]
    given = {"one chunk": chunks[:1], "two chunks": chunks, "the other way round": chunks[::-1]}
    return [
        {
            "name": name, "key_box": key.hex(), "manifest_box": manifest.hex(),
            "chunks": [each.hex() for each in digests], "digest": file_digest(key, manifest, digests),
        }
        for name, digests in given.items()
    ]  # fmt: skip


def _box(name: str, key: bytes, place: bytes, plaintext: bytes, file: str = "box") -> dict[str, Any]:
    def opens(boxed: bytes) -> bool:
        return unbox(boxed, key, place) == plaintext

    boxed = _kept(file, name, "boxed", opens) or box(plaintext, key, place)
    vector = {"name": name, "key": key.hex(), "context": place.decode()}
    return vector | {"plaintext": plaintext.hex(), "boxed": boxed.hex()}


def _kept(file: str, name: str, field: str, opens: Callable[[bytes], bool]) -> bytes | None:
    path = HERE / f"{file}.json"
    found = [vector for vector in json.loads(path.read_text()) if vector["name"] == name] if path.exists() else []
    kept = bytes.fromhex(found[0][field]) if found else None
    try:
        return kept if kept is not None and opens(kept) else None
    except Unreadable:
        return None


def _flipped(blob: bytes, where: int) -> bytes:
    flipped = bytearray(blob)
    flipped[where] ^= 1
    return bytes(flipped)


def _cut(blob: bytes, head: int) -> dict[str, bytes]:
    return {
        "one byte short": blob[:-1],
        "one byte long": blob + b"\0",
        "a byte before it": b"\0" + blob,
        "cut after its head": blob[:head],
        "cut inside its head": blob[: head - 1],
        "its first byte alone": blob[:1],
        "no bytes": b"",
    }


def _moved() -> dict[str, bytes]:
    recipient = "desk:33.08:1"
    return {
        "another complaint": context("thread-key", OTHER, epoch=1, recipient=recipient),
        "another kind": context("case-key", CASE, epoch=1, recipient=recipient),
        "another object": context("thread-key", CASE, "1", 1, recipient),
        "another epoch": context("thread-key", CASE, epoch=2, recipient=recipient),
        "another recipient": context("thread-key", CASE, epoch=1, recipient="desk:33.08:2"),
    }


def officers() -> Vectors:
    """An officer's keys from his seed, and what his stretched password opens."""
    seed, password_key, secret = drawn("an officer's seed"), drawn("a password key"), drawn("an installation's secret")
    identity, signing = officer_keys(seed)
    return [
        {"name": "keys", "seed": seed.hex(), "kem": identity.recipient.raw.hex(), "sign": signing.public.hex()},
        {
            "name": "password",
            "password_key": password_key.hex(),
            "unlock": unlock_key(password_key).hex(),
            "auth": auth_token(password_key).hex(),
        },
        {"name": "salt", "secret": secret.hex(), "account": "siti", "salt": password_salt(secret, "siti").hex()},
    ]


def signatures() -> Vectors:
    """Ed25519 signatures, and what must not pass for one."""
    key, message = SigningKey.from_seed(drawn("a signer's seed")), b"laporan"
    signature = key.sign(message)
    checked = {"public": key.public.hex(), "message": message.hex(), "signature": signature.hex(), "valid": False}
    return [
        {**checked, "name": "signed", "seed": drawn("a signer's seed").hex(), "valid": True},
        {**checked, "name": "another message", "message": b"laporan ".hex()},
        {**checked, "name": "another signer", "public": SigningKey.from_seed(drawn("another signer")).public.hex()},
        {**checked, "name": "first half flipped", "signature": _flipped(signature, 0).hex()},
        {**checked, "name": "second half flipped", "signature": _flipped(signature, 63).hex()},
        {**checked, "name": "s not reduced", "signature": (signature[:32] + _unreduced(signature[32:])).hex()},
        {**checked, "name": "short", "signature": signature[:-1].hex()},
        {**checked, "name": "long", "signature": (signature + b"\0").hex()},
        {**checked, "name": "empty", "signature": ""},
        {**checked, "name": "no public key", "public": ""},
        {**checked, "name": "a short public key", "public": key.public[:-1].hex()},
        *points.disputed(),
    ]


def _unreduced(s: bytes) -> bytes:
    order = 2**252 + 27742317777372353535851937790883648493
    return (int.from_bytes(s, "little") + order).to_bytes(32, "little")


def entries() -> Vectors:
    """Ledger entries of the events in events.json."""
    key = drawn("a ledger key")
    whole = [vector["body"] for vector in bodies.events() if vector["event"]]
    seqs = (1, 2, 255, 256, 2**32, 2**53 + 1, 2**64 - 1)
    return [
        {
            "name": f"seq {seq}",
            "ledger_key": key.hex(),
            "seq": str(seq),
            "body": body,
            "tag": tag(key, seq).hex(),
            "commitment": commitment(key, seq, body).hex(),
            "entry": entry_of(key, seq, body).hex(),
        }
        for seq, body in zip(seqs, whole * len(seqs), strict=False)
    ]


FILES: dict[str, Callable[[], Vectors]] = {
    "context": contexts,
    "padding": paddings,
    "derive": derivations,
    "stretch": stretches,
    "recipients": recipients,
    "seal": seals,
    "box": boxes,
    "file-sizes": file_sizes,
    "file-chunks": file_chunks,
    "file-boxes": file_boxes,
    "file-manifests": file_manifests,
    "file-digests": file_digests,
    "sign": signatures,
    "officers": officers,
    "statements": bodies.statements,
    "events": bodies.events,
    "entries": entries,
    "vkeys": logs.vkeys,
    "notes": logs.notes,
    "policies": logs.policies,
    "proofs": logs.proofs,
    "promises": promises.promises,
    "directory": directories.directories,
    "directory-bodies": directories.pooled,
    "phrase": phrases.readings,
    "phrase-keys": phrases.keys,
    "fingerprint": phrases.fingerprints,
    "plain": phrases.plain,
}


def written(vectors: Vectors) -> str:
    """Return a file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every file anew."""
    for name, make in FILES.items():
        (HERE / f"{name}.json").write_text(written(make()))


if __name__ == "__main__":
    main()
