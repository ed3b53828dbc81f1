#!/usr/bin/env python3
"""Check a Kentongan log, or one complaint in it, with nothing of Kentongan's: this file, Python 3.11, ``cryptography``.

python verify.py log ADDRESS --vkey VKEY [--policy FILE [--fresh HOURS]] [--kept FILE]
    Rebuild the whole log from its entries, and say whether what was signed is what is there. ADDRESS is the log's
    (https://…/log), or a folder that holds a copy of it. FILE keeps the newest checkpoint from one time to the next:
    a log that has since taken anything back, or changed it, does not pass. HOURS are how long ago, by this machine's
    clock, the policy's witnesses may have signed at the most: they sign anew also where nothing happened.
python verify.py case FOLDER --vkey VKEY [--policy FILE]
    Check one complaint's proofs, without a network: each NAME.tlog-proof in the folder, with its NAME.opening.
python verify.py phrase ADDRESS --vkey VKEY --salt HEX [--policy FILE [--fresh HOURS]] [--kept FILE]
    Ask for a tracking phrase, and look for its complaint in the whole log, whatever the website says of it.
python verify.py promise ADDRESS --promise FILE --root HEX --vkey VKEY [--policy …] [--kept FILE]
    Check whether a promise that somebody was given was kept: whether the log has its entry, or the day has not passed.

Where a log says itself that events were lost with a database, each may stand in it a second time. That passes only
with --refilled INDEX, the entry that says so: know of the loss from others than the log alone.

What you trust are the vkey, the policy, the salt and the root: have them from somebody you know, not from the website
alone. The end is 0 where all of it holds, 1 where something does not, 2 where it could not be checked, 3 where a
promise was not kept.

The formats are those of docs/formats.md §6, and of c2sp.org: signed-note, tlog-checkpoint, tlog-tiles,
tlog-cosignature, tlog-proof, tlog-policy. The tree is that of RFC 6962 §2.1.
NOT checked are whose keys have signed an event, and whether what was lodged is true.
"""

from __future__ import annotations

import argparse
import getpass
import hmac
import http.client
import re
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LOG, WITNESS = b"\x01", b"\x04"  # types of keys: a log's (signed-note), a witness's (tlog-cosignature)
BUNDLE, ENTRY, TAG = 256, 64, 32  # entries in a bundle; bytes of an entry, and of the tag that it begins with
PUBLIC = b"kentongan.public"  # how entries begin whose bodies everybody may read; of these, those that tell of a loss
REFILLED = PUBLIC + b"refilled".ljust(16, b"\0")
STATEMENT = PUBLIC + b"statement".ljust(16, b"\0")  # and what somebody has signed of keys
MERGED = timedelta(days=2)  # from an event to the day by which the log is to have it
AT_ONCE, MOST_BYTES, SECONDS = 64, 1_000_000, 60  # bundles fetched at a time; the most of one answer; the longest wait
MOST_EVENTS, WORDS = 10_000, 8  # of one complaint; of its phrase
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# The lines of an event's body, in their order.
EVENT = "type case seq previous action from to date actor access clear objects signature".split()


class Wrong(Exception):
    """Something does not hold: what, and where."""


class Broken(Exception):
    """A promise was not kept: which."""


class Unchecked(Exception):
    """It could not be found out: why not."""


# ---- Keys, policies, checkpoints


@dataclass(frozen=True)
class Key:
    """A key whose signatures count, and its name."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature says whose it is."""
        return sha256(f"{self.name}\n".encode() + self.kind + self.public).digest()[:4]

    def signed(self, signature: bytes, text: str) -> bool:
        """Tell whether a signature is of this key, over this text; a witness signs the time as well."""
        message = text.encode()
        if self.kind == WITNESS:
            message = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n".encode() + message
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(vkey: str, kind: bytes) -> Key:
    """Read a vkey, ``name+id+key``; the id guards it against slips of the pen."""
    name, given, content = [*vkey.strip().split("+", 2), "", ""][:3]
    key = Key(name, kind, from_base64(content)[1:])
    if not name or from_base64(content)[:1] != kind or len(key.public) != 32 or key.id.hex() != given:
        raise Unchecked(f"This is no {'log' if kind == LOG else 'witness'}'s vkey: {vkey.strip()!r}.")
    return key


