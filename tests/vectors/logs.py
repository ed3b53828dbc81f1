"""Vectors of a log as others check it: keys, notes, policies, and proofs with every part that one may fail in."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kernel.vault import Malformed, SigningKey
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.notes import COSIGNATURE, Signature, Verifier, cosign, read_note, sign_note, write_note
from ledger.policies import Known, Policy
from ledger.tree import leaf_hash, nodes_of, prove_inclusion, root_of
from tests.vectors.inputs import drawn

Vectors = list[dict[str, Any]]
NAME = "kentongan/00112233445566778899aabbccddeeff"
KEY = SigningKey.from_seed(drawn("a log's key"))
OTHER = SigningKey.from_seed(drawn("another log's key"))
LOG = Verifier(NAME, KEY.public)
ENTRIES = [drawn(f"tag {at}") + drawn(f"commitment {at}") for at in range(70)]
SIZES = (1, 2, 7, 64, 70)
AT = 1_790_000_000
WITNESSES = {name: SigningKey.from_seed(drawn(f"witness {name}")) for name in ("ngo", "ombudsman", "campus")}
# golang.org/x/mod/sumdb/note, note_test.go; of the second the type of the key was changed, and its id with it.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
OF_NO_TYPE = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def vkeys() -> Vectors:
    """Keys as one line of text, and lines that are none."""
    of_a_witness = Verifier("ngo.example", WITNESSES["ngo"].public, COSIGNATURE).vkey
    cases = {
        "Go's own": PETER, "a log's": LOG.vkey, "a witness's": of_a_witness,
        "a name beyond ASCII": Verifier("kenthongan.ꦏꦺꦴ", KEY.public).vkey,
        "nothing": "", "another type": OF_NO_TYPE, "a line feed": f"{PETER}\n", "no id": PETER.replace("c74f20a3+", ""),
        "another id": PETER.replace("c74f20a3", "c74f20a4"), "an id in capitals": PETER.replace("c74f", "C74F"),
        "a key of 33 bytes": Verifier("a", bytes(33)).vkey, "a key of 31 bytes": Verifier("a", bytes(31)).vkey,
        "no name": Verifier("", KEY.public).vkey, "a space in the name": Verifier("a b", KEY.public).vkey,
        "a no-break space in the name": Verifier("a\u00a0b", KEY.public).vkey,
        "a next-line sign in the name": Verifier("a\u0085b", KEY.public).vkey,
        "a unit separator in the name": Verifier("a\x1fb", KEY.public).vkey,
        "a plus in the name": Verifier("a+b", KEY.public).vkey,
        "a mark that is no space in the name": Verifier("a\ufeffb", KEY.public).vkey,
        "base64 with a space": f"{PETER[:-4]} {PETER[-4:]}",
    }  # fmt: skip
    return [{"name": name, "vkey": vkey, "key": _read(vkey)} for name, vkey in cases.items()]


def _read(vkey: str) -> dict[str, str] | None:
    try:
        found = Verifier.read(vkey)
    except Malformed:
        return None
    return {"name": found.name, "kind": found.kind.hex(), "public": found.public.hex(), "id": found.key_id.hex()}


def notes() -> Vectors:
    """Checkpoints that a log has signed, and notes that are no such thing."""
    stated = Checkpoint(NAME, 64, drawn("a root"))
    note = sign_checkpoint(stated, KEY)
    line = note.rpartition("\n\n")[2]
    good = {
        "a checkpoint": note,
        "one of nothing": sign_checkpoint(replace(stated, size=0), KEY),
        "a size that only 64 bits hold": sign_checkpoint(replace(stated, size=2**60 + 1), KEY),
        "lines that others add": sign_checkpoint(replace(stated, extensions=("one", "two ꦏꦺꦴ")), KEY),
        "a key that nobody knows beside it": note + sign_note(stated.text, "x.example", OTHER).rpartition("\n\n")[2],
        "the log's name with another's key beside it": note + sign_note(stated.text, NAME, OTHER).rpartition("\n\n")[2],
        "another's name with the log's key id beside it": note + Signature("x.example", LOG.key_id, bytes(64)).line,
        "64 signatures": note + line * 63,
    }
    texts = {
        "another origin": Checkpoint("kentongan/other", 64, stated.root).text,
        "no size": f"{NAME}\n\n{b64encode(stated.root).decode()}\n",
        "a size with a zero in front": stated.text.replace("\n64\n", "\n064\n"),
        "a size below nothing": stated.text.replace("\n64\n", "\n-64\n"),
        "a size of twenty digits": stated.text.replace("\n64\n", f"\n{'1' * 20}\n"),
        "a size in other digits": stated.text.replace("\n64\n", "\n٦٤\n"),
        "a root of 31 bytes": Checkpoint(NAME, 64, stated.root[:31]).text,
        "two lines": f"{NAME}\n64\n",
        "an empty line among others": f"{stated.text}one\n\ntwo\n",
    }
    bad = {name: sign_note(text, NAME, KEY) for name, text in texts.items()} | {
        "signed by another": sign_checkpoint(stated, OTHER),
        "signed by another name": sign_note(stated.text, "x.example", KEY),
        "another text": note.replace("\n64\n", "\n65\n"),
        "one signature that does not hold beside one that does": write_note(
            stated.text, [*read_note(note).signatures, Signature(NAME, LOG.key_id, bytes(64))]
        ),
        "another's key id alone beside it": f"{note}— x.example {b64encode(bytes(4)).decode()}\n",
        "a control character in a line that others add": _by_hand(f"{stated.text}a\tb\n"),
        "a key id alone": f"{stated.text}\n— {NAME} {b64encode(LOG.key_id).decode()}\n",
        "nothing": "", "a text alone": stated.text, "no signature": f"{stated.text}\n",
        "no end": note[:-1], "an empty line at the end": f"{note}\n", "no empty line": note.replace("\n\n", "\n"),
        "65 signatures": note + line * 64, "line feeds of another kind": note.replace("\n", "\r\n"),
        "a control character": f"\x01{note}", "a hyphen for a dash": note.replace("— ", "- "),
        "another line among the signatures": f"{note}Another line.\n",
        "base64 written otherwise": _otherwise(note), "base64 without padding": note.rstrip("=\n") + "\n",
        "two spaces": note.replace(f"— {NAME} ", f"— {NAME}  "),
        "a name in two parts": note + f"— x\u2003y {line.split()[2]}\n",
    }  # fmt: skip
    return [
        {"name": name, "note": text, "vkey": LOG.vkey, "checkpoint": _opened(text)}
        for name, text in (good | bad).items()
    ]


def _by_hand(text: str) -> str:
    """Return a note of a text that our own hand would not sign."""
    return f"{text}\n{Signature(NAME, LOG.key_id, KEY.sign(text.encode())).line}"


def _otherwise(note: str) -> str:
    """Return the note with the last signature's bits that no byte holds set."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    head, pads = note.rstrip("=\n"), "=" * note.count("=", len(note.rstrip("=\n")))
    changed = head[:-1] + letters[letters.index(head[-1]) | 1] + f"{pads}\n"
    assert changed != note and b64decode(changed.split()[-1]) == b64decode(note.split()[-1])
    return changed


