"""A file on its way, in the browser, with a server in its place that says what a test wants."""

from typing import Any

import pytest
from playwright.sync_api import Page

# A file of `size` bytes, sent as fast as it goes by a clock that stands still. ANSWER is what a server makes of a put:
# by its first number, how many there are, and which put it is: the status, which are kept, a newer epoch, and whether
# it names them by digests of other chunks; `there` is what it has before, `have` after the first put. Each chunk is
# filled with its number; `changes` is what becomes of them once they have been read, whose size stays. What would go
# on for ever is given up, and says so.
SENDING = """
async ({ size, there, have, changes, patience }) => {
  const { Upload, newFile } = await import("/static/js/complaints/uploading.js");
  const { hex } = await import("/static/js/vault/bytes.js");
  const { sha256 } = await import("/static/js/vault/derive.js");
  const SEALED = 1024 * 1024 + 29;
  const [said, puts, opened, boxes] = [(first, count, turn) => ANSWER, [], [], []];
  performance.now = () => 0;
  let [reads, epoch, atOnce] = [0, 1];
  class Server {
    upload = {};
    open(_method, address) { this.first = Number(address.split("/").at(-1)); }
    setRequestHeader() {}
    abort() {}
    async send(blob) {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const chunks = [];
      for (let at = 0; at < bytes.length; at += SEALED) chunks.push(bytes.subarray(at, at + SEALED));
      puts.push([this.first, chunks.length]);
      for (const [at, chunk] of chunks.entries()) boxes.push([this.first + at, hex(await sha256(chunk))]);
      this.upload.onprogress({ loaded: bytes.length });
      const [status, numbers, next, others] = said(this.first, chunks.length, puts.length);
      const kept = [];
      for (const number of numbers) {
        kept.push({ number, digest: others ? "0".repeat(64) : hex(await sha256(chunks[number - this.first])) });
      }
      if (next) epoch = next;
      this.status = status;
      this.responseText = JSON.stringify(status < 300 ? { kept } : { error: "Tidak.", kept });
      this.onloadend();
    }
  }
  window.XMLHttpRequest = Server;
  window.fetch = async (_address, { body }) => {
    opened.push(JSON.parse(body).epoch);
    return new Response(JSON.stringify({ have: [] }), { status: 201 });
  };
  const count = Math.ceil(size / 2 ** 20);
  const later = {
    written: (chunk) => chunk.with(-1, 0),
    exchanged: (chunk) => chunk.map((number) => count + 1 - number),
  };
  const slice = (from, to) => {
    const chunk = new Uint8Array(Math.max(0, Math.min(to, size) - from)).fill(from / 2 ** 20 + 1);
    return new Blob([reads++ >= count && changes ? later[changes](chunk) : chunk]);
  };
  const thread = () => ({ epoch, key: async () => new Uint8Array(32) });
  const sealed = newFile("0".repeat(32));
  const server = {
    token: "00", addresses: { filesUrl: "/api/v1/files" }, thread,
    told: async () => {
      const known = puts.length > 0 && have ? have : there;
      const files = known ? [{ id: sealed.file, progress: null, have: known }] : [];
      // Whoever asks meanwhile is answered in the same moment.
      if (puts.length > 0) await (atOnce ??= new Promise((soon) => setTimeout(soon, 300)));
      return { files };
    },
  };
  const ready = { blob: { size, slice }, type: "audio/wav", name: "a.wav", how: "impossible" };
  const upload = new Upload(ready, server, sealed);
  const forever = new Promise((end) => setTimeout(end, patience, true));
  if (await Promise.race([upload.run(), forever])) return { forever: true, puts, opened };
  return { state: upload.state, why: upload.refusal?.name, sent: upload.sent, puts, opened, boxes };
}
"""
MEBIBYTE = 1024 * 1024
# What is to end has no more than two pauses, of 1 and 2 seconds.
PATIENCE = 10_000
ALL = "Array.from({ length: count }, (_none, at) => first + at)"


@pytest.fixture(autouse=True)
def alone(blank: Page) -> None:
    """Each file is sent from a page of its own, whose clock and connections are replaced."""
    blank.reload()


