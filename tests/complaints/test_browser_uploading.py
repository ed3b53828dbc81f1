"""A file on its way, in the browser, without a server behind it."""

from playwright.sync_api import Page

# A file of two chunks that says something else once it has been read; everything the server is asked goes well.
CHANGING = """
async () => {
  const { Upload, newFile } = await import("/static/js/complaints/uploading.js");
  const size = 1_500_000;
  let reads = 0;
  const slice = (from, to) => new Blob([new Uint8Array(Math.min(to, size) - from).fill(reads++ < 2 ? 1 : 2)]);
  const thread = { epoch: 1, key: async () => new Uint8Array(32) };
  const server = {
    token: "00", addresses: { filesUrl: "/api/v1/files" }, told: async () => ({ files: [] }), thread: () => thread,
  };
  const ready = { blob: { size, slice }, type: "audio/wav", name: "a.wav", how: "impossible" };
  const upload = new Upload(ready, server, newFile("0".repeat(32)));
  await upload.run();
  return [upload.state, upload.refusal.name];
}
"""


def test_a_file_that_changes_while_it_is_sent_is_not_brought(blank: Page) -> None:
    sent: list[str] = []

    blank.route("**/api/v1/files", lambda route: route.fulfill(status=201, json={"have": []}))
    blank.route("**/chunks/*", lambda route: (sent.append(route.request.url), route.fulfill(status=201, json={})))
    assert blank.evaluate(CHANGING) == ["refused", "Changed"]
    blank.unroute_all()
    assert sent == []