def _opened(note: str) -> dict[str, Any] | None:
    try:
        found = open_checkpoint(note, LOG)
    except Malformed:
        return None
    return {"size": str(found.size), "root": found.root.hex(), "extensions": list(found.extensions)}


def known(name: str) -> Known:
    """Return a witness as a policy names it."""
    verifier = Verifier(f"{name}.example", WITNESSES[name].public, COSIGNATURE)
    return Known(name, verifier, f"https://{name}.example")


def policies() -> Vectors:
    """Policies, and texts that our server would not write."""
    three = Policy(LOG, tuple(map(known, WITNESSES)), 2)
    text = three.text
    one = f"witness ngo {known('ngo').verifier.vkey}"
    cases = {
        "nobody is needed": Policy(LOG).text, "two of three": text, "all of three": replace(three, needed=3).text,
        "witnesses of whom none is needed": replace(three, needed=0).text,
        "nothing": "", "no end": text[:-1], "a line more": f"{text}\n", "a remark": f"# ours\n{text}",
        "no quorum": text.replace("quorum witnesses\n", ""), "another quorum": text.replace("quorum w", "quorum v"),
        "the lines in another order": "".join(f"{line}\n" for line in sorted(text.splitlines())),
        "two spaces": text.replace("quorum ", "quorum  "), "line feeds of another kind": text.replace("\n", "\r\n"),
        "more than there are": replace(three, needed=4).text, "any": text.replace("witnesses 2 ", "witnesses any "),
        "a count with a zero in front": text.replace("witnesses 2 ", "witnesses 02 "),
        "a witness twice": Policy(LOG, (known("ngo"), known("ngo")), 1).text,
        "one key under two names": Policy(LOG, (known("ngo"), replace(known("ngo"), name="x")), 1).text,
        "one name of two keys": Policy(LOG, (known("ngo"), replace(known("campus"), name="ngo")), 1).text,
        "a name with a slash": Policy(LOG, (replace(known("ngo"), name="a/b"),), 1).text,
        "the log as its own witness": Policy(
            LOG, (replace(known("ngo"), verifier=Verifier("a", KEY.public, COSIGNATURE)),), 1
        ).text,
        "a log as a witness": Policy(LOG, (replace(known("ngo"), verifier=Verifier("a", OTHER.public)),), 1).text,
        "a witness as the log": Policy(known("ngo").verifier).text,
        "two logs": f"log {LOG.vkey}\n{Policy(LOG).text}", "no log": "quorum none\n",
        "a witness called as the group": Policy(LOG, (replace(known("ngo"), name="witnesses"),), 1).text,
        "a witness called as nobody": Policy(LOG, (replace(known("ngo"), name="none"),), 1).text,
        "a witness that is nowhere": f"log {LOG.vkey}\n{one}\nquorum none\n",
        "a witness elsewhere than on the web": f"log {LOG.vkey}\n{one} file:///x\nquorum none\n",
        "an address that ends in a slash": f"log {LOG.vkey}\n{one} https://ngo.example/\nquorum none\n",
        "a group of some": text.replace(" ombudsman campus\n", " ombudsman\n"),
        "33 witnesses": Policy(LOG, tuple(map(_numbered, range(33))), 1).text,
    }  # fmt: skip
    return [{"name": name, "text": text, "policy": _policy(text)} for name, text in cases.items()]


