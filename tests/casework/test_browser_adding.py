"""An officer's evidence on its way, in the browser, with a server in its place that says what a test wants."""

from typing import Any

import pytest
from playwright.sync_api import Page

# A file of `size` bytes, added by a page whose clock stands still: several chunks go together soon. ANSWER is what a
# server makes of a put: by its first number, how many there are, and which put it is: the status, and which it has of
# them. What fails is brought again, up to `turns` times, as by an officer who presses the button again. Each chunk is
# filled with its number; `changes` is what becomes of them once they have been read.
ADDING = """
async ({ size, turns, changes, most }) => {
  const { Adding } = await import("/static/js/casework/adding.js");
  const { sentenceOf } = await import("/static/js/casework/saying.js");
  const { hex } = await import("/static/js/vault/bytes.js");
  const { sha256 } = await import("/static/js/vault/derive.js");
  const SEALED = 1024 * 1024 + 29;
  const [said, puts] = [(first, count, turn) => ANSWER, []];
  performance.now = () => 0;
  window.fetch = async (address, { method, body }) => {
    if (method !== "PUT") return new Response("{}", { status: 201 });
    const [first, bytes, chunks] = [Number(address.split("/").at(-1)), new Uint8Array(await body.arrayBuffer()), []];
    for (let at = 0; at < bytes.length; at += SEALED) chunks.push(hex(await sha256(bytes.subarray(at, at + SEALED))));
    puts.push([first, chunks.length]);
    const [status, numbers, forged] = said(first, chunks.length, puts.length);
    const kept = numbers?.map((number) => ({ number, digest: forged ?? chunks[number - first] }));
    if (numbers === null) return new Response("<p>Selamat datang</p>", { status });
    return Response.json(status < 300 ? { kept } : { error: "Tidak.", kept }, { status });
  };
  const fields = '<form><input type="file"><p class="doing"></p></form>';
  document.body.innerHTML = `<div id="case"><div id="act-evidence">${fields}</div></div>`;
  const page = document.querySelector("#case");
  Object.assign(page.dataset, { case: "0".repeat(32), evidence: "/bukti" });
  const [form, input, adding] = [page.querySelector("form"), page.querySelector("input"), new Adding(page)];
  const chosen = new DataTransfer();
  const count = Math.ceil(size / 2 ** 20);
  const filled = (number) => new Uint8Array(Math.min(2 ** 20, size - (number - 1) * 2 ** 20)).fill(number);
  const parts = Array.from({ length: count }, (_none, at) => filled(at + 1));
  const file = new File(parts, "rekaman.wav", { type: "audio/wav" });
  chosen.items.add(file);
  input.files = chosen.files;
  let reads = 0;
  const { slice } = Blob.prototype;
  // Somebody writes to it; or the browser sees that, and gives nothing more of it.
  const later = {
    written: (number) => new Blob([filled(number).with(-1, 0)]),
    exchanged: (number) => new Blob([filled(number).fill(count + 1 - number)]),
    gone: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) }),
  };
  Blob.prototype.slice = function (from, to) {
    const again = this instanceof File && reads++ >= count;
    return again && changes ? later[changes](from / 2 ** 20 + 1) : slice.call(this, from, to);
  };
  Object.assign(input, { id: "evidence-files" });
  Object.assign(input.dataset, { most: String(most), largest: String(2 ** 30), missing: "Pilih berkas." });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  adding.settle();
  const problems = adding.problemsIn(form).map(({ sentence }) => sentence);
  if (problems.length > 0) return { problems };
  const opened = { newestEpoch: () => 1, keys: new Map([["case/1", new Uint8Array(32)]]) };
  const why = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    try {
      const [{ ref }] = await adding.bring(form, opened);
      return { whole: ref.digest.length === 64, why, puts };
    } catch (error) {
      why.push(sentenceOf(error));
    }
  }
  return { whole: false, why, puts };
}
"""
MEBIBYTE = 1024 * 1024
ALL = "Array.from({ length: count }, (_none, at) => first + at)"
CHANGED = "rekaman.wav berubah sejak dipilih, atau tidak bisa dibaca lagi. Hapus dari daftar, lalu pilih lagi."
TOO_MANY = "Berkas yang dipilih: 1. Paling banyak 0 berkas sekali tambah; hapus 1 dari daftar."
AWAY = "Server sedang tidak dapat menjawab. Tunggu sebentar, lalu coba lagi."


@pytest.fixture(autouse=True)
def alone(blank: Page) -> None:
    """Each file is added in a page of its own, whose clock and connections are replaced."""
    blank.reload()


def adding(blank: Page, size: int, answer: str, turns: int = 1, changes: str = "", most: int = 10) -> Any:
    """Add a file of ``size`` bytes and return what became of it."""
    asked = {"size": size, "turns": turns, "changes": changes, "most": most}
    return blank.evaluate(ADDING.replace("ANSWER", answer), asked)


def test_what_is_kept_of_chunks_that_went_together_is_not_sent_again(blank: Page) -> None:
    # Of several, the first alone is kept, and the others are refused; one by one all are.
    done = adding(blank, 8 * MEBIBYTE, f"count > 1 ? [503, [first]] : [201, {ALL}]")
    together = [first for first, count in done["puts"] if count > 1]
    alone = [first for first, count in done["puts"] if count == 1]
    assert (done["whole"], done["why"]) == (True, [])
    assert together and sorted(alone + together) == list(range(1, 9)), "what the server had was sent again"


def test_what_a_refusal_names_as_kept_stays_kept_when_the_officer_sends_again(blank: Page) -> None:
    # Of five and six, which go together, five alone is kept; six is refused once more, and taken the next time.
    answer = f"count > 1 ? [503, [first]] : first === 6 && turn < 9 ? [503, []] : [201, {ALL}]"
    done = adding(blank, 6 * MEBIBYTE, answer, turns=4)
    assert done["whole"] and set(done["why"]) == {"Tidak."}
    numbers = [first for first, _count in done["puts"]]
    assert [numbers.count(number) for number in (1, 2, 3, 4, 5)] == [1] * 5, "what the server had was sent again"


def test_chunks_that_the_server_has_otherwise_are_not_taken_for_those_that_were_sent(blank: Page) -> None:
    done = adding(blank, 100_000, f"[201, {ALL}, '0'.repeat(64)]")
    assert (done["whole"], done["why"]) == (False, [AWAY])


def test_an_answer_that_is_none_of_ours_is_no_receipt(blank: Page) -> None:
    # A network's own page in place of the answer; then the server's.
    done = adding(blank, 100_000, f"turn === 1 ? [200, null] : [201, {ALL}]", turns=2)
    assert (done["whole"], done["why"], done["puts"]) == (True, [AWAY], [[1, 1], [1, 1]])


@pytest.mark.parametrize("changes", ["written", "exchanged", "gone"])
def test_a_file_that_changes_while_it_is_sent_is_not_brought(blank: Page, changes: str) -> None:
    done = adding(blank, 2 * MEBIBYTE, f"[201, {ALL}]", changes=changes)
    assert (done["whole"], done["puts"]) == (False, [])
    assert done["why"] == [CHANGED]


def test_an_empty_file_is_refused_by_its_name_before_anything_is_sent(blank: Page) -> None:
    done = adding(blank, 0, "[201, []]")
    assert done == {"problems": ["rekaman.wav kosong. Hapus dari daftar, atau pilih yang berisi."]}


def test_more_files_than_may_be_are_refused_before_anything_is_sent(blank: Page) -> None:
    assert adding(blank, 1, "[201, []]", most=0) == {"problems": [TOO_MANY]}
