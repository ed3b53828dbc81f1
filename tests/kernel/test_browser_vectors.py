"""Chromium runs the vectors of tests/vectors, and makes of each what Python does."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser_fixtures import WITHOUT_ED25519
from tests.vectors.reading import HERE, load

# By file: which function of tests/browser/runs.js runs it, and the fields that must come out.
FILES = {
    "context": ("context", {"context"}),
    "padding": ("padding", {"size", "sha256", "opens"}),
    "derive": ("derive", {"derived", "hash"}),
    "hkdf": ("derive", {"derived"}),
    "hmac": ("derive", {"hash"}),
    "stretch": ("stretch", {"key"}),
    "argon2": ("argon2", {"key"}),
    "recipients": ("recipients", {"digest"}),
    "xwing": ("xwing", {"public_begins", "public_ends", "shared_secret"}),
    "seal": ("seal", {"public", "plaintext"}),
    "box": ("box", {"plaintext"}),
    "file-sizes": ("fileSizes", {"padded", "chunks"}),
    "file-chunks": ("fileChunks", {"plaintext"}),
    "file-boxes": ("fileBoxes", {"opened"}),
    "file-manifests": ("fileManifests", {"manifest"}),
    "file-digests": ("fileDigests", {"digest"}),
    "officers": ("officers", {"kem", "sign", "unlock", "auth"}),
    "sign": ("sign", {"public", "signature", "valid"}),
    "ed25519": ("sign", {"public", "signature", "valid"}),
    "statements": ("statements", {"statement", "signed"}),
    "events": ("events", {"event", "signed"}),
    "entries": ("entries", {"tag", "commitment", "entry"}),
    "vkeys": ("vkeys", {"key"}),
    "notes": ("notes", {"checkpoint"}),
    "policies": ("policies", {"policy"}),
    "proofs": ("proofs", {"part", "found"}),
    "promises": ("promises", {"promise"}),
    "merkle": ("merkle", {"root", "inclusion"}),
    "directory": (
        "directory",
        {"verdicts", "desks", "keys", "ever", "revocable", "remember", "log", "promise", "promises"},
    ),
    "phrase": ("phrase", {"canonical", "found", "position", "word", "candidates"}),
    "phrase-keys": ("phraseKeys", {"phrase_key", "lookup_token", "reporter", "sign", "ledger_key"}),
    "fingerprint": ("fingerprint", {"words"}),
    "routing": ("routing", {"desk"}),
}
SIGNED = ("sign", "ed25519", "officers", "statements", "events", "notes", "proofs", "directory")
# What the server alone does, what is no vector of the vault, and what others run.
ELSEWHERE = {"plain", "hpke", "directory-bodies", "account", "identifying", "slip39"}
RUN = """async ([name, vectors]) => {
  const runs = await import('/tests/browser/runs.js');
  return Promise.all(vectors.map(runs[name]));
}"""


@pytest.fixture(scope="module")
def library_page(browser: Browser, scripts_url: str) -> Any:
    """A page in a browser that has no Ed25519 of its own."""
    page = browser.new_page(base_url=scripts_url)
    page.add_init_script(WITHOUT_ED25519)
    page.goto("/")
    yield page
    page.close()


def vectors_of(file: str) -> list[dict[str, Any]]:
    if file == "routing":
        table = json.loads((HERE / "routing.json").read_text())
        return [{**case, "remits": table["remits"], "floors": table["floors"]} for case in table["cases"]]
    if file == "directory":
        bodies = {vector["name"]: vector["body"] for vector in load("directory-bodies")}
        return [{**vector, "bodies": [bodies[name] for name in vector["bodies"]]} for vector in load(file)]
    if file == "merkle":
        # The published proofs are of one tree; what continues what, the browser does not ask.
        eight = next(vector["entries"] for vector in load(file) if vector["name"] == "eight entries")
        wanted = [vector for vector in load(file) if "consistency" not in vector]
        return [vector if "entries" in vector else {**vector, "entries": eight[: vector["size"]]} for vector in wanted]
    if file == "ed25519":
        return [{**vector, "valid": True} for vector in load(file)]
    # An account name's salt is the server's own.
    return [vector for vector in load(file) if "salt" not in vector or file != "officers"]


def compare(page: Page, file: str) -> None:
    run, fields = FILES[file]
    vectors = vectors_of(file)
    expected = {vector["name"]: {name: vector[name] for name in fields if name in vector} for vector in vectors}
    found = page.evaluate(RUN, [run, vectors])
    assert len(expected) == len(vectors) and all(expected.values())
    assert {
        vector["name"]: {name: _cut(computed.get(name), name, vector) for name in expected[vector["name"]]}
        for vector, computed in zip(vectors, found, strict=True)
    } == expected


def _cut(computed: Any, field: str, vector: dict[str, Any]) -> Any:
    """Cut a key down to the part of it that was published."""
    if field == "public_begins":
        return computed[: len(vector[field])]
    return computed[-len(vector[field]) :] if field == "public_ends" else computed


@pytest.mark.parametrize("file", FILES)
def test_chromium_makes_of_each_vector_what_python_does(blank: Page, file: str) -> None:
    compare(blank, file)


@pytest.mark.parametrize("file", SIGNED)
def test_where_the_browser_has_no_ed25519_the_library_makes_the_same(library_page: Page, file: str) -> None:
    compare(library_page, file)
    loaded = library_page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert any(name.endswith("/vendor/ed25519.js") for name in loaded)


@pytest.mark.parametrize("wrong", [{"level": "kementerian"}, {"sector": "pertambangan"}, {"level": "constructor"}])
def test_a_label_that_is_in_no_table_is_not_routed(blank: Page, wrong: dict[str, str]) -> None:
    with pytest.raises(Error, match="in no table"):
        blank.evaluate(RUN, ["routing", [vectors_of("routing")[0] | wrong]])


def test_no_file_of_vectors_is_left_out() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == FILES.keys() | ELSEWHERE