def _numbered(at: int) -> Known:
    key = SigningKey.from_seed(drawn(f"witness {at}"))
    return Known(f"w{at}", Verifier(f"w{at}.example", key.public, COSIGNATURE), f"https://w{at}.example")


def _policy(text: str) -> dict[str, Any] | None:
    try:
        found = Policy.read(text)
    except Malformed:
        return None
    return {"needed": found.needed, "witnesses": [each.name for each in found.witnesses]}


@dataclass(frozen=True)
class Made:
    """A proof to be written: what stands in it, who has signed its checkpoint, and who had to."""

    index: int
    size: int
    key: SigningKey = KEY
    name: str = NAME
    entry: bytes = b""
    witnesses: tuple[str, ...] = ()
    needed: int = 0
    vkey: str = LOG.vkey
    policy: str = ""
    hashes: Callable[[list[bytes]], list[bytes]] = list
    note: Callable[[str], str] = str
    text: Callable[[str], str] = str
    seen: dict[str, str] = field(default_factory=dict)

    def vector(self, name: str, part: str | None) -> dict[str, Any]:
        """Return the vector; ``part`` is what of it fails."""
        nodes = nodes_of([leaf_hash(entry) for entry in ENTRIES[: self.size]])
        stated = Checkpoint(self.name, self.size, root_of(nodes, self.size))
        signed = read_note(sign_checkpoint(stated, self.key))
        lines = [cosign(stated.text, AT, f"{each}.example", WITNESSES[each]) for each in self.witnesses]
        note = self.note(write_note(stated.text, [*signed.signatures, *lines]))
        path = self.hashes(prove_inclusion(nodes, self.index, self.size))
        proof = f"c2sp.org/tlog-proof@v1\nindex {self.index}\n{_lines(path)}\n{note}"
        policy = Policy(LOG, tuple(map(known, WITNESSES)), self.needed).text
        found = {"index": str(self.index), "size": str(self.size), "seen": {each: str(AT) for each in self.witnesses}}
        return {
            "name": name, "proof": self.text(proof), "entry": (self.entry or ENTRIES[self.index]).hex(),
            "vkey": self.vkey, "policy": self.policy or policy, "part": part, "found": None if part else found,
        }  # fmt: skip


def _lines(path: list[bytes]) -> str:
    return "".join(f"{b64encode(part).decode()}\n" for part in path)