def sending(blank: Page, size: int, answer: str, **told: Any) -> Any:
    """Send a file of ``size`` bytes and return what became of it."""
    asked = {"size": size, "there": None, "have": None, "changes": "", "patience": PATIENCE, **told}
    done = blank.evaluate(SENDING.replace("ANSWER", answer), asked)
    assert "forever" not in done, f"neither brought nor refused: it goes on and on, after {done}"
    return done


@pytest.mark.parametrize("changes", ["written", "exchanged"])
def test_a_file_that_changes_while_it_is_sent_is_not_brought(blank: Page, changes: str) -> None:
    done = sending(blank, 2 * MEBIBYTE, f"[201, {ALL}]", changes=changes)
    assert (done["state"], done["why"], done["puts"]) == ("refused", "Changed", [])


def test_chunks_go_together_once_that_has_shown_to_be_quick(blank: Page) -> None:
    done = sending(blank, 16 * MEBIBYTE, f"[201, {ALL}]")
    assert (done["state"], done["sent"]) == ("whole", 16 * MEBIBYTE)
    counts = [count for _first, count in done["puts"]]
    assert counts[:2] == [1, 1] and max(counts) > 1 and sum(counts) == 16


def test_what_is_kept_of_chunks_that_went_together_is_not_sent_again(blank: Page) -> None:
    # Of several, the first alone is kept, and the others are refused; one by one all are.
    done = sending(blank, 8 * MEBIBYTE, f"count > 1 ? [503, [first]] : [201, {ALL}]")
    assert done["state"] == "whole"
    together = [(first, count) for first, count in done["puts"] if count > 1]
    alone = [first for first, count in done["puts"] if count == 1]
    assert together and sorted(alone + [first for first, _count in together]) == list(range(1, 9))


def test_an_answer_that_names_other_chunks_than_were_sent_is_no_receipt(blank: Page) -> None:
    # The first time nothing is named: as if no answer had come, it is sent again.
    done = sending(blank, 100_000, f"turn === 1 ? [201, []] : [201, {ALL}]")
    assert (done["state"], done["puts"]) == ("whole", [[1, 1], [1, 1]])


def test_lanes_that_meet_a_conflict_at_once_open_the_file_under_the_new_key_once(blank: Page) -> None:
    have = [{"number": number, "digest": "00" * 32} for number in (1, 2, 3, 4)]
    done = sending(blank, 4 * MEBIBYTE, "[409, [], 2]", have=have)
    assert (done["state"], done["opened"]) == ("whole", [1, 2])


def test_an_answer_by_other_digests_than_were_sent_is_no_receipt(blank: Page) -> None:
    done = sending(blank, 100_000, f"[201, {ALL}, 0, turn === 1]")
    assert (done["state"], done["puts"]) == ("whole", [[1, 1], [1, 1]]), "another chunk's digest was believed"


def test_what_lies_there_half_sent_is_not_sent_again(blank: Page) -> None:
    there = [{"number": number, "digest": "00" * 32} for number in (1, 3)]
    done = sending(blank, 4 * MEBIBYTE, f"[201, {ALL}]", there=there)
    assert (done["state"], sorted(done["puts"])) == ("whole", [[2, 1], [4, 1]]), "what was there was sent again"


def test_a_chunk_whose_answer_was_lost_is_put_again_byte_for_byte(blank: Page) -> None:
    # Alone, and of those that went together.
    done = sending(blank, 8 * MEBIBYTE, f"turn === 1 || count > 1 ? [0, []] : [201, {ALL}]")
    assert (done["state"], len(done["boxes"]) > 9) == ("whole", True)
    assert len({tuple(box) for box in done["boxes"]}) == 8, "sealed anew: it is refused, if the first has arrived"


def test_once_one_chunk_is_refused_no_other_is_insisted_on_and_none_counts_as_sent(blank: Page) -> None:
    # The others are lost on their way, each time.
    done = sending(blank, 4 * MEBIBYTE, "first === 1 ? [403, []] : [0, []]")
    assert (done["state"], done["why"], done["sent"]) == ("refused", "Refusal", 0)


def test_another_chunk_in_its_place_is_a_refusal(blank: Page) -> None:
    assert sending(blank, 100_000, "[409, []]")["why"] == "Refusal"
