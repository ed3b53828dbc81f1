"""The browser's half of the vault: it opens what Python sealed and the other way round, and refuses all else."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from kernel.directory import statements
from kernel.directory.statements import Statement
from kernel.vault import (
    CHUNK_BYTES, Identity, SealedFile, SigningKey, box, canonical, context, cut_file, keys_of, open_file, seal,
    signed_by, stretch, unbox, unseal, verify,
)  # fmt: skip
from ledger.body import ObjectRef, read_event
from tests.browser_fixtures import WITHOUT_ED25519

SEED, KEY, CASE = os.urandom(32), os.urandom(32), os.urandom(16).hex()
PLACE = context("thread-key", CASE, epoch=1, recipient="desk:33.08:1")
MOVED = {
    "complaint": context("thread-key", os.urandom(16).hex(), epoch=1, recipient="desk:33.08:1"),
    "kind": context("case-key", CASE, epoch=1, recipient="desk:33.08:1"),
    "object": context("thread-key", CASE, "x", 1, "desk:33.08:1"),
    "epoch": context("thread-key", CASE, epoch=2, recipient="desk:33.08:1"),
    "recipient": context("thread-key", CASE, epoch=1, recipient="desk:33.08:2"),
}
SIZES = (0, 1, 31, 32, 33, 1023, 4096, 65_536)
UNREADABLE = "Unreadable"
FORGED = [b"", b"\0", b"\1", b"\2"]


def run(page: Page, function: str, **given: Any) -> Any:
    """Run a function of tests/browser/vault.js."""
    script = "async ([name, given]) => (await import('/tests/browser/vault.js'))[name](given)"
    return page.evaluate(script, [function, given])


def opened(page: Page, sealed: list[bytes], place: bytes = PLACE, seed: bytes = SEED) -> list[str]:
    given = {"seed": seed.hex(), "context": place.decode(), "sealed": [each.hex() for each in sealed]}
    return list(run(page, "openEach", **given))


def unboxed(page: Page, boxed: list[bytes], place: bytes = PLACE, key: bytes = KEY) -> list[str]:
    given = {"key": key.hex(), "context": place.decode(), "boxed": [each.hex() for each in boxed]}
    return list(run(page, "unboxEach", **given))


def damaged(blob: bytes, bits: range) -> Iterator[bytes]:
    """Yield the blob with each byte altered (in turn by each of ``bits``), cut at each length, and extended."""
    for at, byte in enumerate(blob):
        yield from (blob[:at] + bytes([byte ^ (1 << bit)]) + blob[at + 1 :] for bit in bits)
    yield from (blob[:length] for length in range(len(blob)))
    yield from (blob + b"\0", blob + blob, b"\0" + blob, b"\1" + blob, b"\2" + blob)


def test_python_opens_what_the_browser_sealed(blank: Page) -> None:
    identity, plaintexts = Identity.from_seed(SEED), [os.urandom(size) for size in SIZES]
    given = {"public": identity.recipient.raw.hex(), "context": PLACE.decode()}
    sealed = run(blank, "sealEach", **given, plaintexts=[each.hex() for each in plaintexts])
    assert [unseal(bytes.fromhex(each), identity, PLACE) for each in sealed] == plaintexts
    assert [len(each) // 2 for each in sealed] == [size + 1137 for size in SIZES]


def test_the_browser_opens_what_python_sealed(blank: Page) -> None:
    recipient, plaintexts = Identity.from_seed(SEED).recipient, [os.urandom(size) for size in SIZES]
    sealed = [seal(each, recipient, PLACE) for each in plaintexts]
    assert opened(blank, sealed) == [each.hex() for each in plaintexts]


def test_python_opens_what_the_browser_boxed(blank: Page) -> None:
    plaintexts = [os.urandom(size) for size in SIZES]
    given = {"key": KEY.hex(), "context": PLACE.decode(), "plaintexts": [each.hex() for each in plaintexts]}
    boxed = [bytes.fromhex(each) for each in run(blank, "boxEach", **given)]
    assert [unbox(each, KEY, PLACE) for each in boxed] == plaintexts
    assert [len(each) for each in boxed] == [size + 29 for size in SIZES]


def test_the_browser_opens_what_python_boxed(blank: Page) -> None:
    plaintexts = [os.urandom(size) for size in SIZES]
    assert unboxed(blank, [box(each, KEY, PLACE) for each in plaintexts]) == [each.hex() for each in plaintexts]


def test_a_box_is_never_made_twice_the_same(blank: Page) -> None:
    made = run(blank, "boxEach", key=KEY.hex(), context=PLACE.decode(), plaintexts=["00"] * 200)
    assert len({each[2:26] for each in made}) == 200


def test_a_box_with_any_bit_flipped_or_cut_or_extended_is_unreadable(blank: Page) -> None:
    blobs = [*damaged(box(b"halo", KEY, PLACE), range(8)), *FORGED]
    assert set(unboxed(blank, blobs)) == {UNREADABLE}


def test_a_seal_with_any_byte_flipped_or_cut_or_extended_is_unreadable(blank: Page) -> None:
    sealed = seal(b"halo", Identity.from_seed(SEED).recipient, PLACE)
    blobs = [*damaged(sealed, range(3, 4)), *FORGED]
    assert set(opened(blank, blobs)) == {UNREADABLE}


@pytest.mark.parametrize("part", MOVED)
def test_a_seal_and_a_box_moved_to_another_place_do_not_open(blank: Page, part: str) -> None:
    sealed, boxed = seal(b"halo", Identity.from_seed(SEED).recipient, PLACE), box(b"halo", KEY, PLACE)
    assert opened(blank, [sealed], MOVED[part]) == [UNREADABLE]
    assert unboxed(blank, [boxed], MOVED[part]) == [UNREADABLE]


def test_a_seal_and_a_box_do_not_open_with_another_key(blank: Page) -> None:
    sealed, boxed = seal(b"halo", Identity.from_seed(SEED).recipient, PLACE), box(b"halo", KEY, PLACE)
    assert opened(blank, [sealed], seed=os.urandom(32)) == [UNREADABLE]
    assert unboxed(blank, [boxed], key=os.urandom(32)) == [UNREADABLE]


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_nothing_is_made_or_opened_under_a_key_of_another_length(blank: Page, length: int) -> None:
    given = {"key": KEY[:1].hex() * length, "context": PLACE.decode()}
    assert run(blank, "boxEach", **given, plaintexts=["00"]) == [UNREADABLE]
    assert run(blank, "unboxEach", **given, boxed=[box(b"halo", KEY, PLACE).hex()]) == [UNREADABLE]
    assert run(blank, "keyOfLength", length=length) == [UNREADABLE, UNREADABLE]


def test_keys_are_read_from_the_middle_of_other_bytes_and_kept_apart_from_them(engine_page: Page) -> None:
    around = {"before": os.urandom(5).hex(), "after": os.urandom(7).hex()}
    found = run(engine_page, "keysInTheMiddle", seed=SEED.hex(), **around)
    key = SigningKey.from_seed(SEED)
    assert found["kem"] == found["read"] == Identity.from_seed(SEED).recipient.digest
    assert found["sign"] == key.public.hex()
    assert verify(key.public, bytes.fromhex(found["signature"]), b"laporan")


@pytest.fixture(params=["native", "library"])
def engine_page(request: pytest.FixtureRequest, browser: Browser, scripts_url: str) -> Iterator[Page]:
    """A page where the browser signs itself, and one where it leaves that to the library."""
    page = browser.new_page(base_url=scripts_url)
    if request.param == "library":
        page.add_init_script(WITHOUT_ED25519)
    page.goto("/")
    yield page
    page.close()


def test_python_reads_and_checks_the_bodies_the_browser_signs(engine_page: Page) -> None:
    message, sealed = os.urandom(64), os.urandom(64)
    officer: dict[str, Any] = {
        "kind": "officer", "subject": os.urandom(16).hex(), "version": "3", "status": "active", "desk": "33.08",
        "parent": None, "remit": "reviewer", "kem": os.urandom(32).hex(), "sign": os.urandom(32).hex(),
        "issued": "2026-11-24", "issuer": "root",
    }  # fmt: skip
    event: dict[str, Any] = {
        "case": CASE, "seq": "7", "previous": os.urandom(64).hex(), "action": "message", "fromState": "TRIAGE",
        "toState": "TRIAGE", "day": "2026-11-24", "actor": "reporter", "access": None, "clear": {"b": "2", "a": "1"},
    }  # fmt: skip
    made = run(
        engine_page, "signed", seed=SEED.hex(), statement=officer, event=event,
        message={"id": "m1", "box": message.hex()},
        keys=[{"epoch": 2, "recipient": "reporter", "sealed": sealed.hex()}],
    )  # fmt: skip
    public = SigningKey.from_seed(SEED).public
    assert made["public"] == public.hex()
    assert signed_by(made["statement"], public) and signed_by(made["event"], public)
    assert statements.parse(made["statement"]) == Statement(**officer | {"version": 3, "issued": date(2026, 11, 24)})
    assert read_event(made["event"]).objects == (
        _ref("message", "m1", message), _ref("thread-key", "2.reporter", sealed),
    )  # fmt: skip


def _ref(kind: str, name: str, ciphertext: bytes) -> ObjectRef:
    return ObjectRef(kind, name, hashlib.sha256(ciphertext).hexdigest())


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "é", "\x7f"])
def test_the_browser_writes_no_value_that_a_body_cannot_hold(blank: Page, value: str) -> None:
    assert run(blank, "badlyWritten", lines=[["kind", value]]) == "Malformed"


@pytest.mark.parametrize(
    "body",
    ["a 1\nb 2\nx", "a 1\nb 2", "b 2\na 1\n", "a 1\nc 2\n", "a 1\n", "a 1\nb 2\nb 2\n", "a 1\n\nb 2\n", ""],
)
def test_the_browser_reads_no_body_with_other_lines_than_it_must_have(blank: Page, body: str) -> None:
    assert run(blank, "read", body="a 1\nb 2\n", keys=["a", "b"]) == {"a": "1", "b": "2"}
    assert run(blank, "read", body=body, keys=["a", "b"]) == "Malformed"


@pytest.mark.parametrize(
    "value",
    ["2026", "2026-11", "+012026-11-24", "-000001-01-01", "0000-01-01", "2026-13-01", "2026-11-32", "2026-02-29", ""],
)
def test_the_browser_reads_no_day_that_is_in_no_calendar_or_written_otherwise(blank: Page, value: str) -> None:
    assert run(blank, "day", value="2028-02-29") == "2028-02-29"
    assert run(blank, "day", value=value) == "Malformed"


@pytest.mark.parametrize("epoch", [0, -1, 2**64])
def test_there_is_no_context_for_an_epoch_that_no_statement_can_have(blank: Page, epoch: int) -> None:
    assert run(blank, "placed", epoch=str(2**64 - 1)) == f"kentongan/v1/account/-/-/{2**64 - 1}/-"
    assert run(blank, "placed", epoch=str(epoch)) == "RangeError"


def test_python_finds_the_keys_of_a_phrase_the_browser_drew(blank: Page) -> None:
    salt = os.urandom(16)
    drawn = [run(blank, "drawnPhrase", salt=salt.hex()) for _ in range(2)]
    assert drawn[0]["words"] != drawn[1]["words"]
    for phrase in drawn:
        keys = keys_of(stretch(canonical(phrase["words"]), salt))
        assert canonical(phrase["words"]) == phrase["words"]
        assert phrase["ledgerKey"] == keys.ledger_key.hex()
        assert (phrase["kem"], phrase["sign"]) == (keys.reporter.recipient.digest, keys.sign.public.hex())


def test_a_malformed_key_or_signature_is_simply_not_verified(engine_page: Page) -> None:
    key = SigningKey.from_seed(SEED)
    signature = key.sign(b"halo")
    short = ((key.public[:31], signature), (b"", signature), (key.public, b""), (key.public, signature[:63]))
    for public, tried in short:
        given = {"public": public.hex(), "signature": tried.hex(), "message": "halo"}
        assert run(engine_page, "verified", **given) is False
    assert run(engine_page, "verified", public=key.public.hex(), signature=signature.hex(), message="halo") is True


def test_points_that_are_written_otherwise_are_refused_by_the_library_too(engine_page: Page) -> None:
    # The neutral point, with the y that is p + 1: RFC 8032 §5.1.3 has it refused.
    neutral = (2**255 - 19 + 1).to_bytes(32, "little")
    given = {"public": neutral.hex(), "signature": (neutral + bytes(32)).hex(), "message": "halo"}
    assert run(engine_page, "verified", **given) is False


def test_a_signature_is_not_called_forged_because_the_library_did_not_load(browser: Browser, scripts_url: str) -> None:
    key = SigningKey.from_seed(SEED)
    given = {"public": key.public.hex(), "signature": key.sign(b"halo").hex(), "message": "halo"}
    page = browser.new_page(base_url=scripts_url)
    page.add_init_script(WITHOUT_ED25519)
    page.route("**/vendor/ed25519.js", _lost)
    page.goto("/")
    assert run(page, "verified", **given) == "TypeError"
    page.unroute("**/vendor/ed25519.js")
    assert run(page, "verified", **given) is True
    page.close()


def _lost(route: Route) -> None:
    route.abort()


def test_the_library_is_loaded_only_where_the_browser_does_not_sign_itself(engine_page: Page, request: Any) -> None:
    key = SigningKey.from_seed(SEED)
    assert run(engine_page, "verified", public=key.public.hex(), signature=key.sign(b"halo").hex(), message="halo")
    names = engine_page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert any("ed25519" in name for name in names) == (request.node.callspec.params["engine_page"] == "library")
    assert not any("argon2" in name for name in names)


def test_stretching_tells_how_far_it_is_and_leaves_no_worker_behind(blank: Page) -> None:
    salt = os.urandom(16)
    found = run(blank, "stretched", words="kata kata", salt=salt.hex())
    assert found["key"] == stretch("kata kata", salt).hex()
    assert found["progress"] == sorted(set(found["progress"])) and found["progress"][-1] == 1
    assert 50 <= len(found["progress"]) <= 100
    _wait_until(lambda: blank.workers == [], blank)


def test_the_probe_tells_in_a_fraction_of_the_time_how_long_stretching_takes(blank: Page) -> None:
    estimated = run(blank, "probed")
    assert 1 < estimated < 60_000
    _wait_until(lambda: blank.workers == [], blank)


def _wait_until(holds: Callable[[], bool], page: Page) -> None:
    for _ in range(3000):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it does not hold within a minute")


@pytest.mark.parametrize("length", [0, 8, 15, 17])
def test_a_salt_of_another_length_is_refused(blank: Page, length: int) -> None:
    assert run(blank, "stretched", words="kata", salt="00" * length)["key"] == "RangeError"


@pytest.mark.parametrize("script", ["js/vault/stretch-worker.js", "vendor/argon2.js"])
def test_a_worker_whose_script_is_lost_says_so(browser: Browser, scripts_url: str, script: str) -> None:
    page = browser.new_page(base_url=scripts_url)
    page.context.route(f"**/{script}", _lost)
    page.goto("/")
    assert run(page, "stretched", words="kata", salt="00" * 16)["key"] == "StretchingFailed"
    assert run(page, "probed") == "StretchingFailed"
    page.close()


@pytest.fixture
def officers_page(browser: Browser, scripts_url: str) -> Iterator[Page]:
    """A page that takes trusted addresses of scripts only, and remembers the rules of the policy it is given."""
    page = browser.new_page(base_url=scripts_url)
    page.add_init_script("""
      const { createPolicy } = TrustedTypePolicyFactory.prototype;
      TrustedTypePolicyFactory.prototype.createPolicy = function (name, rules) {
        globalThis.rules = rules;
        return createPolicy.call(this, name, rules);
      };
    """)
    page.goto("/petugas/")
    yield page
    page.close()


def test_words_are_stretched_on_officers_pages_too(officers_page: Page) -> None:
    assert run(officers_page, "stretched", words="kata", salt="00" * 16)["key"] == stretch("kata", bytes(16)).hex()


def test_the_policy_lets_no_other_script_through(officers_page: Page) -> None:
    run(officers_page, "probed")
    for address in ("/static/js/leave.js", "https://elsewhere.example/worker.js", ""):
        allowed = officers_page.evaluate("(address) => globalThis.rules.createScriptURL(address)", address)
        assert allowed.endswith("/static/js/vault/stretch-worker.js")
    assert officers_page.evaluate("Object.keys(globalThis.rules)") == ["createScriptURL"]


def test_large_bytes_pass_through_base64(blank: Page) -> None:
    text = base64.b64encode(os.urandom(300_000)).decode()
    assert run(blank, "throughBase64", text=text) == text


@pytest.mark.parametrize("text", ["0", "AB", "0g", "00 ", "zz", "0\n"])
def test_what_is_not_lower_case_hex_is_refused(blank: Page, text: str) -> None:
    assert run(blank, "readHex", text=text) == "RangeError"


def test_a_text_comes_back_as_it_was_and_broken_utf8_does_not(blank: Page) -> None:
    assert run(blank, "readUtf8", bytes="\ufeffhalo".encode().hex()) == "\ufeffhalo"
    assert run(blank, "readUtf8", bytes="ff") == "TypeError"


FILE = SealedFile(KEY, CASE, os.urandom(16).hex())
FILE_GIVEN = {"key": KEY.hex(), "complaint": CASE, "file": FILE.file, "letter": 7}
FILE_SIZES = (1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 5)


def sealed(whole: bytes) -> list[bytes]:
    return list(map(FILE.box_chunk, cut_file([whole])))


@pytest.mark.parametrize("size", FILE_SIZES)
def test_python_and_the_browser_open_each_others_files(blank: Page, size: int) -> None:
    whole = bytes([7]) * size
    theirs = [base64.b64decode(each) for each in run(blank, "sealedFile", size=size, **FILE_GIVEN)]
    assert b"".join(open_file(theirs, FILE, size)) == whole
    ours = [base64.b64encode(each).decode() for each in sealed(whole)]
    assert sum(run(blank, "openedFile", chunks=ours, size=size, **FILE_GIVEN)) == size


def test_the_browser_opens_no_chunk_that_is_moved_cut_or_of_another_file(blank: Page) -> None:
    size = 2 * CHUNK_BYTES + 5
    one, two, three = (base64.b64encode(each).decode() for each in sealed(bytes([7]) * size))
    for given in ([two, one, three], [one, three], [one, two, two]):
        assert UNREADABLE in run(blank, "openedFile", chunks=given, size=size, **FILE_GIVEN)
    for other in ({"file": CASE}, {"complaint": FILE.file}, {"key": SEED.hex()}):
        assert set(run(blank, "openedFile", chunks=[one, two, three], size=size, **FILE_GIVEN | other)) == {UNREADABLE}
    assert run(blank, "openedFile", chunks=[one, two, three], size=size - 1, **FILE_GIVEN)[2] == UNREADABLE