def from_base64(text: str) -> bytes:
    """Read base64; what is none, or is written otherwise than everybody writes it, is empty."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        return b""
    return found if b64encode(found).decode() == text else b""


@dataclass
class Policy:
    """Whose signatures are needed (tlog-policy): one of the logs', and the witnesses' of the quorum.

    A group has seen what so many of its members have; each is a witness or another group.
    """

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""

    def holds(self, seen: set[str]) -> bool:
        """Tell whether those who have seen are a quorum."""
        having = seen | {"none"}
        for name, (count, members) in self.groups.items():  # each stands behind its members
            if sum(each in having for each in members) >= count:
                having.add(name)
        return self.quorum in having

    def _names(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _log(self, vkey: str, _url: str = "") -> bool:
        self.logs.append(read_key(vkey, LOG))
        return len({log.public for log in self.logs}) == len(self.logs)

    def _witness(self, name: str, vkey: str, _url: str = "") -> bool:
        new = name != "none" and not self._names(name)
        self.witnesses[name] = read_key(vkey, WITNESS)
        return new and len({witness.public for witness in self.witnesses.values()}) == len(self.witnesses)

    def _group(self, name: str, count: str, *members: str) -> bool:
        new = name != "none" and not self._names(name)
        counted = [each for _count, group in self.groups.values() for each in group] + list(members)
        count = {"any": "1", "all": str(len(members))}.get(count, count)
        self.groups[name] = (int(count) if NUMBER.fullmatch(count) else 0, members)
        # Whoever stood in two groups would count twice.
        fit = all(map(self._names, members)) and name not in members and len(set(counted)) == len(counted)
        return new and fit and 1 <= self.groups[name][0] <= len(members)

    def _quorum(self, name: str) -> bool:
        new, self.quorum = not self.quorum, name
        return new and (name == "none" or self._names(name))


def read_policy(text: str) -> Policy:
    """Read a policy; a line of it that is not understood might have asked for more, so there is none."""
    policy = Policy()
    readers: dict[str, Callable[..., bool]] = {
        "log": policy._log, "witness": policy._witness, "group": policy._group, "quorum": policy._quorum,
    }  # fmt: skip
    for number, line in enumerate(text.split("\n"), 1):
        key, *values = line.split() or ["#"]
        read = readers.get(key)
        try:
            if not key.startswith("#") and not (read and read(*values)):
                raise Unchecked(f"Line {number} of the policy is not understood: {line.strip()!r}.")
        except (TypeError, ValueError):
            raise Unchecked(f"Line {number} of the policy is not understood: {line.strip()!r}.") from None
    if not policy.quorum:
        raise Unchecked("The policy says of no quorum; where no witness is needed: 'quorum none'.")
    return policy


@dataclass(frozen=True)
class Checkpoint:
    """What a log has signed: so many entries, with this root. ``seen`` says which witness has signed it when."""

    size: int
    root: bytes
    note: str
    seen: dict[str, int]


def open_checkpoint(note: str, policy: Policy, what: str) -> Checkpoint:
    """Read a checkpoint that suffices for the policy; ``what`` is the one that is told of where it does not."""
    text, _apart, lines = note.rpartition("\n\n")
    origin, size, root = [*text.split("\n"), "", ""][:3]
    signed = [re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line) for line in lines.split("\n")[:-1]]
    signatures = [(line[1], from_base64(line[2])) for line in signed if line]
    if not (lines.endswith("\n") and None not in signed and NUMBER.fullmatch(size)):
        raise Wrong(f"{what} is no checkpoint.")

    def times(key: Key) -> list[int]:
        """Return when this witness has signed. A known key's signature that does not hold spoils the note."""
        own = [found[4:] for name, found in signatures if (name, found[:4]) == (key.name, key.id)]
        if not all(key.signed(each, f"{text}\n") for each in own):
            raise Wrong(f"{what} bears a signature by {key.name} that does not hold.")
        return [int.from_bytes(each[:8]) for each in own]

    if not [log for log in policy.logs if log.name == origin and times(log)]:
        raise Wrong(f"{what} is not signed by {' or '.join(log.name for log in policy.logs)}.")
    seen = {name: max(when) for name, key in policy.witnesses.items() if (when := times(key))}
    if not policy.holds(set(seen)):
        raise Wrong(f"{what} was seen by too few witnesses for your policy: {', '.join(seen) or 'none'}.")
    return Checkpoint(int(size), from_base64(root), note, seen)