def proofs() -> Vectors:
    """Proofs of every shape, with and without witnesses; and of each part a proof may fail in, some."""
    shapes = [(f"entry {at} of {size}", Made(at, size)) for size in SIZES for at in sorted({0, size // 2, size - 1})]
    whole = Made(3, 64, witnesses=("ngo", "campus"), needed=2)
    good = [
        *shapes, ("seen by two witnesses", whole), ("seen by more than are needed", replace(whole, needed=1)),
        ("an extra line", replace(whole, text=lambda text: text.replace("\nindex", "\nextra eA==\nindex", 1))),
    ]  # fmt: skip
    return [
        *(made.vector(name, None) for name, made in good),
        *(made.vector(name, part) for part, cases in _failing(whole).items() for name, made in cases.items()),
    ]


def _failing(whole: Made) -> dict[str, dict[str, Made]]:
    wrong = Signature("ngo.example", known("ngo").verifier.key_id, bytes(72))
    short = Signature("ngo.example", known("ngo").verifier.key_id, bytes(4))

    def texted(change: Callable[[str], str]) -> Made:
        return replace(whole, text=change)

    def noted(change: Callable[[str], str]) -> Made:
        return replace(whole, note=change)

    def hashed(change: Callable[[list[bytes]], list[bytes]]) -> Made:
        return replace(whole, hashes=change)

    return {
        "key": {
            "another log's vkey": replace(whole, vkey=Verifier(NAME, OTHER.public).vkey),
            "no vkey": replace(whole, vkey=f"{LOG.vkey}="),
        },
        "policy": {"no policy": replace(whole, policy="quorum some\n")},
        "form": {
            "nothing": texted(lambda _text: ""), "another version": texted(lambda text: text.replace("@v1", "@v2")),
            "an index with a zero in front": texted(lambda text: text.replace("index 3", "index 03")),
            "an index in other digits": texted(lambda text: text.replace("index 3", "index ٣")),
            "no index": texted(lambda text: text.replace("index 3\n", "")),
            "no checkpoint at all": texted(lambda text: text.partition("\n\n")[0] + "\n\n"),
            "a hash of 31 bytes": hashed(lambda path: [path[0][:31], *path[1:]]),
            "line feeds of another kind": texted(lambda text: text.replace("\n", "\r\n")),
        },
        "checkpoint": {
            "another log's name": replace(whole, name="kentongan/other"),
            "a size with a zero in front": noted(lambda note: note.replace("\n64\n", "\n064\n")),
            "no signature": noted(lambda note: note.partition("\n\n")[0] + "\n\n"),
            "no end": noted(lambda note: note[:-1]),
        },
        "signature": {
            "signed by another key": replace(whole, key=OTHER),
            "another size": noted(lambda note: note.replace("\n64\n", "\n65\n")),
            "a witness's signature that does not hold": noted(lambda note: note + wrong.line),
            "a witness's signature too short for a time": noted(lambda note: note + short.line),
        },
        "witnesses": {
            "seen by one of two": replace(whole, witnesses=("ngo",)),
            "seen by one twice": replace(whole, witnesses=("ngo", "ngo")),
            "seen by nobody": replace(whole, witnesses=(), needed=1),
        },
        "inclusion": {
            "another entry": replace(whole, entry=ENTRIES[4]),
            "half an entry": replace(whole, entry=ENTRIES[3][:32]),
            "another index": texted(lambda text: text.replace("index 3", "index 2")),
            "an index beyond the log": texted(lambda text: text.replace("index 3", "index 64")),
            "an index beyond the log that ends alike": texted(lambda text: text.replace("index 3", "index 67")),
            "no hash": hashed(lambda _path: []), "a hash too few": hashed(lambda path: path[:-1]),
            "a hash too many": hashed(lambda path: [*path, drawn("a hash")]),
            "two hashes exchanged": hashed(lambda path: [path[1], path[0], *path[2:]]),
            "another hash": hashed(lambda path: [drawn("a hash"), *path[1:]]),
            "more hashes than a tree of one has": _misshapen(1, [leaf_hash(ENTRIES[0]), drawn("a hash")]),
            "fewer hashes than a tree of two has": _misshapen(2, [leaf_hash(ENTRIES[0])]),
        },
    }  # fmt: skip


def _misshapen(size: int, leaves: list[bytes]) -> Made:
    """Return a proof in a log that says it has another number of entries than its root is over."""
    root = root_of(nodes_of(leaves), len(leaves))
    signed = sign_checkpoint(Checkpoint(NAME, size, root), KEY)
    return Made(0, size, hashes=lambda _path: leaves[1:], note=lambda _note: signed)
