"""Keys, seals and signatures: the only place that imports ``cryptography``. What is written here is docs/formats.md."""

from kernel.vault import bodies, totp
from kernel.vault.bodies import Malformed, leave_unsigned, signed_by
from kernel.vault.bodies import sign as sign_body
from kernel.vault.boxes import BOXED_BYTES, box, box_into, unbox
from kernel.vault.context import context
from kernel.vault.deriving import derive, keyed_hash
from kernel.vault.errors import Unreadable
from kernel.vault.file_boxes import (
    LARGEST_MANIFEST, Manifest, box_file_key, box_manifest, box_progress, chunk_count, file_digest, open_file_key,
    open_manifest, open_progress,
)  # fmt: skip
from kernel.vault.files import CHUNK_BYTES, Chunk, SealedFile, cut_file, open_file, padded_size
from kernel.vault.fingerprint import fingerprint
from kernel.vault.officers import PASSWORD_WORDS, auth_token, officer_keys, password_salt, unlock_key
from kernel.vault.padding import LONGEST, TooLong, pad, unpad
from kernel.vault.phrase import PHRASE_WORDS, PhraseKeys, UnknownWord, WrongCount, canonical, keys_of
from kernel.vault.plain import plain_complaint_id, plain_phrase
from kernel.vault.sealing import Identity, Recipient, seal, unseal
from kernel.vault.signing import SigningKey, verify
from kernel.vault.stretching import Busy, Stretcher, stretch
from kernel.vault.words import WORDS, draw, spell

__all__ = [
    "BOXED_BYTES",
    "CHUNK_BYTES",
    "LARGEST_MANIFEST",
    "LONGEST",
    "PASSWORD_WORDS",
    "PHRASE_WORDS",
    "WORDS",
    "Busy",
    "Chunk",
    "Identity",
    "Malformed",
    "Manifest",
    "PhraseKeys",
    "Recipient",
    "SealedFile",
    "SigningKey",
    "Stretcher",
    "TooLong",
    "Unreadable",
    "UnknownWord",
    "WrongCount",
    "auth_token",
    "bodies",
    "box",
    "box_file_key",
    "box_into",
    "box_manifest",
    "box_progress",
    "canonical",
    "chunk_count",
    "context",
    "cut_file",
    "derive",
    "draw",
    "file_digest",
    "fingerprint",
    "keyed_hash",
    "keys_of",
    "leave_unsigned",
    "officer_keys",
    "open_file",
    "open_file_key",
    "open_manifest",
    "open_progress",
    "pad",
    "padded_size",
    "password_salt",
    "plain_complaint_id",
    "plain_phrase",
    "seal",
    "sign_body",
    "signed_by",
    "spell",
    "stretch",
    "totp",
    "unbox",
    "unlock_key",
    "unpad",
    "unseal",
    "verify",
]