def check_fresh(stated: Checkpoint, policy: Policy, hours: float) -> None:
    """Check that enough witnesses have signed lately: a log that is withheld stands as still as one that rests."""
    if policy.quorum in {"", "none"}:
        raise Unchecked("Witnesses alone say when a checkpoint was signed: --fresh goes with a policy that needs some.")
    now = time.time()
    if not policy.holds({name for name, at in stated.seen.items() if abs(now - at) <= 3600 * hours}):
        raise Wrong(f"The log's checkpoint is old: too few witnesses have signed it within {hours:g} hours.")


# ---- The tree (RFC 6962 §2.1)


def leaf(entry: bytes) -> bytes:
    """Return an entry's hash."""
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that grows at its right; of what it has, the roots of its whole subtrees are enough, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.roots: list[bytes] = []

    def add(self, entries: list[bytes]) -> None:
        """Append entries. Two whole subtrees of one size become one, as when counting in binary one is carried."""
        for new in map(leaf, entries):
            at = self.size
            while at & 1:
                new = node(self.roots.pop(), new)
                at >>= 1
            self.roots.append(new)
            self.size += 1

    def root(self) -> bytes:
        """Return the root over all there is."""
        if not self.roots:
            return sha256().digest()
        found = self.roots[-1]
        for left in self.roots[-2::-1]:
            found = node(left, found)
        return found


