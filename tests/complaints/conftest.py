"""A clock that can be put forward, a stretcher that has too much to do, and a phone at the shared province."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from kernel import clock
from kernel.vault import Stretcher, stretch
from tests.province import Province

# As if the phrase had just been stretched, which takes a second.
VISIT = """async (key) => {
  const scripts = document.querySelector('script[src$="/js/complaints/track.js"]').src;
  const [{ ROOT }, { fromHex }, { keysOf }, { Visit }] = await Promise.all([
    "/installation.js", "../vault/bytes.js", "../vault/phrase.js", "visit.js",
  ].map((path) => import(new URL(path, scripts))));
  await new Visit(await keysOf(fromHex(key)), fromHex(ROOT), "/lacak").begin();
}"""


class Later:
    """The real clock as it stood when it was made, put forward by what a test says, and by nothing else.

    While it went on by itself, a day could end, or a code go out of date, between two lines of a test.
    """

    def __init__(self) -> None:
        self.moment = datetime.now(timezone.utc)

    def now(self) -> datetime:
        """Return the moment it shows."""
        return self.moment

    def move(self, **how: float) -> None:
        """Put it forward, in the words of ``timedelta``."""
        self.moment += timedelta(**how)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A clock in place of the real one.

    Officers' logins of the shared province would idle under it: who moves it lets only reporters act.
    """
    watch = Later()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch


def full_stretcher() -> Stretcher:
    """Return a stretcher whose queue is full and whose thread has not come to it yet."""
    stretcher = Stretcher(queue=1)
    stretcher._waiting.put_nowait(("kata", bytes(16), Future()))
    return stretcher


@pytest.fixture(scope="module")
def page(province: Province, browser: Browser) -> Iterator[Page]:
    """A phone at the province's server."""
    server = make_server("127.0.0.1", 0, province.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}", locale="id-ID")
    made = context.new_page()
    # Leaving a page with words in its boxes asks first.
    made.on("dialog", lambda dialog: dialog.accept())
    yield made
    context.close()
    server.shutdown()


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    """The same phone for each test, to which nobody lies yet."""
    page.goto("/lacak")
    yield page
    page.unroute_all(behavior="wait")


def open_thread(phone: Page, province: Province, phrase: str) -> None:
    """Open a case by its phrase, and wait until every text is open or said to be damaged."""
    phone.evaluate(VISIT, stretch(phrase, province.installation().salt).hex())
    expect(phone.get_by_text("Sedang dibuka …")).to_have_count(0)


def write(phone: Page, text: str) -> None:
    """Write to the officers and send it, whatever comes of it."""
    phone.locator("#message-form textarea").fill(text)
    phone.locator("#message-form button[type=submit]").click()
