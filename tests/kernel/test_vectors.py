"""The vectors that the browser runs too (tests/vectors/README.md)."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from kernel.directory.directory import Directory, NotVouched
from kernel.directory.statements import parse, write
from kernel.vault import (
    Identity, Malformed, Recipient, SigningKey, TooLong, UnknownWord, Unreadable, WrongCount, auth_token, box,
    canonical, context, derive, fingerprint, keyed_hash, keys_of, officer_keys, pad, password_salt, plain_complaint_id,
    plain_phrase, seal, signed_by, spell, stretch, unbox, unlock_key, unpad, unseal, verify,
)  # fmt: skip
from tests.vectors import make
from tests.vectors.reading import load, vectors

Vector = dict[str, Any]
OUR_SUITE = {"kem_id": 0x647A, "kdf_id": 1, "aead_id": 2}
INFO = b"kentongan/v1/visit/-/-/-/-"


def raw(vector: Vector, *fields: str) -> list[bytes]:
    """Return the bytes of ``fields``."""
    return [bytes.fromhex(vector[field]) for field in fields]


@pytest.mark.parametrize("file", make.FILES)
def test_the_files_are_what_their_maker_makes(file: str) -> None:
    assert (make.HERE / f"{file}.json").read_text() == make.written(make.FILES[file]())


@vectors("context")
def test_a_context(vector: Vector) -> None:
    parts = {key.replace("object", "object_"): value for key, value in vector.items() if key not in {"name", "context"}}
    if vector["context"] is None:
        with pytest.raises(ValueError):
            context(**parts)
    else:
        assert context(**parts) == vector["context"].encode("ascii")


@vectors("padding", "letter")
def test_a_text_is_padded(vector: Vector) -> None:
    text = vector["letter"].encode() * vector["length"]
    if vector["size"] is None:
        with pytest.raises(TooLong):
            pad(text)
    else:
        padded = pad(text)
        assert (len(padded), hashlib.sha256(padded).hexdigest()) == (vector["size"], vector["sha256"])
        assert unpad(padded) == text


@vectors("padding", "head")
def test_a_padding_is_checked_when_it_is_taken_off(vector: Vector) -> None:
    head, tail = bytes.fromhex(vector["head"]), bytes.fromhex(vector.get("tail", ""))
    padded = head + bytes(vector["size"] - len(head) - len(tail)) + tail
    if vector["opens"]:
        unpad(padded)
    else:
        with pytest.raises(Unreadable):
            unpad(padded)


@vectors("derive", "label")
def test_a_derived_key(vector: Vector) -> None:
    assert derive(*raw(vector, "secret"), vector["label"]).hex() == vector["derived"]


@vectors("hkdf")
def test_a_derived_key_as_published(vector: Vector) -> None:
    assert derive(*raw(vector, "secret"), vector["label"]).hex() == vector["derived"]


@vectors("derive", "hash")
def test_a_keyed_hash(vector: Vector) -> None:
    assert keyed_hash(*raw(vector, "key", "data")).hex() == vector["hash"]


@vectors("hmac")
def test_a_keyed_hash_as_published(vector: Vector) -> None:
    assert keyed_hash(*raw(vector, "key", "data")).hex() == vector["hash"]


@vectors("stretch")
def test_a_stretched_key(vector: Vector) -> None:
    assert stretch(vector["words"], *raw(vector, "salt")).hex() == vector["key"]


@vectors("argon2")
def test_argon2id_as_published(vector: Vector) -> None:
    password, salt, secret, data = raw(vector, "password", "salt", "secret", "data")
    kdf = Argon2id(
        salt=salt, length=32, iterations=vector["passes"], lanes=vector["lanes"], memory_cost=vector["memory"],
        ad=data, secret=secret,
    )  # fmt: skip
    assert kdf.derive(password).hex() == vector["key"]


@vectors("recipients")
def test_a_recipient(vector: Vector) -> None:
    if vector["digest"] is None:
        with pytest.raises(Unreadable):
            Recipient.from_bytes(*raw(vector, "public"))
    else:
        assert Recipient.from_bytes(*raw(vector, "public")).digest == vector["digest"]


@vectors("seal")
def test_a_seal(vector: Vector) -> None:
    sealed, place = bytes.fromhex(vector["sealed"]), vector["context"].encode()
    identity = Identity.from_seed(*raw(vector, "seed"))
    if vector["plaintext"] is None:
        with pytest.raises(Unreadable):
            unseal(sealed, identity, place)
    else:
        assert unseal(sealed, identity, place).hex() == vector["plaintext"]
        assert identity.recipient.raw.hex() == vector["public"]
        again = seal(unseal(sealed, identity, place), identity.recipient, place)
        assert again != sealed
        assert unseal(again, identity, place).hex() == vector["plaintext"]


@vectors("box")
def test_a_box(vector: Vector) -> None:
    boxed, key = raw(vector, "boxed", "key")
    place = vector["context"].encode()
    if vector["plaintext"] is None:
        with pytest.raises(Unreadable):
            unbox(boxed, key, place)
    else:
        assert unbox(boxed, key, place).hex() == vector["plaintext"]
        assert unbox(box(*raw(vector, "plaintext"), key, place), key, place).hex() == vector["plaintext"]


@vectors("sign")
def test_a_signature(vector: Vector) -> None:
    assert verify(*raw(vector, "public", "signature", "message")) is vector["valid"]


@vectors("sign", "seed")
def test_a_signature_is_made(vector: Vector) -> None:
    assert SigningKey.from_seed(*raw(vector, "seed")).sign(*raw(vector, "message")).hex() == vector["signature"]


@vectors("ed25519")
def test_a_signature_as_published(vector: Vector) -> None:
    key = SigningKey.from_seed(*raw(vector, "seed"))
    message, signature = raw(vector, "message", "signature")
    assert (key.public.hex(), key.sign(message)) == (vector["public"], signature)
    assert verify(key.public, signature, message)


@vectors("officers", "kem")
def test_an_officers_keys(vector: Vector) -> None:
    identity, key = officer_keys(*raw(vector, "seed"))
    assert (identity.recipient.raw.hex(), key.public.hex()) == (vector["kem"], vector["sign"])


@vectors("officers", "unlock")
def test_what_an_officers_password_opens(vector: Vector) -> None:
    [password_key] = raw(vector, "password_key")
    assert (unlock_key(password_key).hex(), auth_token(password_key).hex()) == (vector["unlock"], vector["auth"])


@vectors("officers", "salt")
def test_the_salt_of_an_account(vector: Vector) -> None:
    assert password_salt(*raw(vector, "secret"), vector["account"]).hex() == vector["salt"]


@vectors("statements")
def test_a_statement_is_read_or_refused(vector: Vector) -> None:
    if vector["statement"] is None:
        with pytest.raises(Malformed):
            parse(vector["body"])
    else:
        found = parse(vector["body"])
        shown = vars(found) | {"version": str(found.version), "issued": found.issued.isoformat()}
        assert shown == vector["statement"]
        assert vector["body"].startswith(write(found))
    assert signed_by(vector["body"], *raw(vector, "public")) is vector["signed"]


@vectors("phrase", "typed")
def test_a_phrase_is_read_or_asked_about(vector: Vector) -> None:
    if vector["canonical"] is not None:
        assert canonical(vector["typed"], vector["count"]) == vector["canonical"]
    elif "found" in vector:
        with pytest.raises(WrongCount) as wrong:
            canonical(vector["typed"], vector["count"])
        assert wrong.value.found == vector["found"]
    else:
        with pytest.raises(UnknownWord) as unknown:
            canonical(vector["typed"], vector["count"])
        shown = (unknown.value.position, unknown.value.typed, list(unknown.value.candidates))
        assert shown == (vector["position"], vector["word"], vector["candidates"])


@vectors("phrase-keys")
def test_the_keys_of_a_phrase(vector: Vector) -> None:
    phrase_key = stretch(vector["words"], *raw(vector, "salt"))
    keys = keys_of(phrase_key)
    assert phrase_key.hex() == vector["phrase_key"]
    assert keys.lookup_token.hex() == vector["lookup_token"]
    assert keys.reporter.recipient.digest == vector["reporter"]
    assert keys.sign.public.hex() == vector["sign"]
    assert keys.ledger_key.hex() == vector["ledger_key"]


@vectors("fingerprint", "kem")
def test_a_fingerprint(vector: Vector) -> None:
    assert fingerprint(*raw(vector, "kem", "sign")) == vector["words"]


@vectors("fingerprint", "bits")
def test_bits_are_spelled(vector: Vector) -> None:
    assert spell(*raw(vector, "bits"), 8) == vector["words"]


@vectors("plain")
def test_a_form_without_javascript_gives_its_phrase(vector: Vector) -> None:
    given = (*raw(vector, "secret", "nonce"), vector["account"].encode())
    assert (plain_phrase(*given), plain_complaint_id(*given)) == (vector["phrase"], vector["complaint"])


@vectors("directory")
def test_a_directory(vector: Vector) -> None:
    bodies = {each["name"]: each["body"] for each in load("directory-bodies")}
    pins = {subject: int(version) for subject, version in vector["pins"].items()}
    directory = Directory(*raw(vector, "root"), [bodies[name] for name in vector["bodies"]], pins)
    for subject, verdict in vector["verdicts"].items():
        assert (directory.reason(*subject.split("/")) or "vouched") == verdict, subject
    desks = {desk.id: {"parent": desk.parent, "remit": desk.remit} for desk in directory.desks().values()}
    assert desks == vector["desks"]
    keys = {desk: directory.desk_key(desk) for desk in directory.open_desks()}
    assert {desk: {"epoch": str(epoch), "kem": kem} for desk, (epoch, kem) in keys.items()} == vector["keys"]
    for officer, ever in vector["ever"].items():
        assert sorted(key.hex() for key in directory.signing_keys(officer)) == ever
    for officer, revocable in vector["revocable"].items():
        found = directory.revocable(officer)
        assert (found and found.sign.hex()) == revocable, officer
    assert {subject: str(version) for subject, version in directory.pins().items()} == vector["remember"]
    assert {"log": named(directory, "log_key"), "promise": named(directory, "promise_key")} == {
        name: vector[name] for name in ("log", "promise")
    }
    assert [[key.public.hex(), key.last and key.last.isoformat()] for key in directory.promise_keys] == (
        vector["promises"]
    )


def named(directory: Directory, which: str) -> str | None:
    """Return a key that the root names, in hex; nothing where it is not vouched for."""
    try:
        return bytes(getattr(directory, which)).hex()
    except NotVouched:
        return None


@vectors("xwing")
def test_x_wing_makes_the_published_public_key(vector: Vector) -> None:
    public = Identity.from_seed(*raw(vector, "seed")).recipient.raw.hex()
    assert public.startswith(vector["public_begins"])
    assert public.endswith(vector["public_ends"])


@vectors("hpke")
def test_the_key_schedule_of_these_tests_is_hpkes(vector: Vector) -> None:
    key, nonce = key_schedule(vector, *raw(vector, "shared_secret", "info"), key_bytes=len(vector["key"]) // 2)
    assert (key.hex(), nonce.hex()) == (vector["key"], vector["base_nonce"])


@vectors("xwing", "enc")
def test_what_is_sealed_with_x_wings_published_secret_opens(vector: Vector) -> None:
    seed, enc, shared_secret = raw(vector, "seed", "enc", "shared_secret")
    assert unseal(sealed_with(enc, shared_secret), Identity.from_seed(seed), INFO) == b"laporan"


@vectors("hpke", "enc")
def test_what_is_sealed_with_hpkes_published_secret_opens(vector: Vector) -> None:
    seed, enc, shared_secret = raw(vector, "seed", "enc", "shared_secret")
    identity = Identity.from_seed(seed)
    assert identity.recipient.raw.hex() == vector["public"]
    assert unseal(sealed_with(enc, shared_secret), identity, INFO) == b"laporan"


def sealed_with(enc: bytes, shared_secret: bytes) -> bytes:
    """Seal as our suite does, from a shared secret that somebody else's encapsulation gave."""
    key, nonce = key_schedule(OUR_SUITE, shared_secret, INFO, key_bytes=32)
    return b"\x01" + enc + AESGCM(key).encrypt(nonce, b"laporan", b"")


def key_schedule(suite: Vector, shared_secret: bytes, info: bytes, key_bytes: int) -> tuple[bytes, bytes]:
    """Return key and nonce of HPKE's base mode (RFC 9180 §5.1)."""
    ids = b"HPKE" + b"".join(suite[name].to_bytes(2, "big") for name in ("kem_id", "kdf_id", "aead_id"))

    def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
        mac = HMAC(salt or bytes(32), SHA256())
        mac.update(b"HPKE-v1" + ids + label + secret)
        return mac.finalize()

    def expand(label: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + ids + label + schedule
        return HKDFExpand(SHA256(), size, labelled).derive(secret)

    schedule = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared_secret, b"secret", b"")
    return expand(b"key", key_bytes), expand(b"base_nonce", 12)