def root_by(proof: list[bytes], index: int, size: int, entry: bytes) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or nothing where it cannot be one."""
    found, last = leaf(entry), size - 1
    for beside in proof:
        if not last:  # this is the root already
            return b""
        if index & 1 or index == last:
            found = node(beside, found)
            while index and not index & 1:  # a last entry has no neighbour on its right, however high
                index, last = index >> 1, last >> 1
        else:
            found = node(found, beside)
        index, last = index >> 1, last >> 1
    return b"" if last else found


# ---- A log, on the web or in a folder


class Log:
    """Where a log is read."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        if "://" in address and not re.match("https?://", address):
            raise Unchecked(f"{address} is neither a folder nor on the web.")

    def read(self, path: str) -> bytes:
        """Return what is at a path below the log's address."""
        where = f"{self.address}/{path}"
        try:
            return content_of(Path(where)) if "://" not in self.address else fetched(where)
        except FileNotFoundError:
            raise Wrong(f"{path} is not in {self.address}.") from None
        except urllib.error.HTTPError as error:
            found = Wrong if error.code in {404, 410} else Unchecked
            raise found(f"{path}: the log answers {error.code}.") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unchecked(f"{where} cannot be read: {printable(str(error))}.") from None

    def text(self, path: str) -> str:
        """Return what is at a path as text; bytes that are none become such as stand in no checkpoint."""
        return self.read(path).decode(errors="replace")

    def bundles(self, size: int) -> Iterator[list[bytes]]:
        """Yield the log's first ``size`` entries, up to 256 at a time."""
        # Made as they are needed: a log may say that it has any number of entries.
        paths = (bundle_path(first // BUNDLE, min(BUNDLE, size - first)) for first in range(0, size, BUNDLE))
        with ThreadPoolExecutor(8) as pool:
            while some := list(islice(paths, AT_ONCE)):
                yield from map(entries_in, pool.map(self.read, some), some)


def content_of(path: Path) -> bytes:
    """Return what is in a file. A pipe may never come to an end, nor a file that is made to look long."""
    if path.exists() and not path.is_file():
        raise OSError("this is no file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(f"this is more than {MOST_BYTES:,} bytes")
    return content


def fetched(where: str) -> bytes:
    """Return what is at an address; what was cut off on its way is not taken for something short."""
    with urllib.request.urlopen(where, timeout=SECONDS) as answer:
        content = bytes(answer.read(MOST_BYTES))
        if answer.length and len(content) < MOST_BYTES:
            raise http.client.IncompleteRead(content)
        return content


def bundle_path(number: int, width: int) -> str:
    """Return where a bundle of entries lies (tlog-tiles): its number in groups of three digits."""
    digits = f"{number:,}".split(",")
    *above, last = [digits[0].zfill(3), *digits[1:]]
    name = "".join(f"x{each}/" for each in above) + last
    return f"tile/entries/{name}" + (f".p/{width}" if width < BUNDLE else "")


def entries_in(content: bytes, path: str) -> list[bytes]:
    """Part a bundle: each entry stands after its length, which in this log is always 64."""
    width = int(path.partition(".p/")[2] or BUNDLE)
    step = 2 + ENTRY
    if len(content) != width * step or any(content[at : at + 2] != b"\0\x40" for at in range(0, len(content), step)):
        raise Wrong(f"{path} does not hold {width} entries of {ENTRY} bytes.")
    return [content[at + 2 : at + step] for at in range(0, len(content), step)]


def rebuild(log: Log, stated: Checkpoint, kept: Checkpoint | None) -> list[bytes]:
    """Return the log's entries, once their tree is what was signed now, and began with what was signed when kept."""
    tree, entries = Tree(), list[bytes]()
    if kept and kept.size > stated.size:
        raise Wrong(f"The log has taken entries back: it had {kept.size}, and has {stated.size}.")
    for bundle in log.bundles(stated.size):
        before = kept.size - tree.size if kept and tree.size <= kept.size <= tree.size + len(bundle) else 0
        tree.add(bundle[:before])
        if kept and tree.size == kept.size and tree.root() != kept.root:
            raise Wrong(f"The log was rewritten: its first {kept.size} entries are not those that it had signed.")
        tree.add(bundle[before:])
        entries += bundle
        show(len(entries), stated.size)
    if tree.root() != stated.root:
        raise Wrong(f"The {stated.size} entries that the log shows are not those whose root it has signed.")
    return entries


@dataclass(frozen=True)
class Refill:
    """What the public entry ``at`` states: the events of entries ``start`` to before ``end`` were lost with a database.

    The entries themselves were had from a mirror. Each event may happen anew: then its tag stands once more.
    """

    at: int
    date: str
    start: int
    end: int

    def __str__(self) -> str:
        lost = f"of entries {self.start} to {self.end - 1} all but these was lost, and may have happened anew since"
        return f"LOST: Entry {self.at} says that on {self.date} an older database was put back: {lost}."

    def explains(self, first: int, second: int) -> bool:
        """Tell whether this is why two entries have one tag."""
        return self.start <= first < self.end <= min(self.at, second)


def refills_in(log: Log, entries: list[bytes]) -> list[Refill]:
    """Return what the log states of this kind."""
    form = rf"type kentongan/v1/refilled\ndate ({DAY})\nfrom ([0-9]{{1,19}})\nto ([0-9]{{1,19}})\n"
    stated = [(at, entry[TAG:]) for at, entry in enumerate(entries) if entry.startswith(REFILLED)]
    found = [(at, re.fullmatch(form, body_of(log, digest).decode(errors="replace"))) for at, digest in stated]
    return [Refill(at, said[1], int(said[2]), int(said[3])) for at, said in found if said]


def faults_in(log: Log, entries: list[bytes], refills: list[Refill], known: list[int]) -> Iterator[str]:
    """Yield what is wrong with entries: a tag that stands twice, a public one whose body is not to be read.

    A loss that the log states itself is no excuse but to whoever has known of it, by the number of its entry.
    """
    places: dict[bytes, int] = {}
    for at, entry in enumerate(entries):
        public = entry.startswith(PUBLIC)
        tag = entry if public else entry[:TAG]
        first, places[tag] = places.get(tag, at), at
        excuses = [refill.at for refill in refills if refill.explains(first, at)]
        if first != at and not set(excuses) & set(known):
            yield f"Entries {first} and {at} have one tag: of one event two histories were written.{unknown(excuses)}"
        if public and sha256(body_of(log, entry[TAG:])).digest() != entry[TAG:]:
            yield f"Entry {at} says that it is public, and its body is not at public/{entry[TAG:].hex()}."


def unknown(excuses: list[int]) -> str:
    """Return what is to be done about losses by which a second history is excused."""
    if not excuses:
        return ""
    said = f" Entry {excuses[0]} says that the first was lost with a database, as whoever rewrites history would say."
    return f"{said} If others know of that loss, and not from the log alone: --refilled {excuses[0]}."


@cache
def body_of(log: Log, digest: bytes) -> bytes:
    """Return what the log shows as the body of a public entry; nothing where it shows none."""
    try:
        return log.read(f"public/{digest.hex()}")
    except Wrong:
        return b""


def show(done: int, size: int) -> None:
    """Show how far the work is, to whoever watches."""
    if sys.stderr.isatty():
        bar = "#" * (40 * done // size)
        print(f"\r[{bar:40}] {done:,} of {size:,} entries", end="\n" if done == size else "", file=sys.stderr)


# ---- One complaint


def ledger_key(phrase: str, salt: str) -> bytes:
    """Return the key that a phrase gives, by which its complaint's entries are found (formats §3, §6)."""
    words = re.findall("[a-z]+", phrase.lower())
    if len(words) != WORDS or not re.fullmatch("[0-9a-f]{32}", salt):
        raise Unchecked(f"A phrase has {WORDS} words, and the salt 32 digits of hex.")
    slow = Argon2id(salt=bytes.fromhex(salt), length=32, iterations=2, lanes=1, memory_cost=19_456)
    return derive(slow.derive(" ".join(words).encode()), "kentongan/v1/phrase/ledger")


def derive(secret: bytes, label: str) -> bytes:
    """Return the key that the label names."""
    return HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(secret)


def find(key: bytes, entries: list[bytes]) -> list[str]:
    """Return, a line each, where the events of a complaint stand; raises ``Wrong`` where one is missing."""
    secret = derive(key, "tag")
    tags = {hmac.digest(secret, seq.to_bytes(8), "sha256"): seq for seq in range(1, MOST_EVENTS + 1)}
    found: dict[int, list[str]] = {}
    for at, entry in enumerate(entries):
        if entry[:TAG] in tags:
            found.setdefault(tags[entry[:TAG]], []).append(str(at))
    lost = [str(seq) for seq in range(1, max(found, default=1) + 1) if seq not in found]
    if not found:
        raise Wrong("Nothing in the log is of this phrase. Is a word mistyped, or was it lodged just now?")
    if lost:
        raise Wrong(f"The log has event {max(found)} of this complaint, and lacks event {', '.join(lost)}.")
    return [f"Event {seq} is entry {', and anew '.join(found[seq])}." for seq in sorted(found)]


@dataclass(frozen=True)
class Event:
    """One event of a complaint as an opening tells it, and the entry that it must be."""

    entry: bytes
    case: str
    seq: int
    previous: str
    action: str
    date: str


def read_opening(text: str, what: str) -> Event:
    """Read an opening: the event's body, and with what its entry is made of it (formats §6)."""
    form = r"kentongan/v1/opening\ntag ([0-9a-f]{64})\nblind ([0-9a-f]{64})\n\n(.+)"
    parts = re.fullmatch(form, text, re.DOTALL)
    lines = [line.partition(" ")[::2] for line in parts[3].split("\n")] if parts else []
    found = dict(lines)
    # A line twice, or one more, would be read otherwise by somebody else.
    formed = [key for key, _value in lines] == [*EVENT, ""] and found["type"] == "kentongan/v1/event"
    if not (parts and formed and all(value for key, value in lines if key) and NUMBER.fullmatch(found["seq"])):
        raise Wrong(f"{what} is no opening.")
    commitment = hmac.digest(bytes.fromhex(parts[2]), parts[3].encode(), "sha256")
    case, previous, action, date = (printable(found[key]) for key in ("case", "previous", "action", "date"))
    return Event(bytes.fromhex(parts[1]) + commitment, case, int(found["seq"]), previous, action, date)


def check_proof(text: str, entry: bytes, policy: Policy, what: str) -> tuple[int, Checkpoint]:
    """Return where in which log a proof shows an entry to be (tlog-proof)."""
    form = r"c2sp\.org/tlog-proof@v1\n(?:extra [^\n]*\n)?index (\d{1,19})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n(.+)"
    parts = re.fullmatch(form, text, re.DOTALL)
    if not parts or not NUMBER.fullmatch(parts[1]):
        raise Wrong(f"{what} is no proof.")
    stated = open_checkpoint(parts[3], policy, f"The checkpoint in {what}")
    index, proof = int(parts[1]), [from_base64(line) for line in parts[2].split()]
    if index >= stated.size or root_by(proof, index, stated.size, entry) != stated.root:
        raise Wrong(f"{what} does not show that the log has what its opening says.")
    return index, stated


def check_case(folder: Path, policy: Policy) -> list[str]:
    """Check every proof in a folder with its opening, and that each event continues the one before."""
    events: dict[int, Event] = {}
    told: dict[int, str] = {}
    roots: dict[int, bytes] = {}
    for path in sorted(folder.glob("*.tlog-proof")):
        opening = path.with_suffix(".opening")
        event = read_opening(read(opening), printable(opening.name))
        index, log = check_proof(read(path), event.entry, policy, printable(path.name))
        if roots.setdefault(log.size, log.root) != log.root:
            raise Wrong(f"The log has signed two histories of {log.size} entries: keep these files, they prove it.")
        if events.setdefault(event.seq, event) != event:
            raise Wrong(f"Of event {event.seq} there are two histories here.")
        said = f"Event {event.seq}, {event.action} on {event.date}"
        told[event.seq] = f"{said}, is entry {index} of the log at {log.size}."
    if not events:
        raise Unchecked(f"{folder} holds no proof.")
    check_chain(events)
    return [told[seq] for seq in sorted(told)]


def check_complete(folder: Path) -> None:
    """Check that of each step that is told of there is a proof."""
    for opening in sorted(folder.glob("*.opening")):
        if not opening.with_suffix(".tlog-proof").exists():
            raise Unchecked(f"Of {printable(opening.name)} there is no proof here.")


def check_chain(events: dict[int, Event]) -> None:
    """Check that each event names the one before it."""
    for seq, event in events.items():
        before = events.get(seq - 1)
        if (before.entry.hex(), before.case) != (event.previous, event.case) if before else seq != 1:
            raise Wrong(f"Event {seq} does not follow on an event {seq - 1} of the same complaint that is here.")


# ---- A promise


@dataclass(frozen=True)
class Promise:
    """That the log has an entry at the end of a day; ``signed`` is the text under the signature."""

    entry: bytes
    until: date
    signed: str
    signature: bytes


def read_promise(path: Path | None) -> Promise:
    """Read a promise (formats §6) from a file, in which an editor may have changed lines' ends."""
    text = read(path).replace("\r\n", "\n").strip() + "\n" if path else ""
    form = rf"(type kentongan/v1/promise\nentry ([0-9a-f]{{128}})\nuntil ({DAY})\n)signature ([0-9a-f]{{128}})\n"
    parts = re.fullmatch(form, text)
    until = day(parts[3]) if parts else None
    if not (parts and until):
        raise Unchecked("There is no promise in the file that --promise names.")
    return Promise(bytes.fromhex(parts[2]), until, parts[1], bytes.fromhex(parts[4]))


def day(text: str) -> date | None:
    """Read a date, if it is on the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_root(text: str, policy: Policy) -> Key:
    """Read the root's public key, by whose hash the log is named."""
    root = Key("root", LOG, bytes.fromhex(text) if re.fullmatch("[0-9a-f]{64}", text) else b"")
    name = f"kentongan/{sha256(root.public).hexdigest()[:32]}"
    if any(log.name != name for log in policy.logs):
        raise Unchecked("--root must be the root key, 64 digits of hex, by which this log is named.")
    return root


def promise_keys(log: Log, entries: list[bytes], root: Key) -> list[tuple[Key, date | None]]:
    """Return the keys that the root has named for promises, and the day on which it named what followed each."""
    form = (
        r"(type kentongan/v1/statement\nkind promise\nsubject promise\nversion ([1-9][0-9]{0,18})\n"
        rf"status (active|revoked)\ndesk -\nparent -\nremit -\nkem -\nsign ([0-9a-f]{{64}})\nissued ({DAY})\n"
        r"issuer root\n)signature ([0-9a-f]{128})\n"
    )
    bodies = (body_of(log, entry[TAG:]).decode(errors="replace") for entry in entries if entry.startswith(STATEMENT))
    formed = [parts for body in bodies if (parts := re.fullmatch(form, body)) and day(parts[5])]
    said = [parts for parts in formed if root.signed(bytes.fromhex(parts[6]), parts[1])]
    said.sort(key=lambda parts: int(parts[2]))
    followed = [*(date.fromisoformat(parts[5]) for parts in said[1:]), None]
    pairs = zip(said, followed, strict=True)
    return [(Key("promise", LOG, bytes.fromhex(each[4])), last) for each, last in pairs if each[3] == "active"]


def check_promise(promise: Promise, root: Key, log: Log, entries: list[bytes]) -> list[str]:
    """Tell where the log has what was promised, or until when it has time."""
    # A key that is no longer for promises binds for what was due before: its holder could put the day off for ever.
    keys = [key for key, last in promise_keys(log, entries, root) if last is None or promise.until - last <= MERGED]
    if not any(key.signed(promise.signature, promise.signed) for key in keys):
        raise Wrong("The promise is not signed by a key that the root has named for it in this log.")
    if promise.entry in entries:
        return [f"The promise was kept: what it is of is entry {entries.index(promise.entry)}."]
    today = datetime.now(UTC).date()
    if promise.until - today > MERGED + timedelta(days=1):  # where it was made it may be tomorrow
        raise Wrong(f"The promise is for two days, and says {promise.until}: it puts off what it should bind.")
    if today > promise.until:
        raise Broken(f"until {promise.until} was promised, and the log's {len(entries)} entries have it not.")
    return [f"The log has it not yet: until {promise.until} was promised."]


# ---- The program


def printable(text: str) -> str:
    """Return what somebody else has written without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def read(path: Path) -> str:
    """Read a file, its lines' ends as they are."""
    try:
        return content_of(path).decode()
    except (OSError, ValueError) as error:
        raise Unchecked(printable(f"{path} cannot be read: {error}.")) from None


def keep(path: Path, note: str) -> None:
    """Put a checkpoint in the place of the one before, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(note, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise Unchecked(printable(f"The checkpoint could not be kept: {error}.")) from None


def asked() -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["log", "case", "phrase", "promise"])
    parser.add_argument("where", help="the log's address, or a folder")
    parser.add_argument("--vkey", help="the key by which the log signs")
    parser.add_argument("--policy", type=Path, help="a file (tlog-policy): which witnesses must have seen the log")
    parser.add_argument("--fresh", type=float, help="hours: how long ago witnesses may have signed, at the most")
    parser.add_argument("--kept", type=Path, help="a file: the checkpoint of the last time, and from now on this one")
    parser.add_argument("--refilled", type=int, action="append", default=[], help="the entry of a loss known of")
    parser.add_argument("--salt", default="", help="the installation's, for a phrase")
    parser.add_argument("--root", default="", help="the installation's root key, for a promise")
    parser.add_argument("--promise", type=Path, help="a file: the promise")
    return parser.parse_args()


def phrase() -> str:
    """Ask for a phrase: never among the arguments, which others on the machine can read."""
    try:
        return getpass.getpass("Phrase: ") if sys.stdin.isatty() else sys.stdin.readline()
    except (EOFError, ValueError):
        raise Unchecked("There is no phrase in what was typed.") from None


def last(kept: Path, policy: Policy) -> Checkpoint | None:
    """Return the checkpoint of the last time; who had seen it then is no matter now."""
    return open_checkpoint(read(kept), Policy(policy.logs, quorum="none"), str(kept)) if kept.exists() else None


def sought(given: argparse.Namespace, policy: Policy) -> Callable[[Log, list[bytes]], list[str]]:
    """Make ready what is looked for in the log once that holds: a complaint, a promise, or nothing more."""
    if given.what == "phrase":
        key = ledger_key(phrase(), given.salt)
        return lambda _log, entries: find(key, entries)
    if given.what == "promise":
        root, promise = read_root(given.root, policy), read_promise(given.promise)
        return lambda log, entries: check_promise(promise, root, log, entries)
    return lambda _log, _entries: []


def told_of_case(given: argparse.Namespace, policy: Policy) -> Iterator[str]:
    """Check the files of a case, and yield what there is to tell."""
    if given.fresh is not None or given.kept:
        raise Unchecked("--fresh and --kept are for a log: what was saved is as old as it is.")
    yield from check_case(Path(given.where), policy)
    check_complete(Path(given.where))


def told(given: argparse.Namespace) -> Iterator[str]:
    """Check what is asked for, and yield what there is to tell."""
    policy = read_policy(read(given.policy)) if given.policy else Policy(quorum="none")
    # Who says by which key means that one alone, whatever the policy came with.
    policy.logs = [read_key(given.vkey, LOG)] if given.vkey else policy.logs
    if not policy.logs:
        raise Unchecked("By which key the log signs must be said: --vkey, or in the policy.")
    if given.what == "case":
        yield from told_of_case(given, policy)
        return
    look_for = sought(given, policy)
    log = Log(given.where)
    stated = open_checkpoint(log.text("checkpoint"), policy, "The log's checkpoint")
    if given.fresh is not None:
        check_fresh(stated, policy, given.fresh)
    kept = last(given.kept, policy) if given.kept else None
    entries = rebuild(log, stated, kept)
    refills = refills_in(log, entries)
    if wrong := list(faults_in(log, entries, refills, given.refilled)):
        raise Wrong("\n".join(wrong))
    twice = "no tag stands twice" + " but where an entry says why" * bool(refills)
    yield f"The log's {stated.size} entries are what was signed; {twice}; every public body is there."
    yield from (str(refill) for refill in refills)
    yield from (f"Seen by {name} at {moment(at)}." for name, at in stated.seen.items())
    yield f"It continues the {kept.size} entries of the checkpoint kept." if kept else "No earlier checkpoint was kept."
    yield from look_for(log, entries)
    if given.kept:
        keep(given.kept, stated.note)


def moment(at: int) -> str:
    """Say when a witness has signed (seconds since 1970), which may be beyond all calendars."""
    try:
        return str(datetime.fromtimestamp(at, UTC))
    except (OverflowError, ValueError, OSError):
        return f"second {at}"


def say(text: str) -> None:
    """Print what there is to tell, whatever names others have put into it."""
    print("\n".join(map(printable, text.split("\n"))))


def main() -> int:
    """Tell what was found, and return how it ended."""
    try:
        for line in told(asked()):
            say(line)
    except Wrong as wrong:
        say(f"WRONG: {wrong}")
        return 1
    except Broken as broken:
        say(f"PROMISE NOT KEPT: {broken}")
        return 3
    except Unchecked as why:
        say(f"Not checked: {why}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
