"""A real Chromium, and a page that loads our scripts as they are, under the policies the server gives its pages."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kernel.web import POLICY, TRUSTED_TYPES
from tests.chromium import BINARY, MISSING

ROOT = Path(__file__).resolve().parents[1]
# What Playwright switches off (its chromiumSwitches.ts); repeated here, for Chromium heeds only the last such list. The
# last two are ours: with them every window would first load two pages for an address bar that nobody sees, at twice the
# cost of the page that a test opens in it.
SWITCHED_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
)  # fmt: skip
ARGUMENTS = [
    f"--disable-features={','.join(SWITCHED_OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# How fast a page is, the benchmark measures; here a busy machine is no failure (milliseconds).
PATIENCE = 60_000
# Run in a page before its scripts, this makes of Chromium a browser that knows no Ed25519.
WITHOUT_ED25519 = """
const { importKey } = SubtleCrypto.prototype;
SubtleCrypto.prototype.importKey = function (...given) {
  const refused = () => Promise.reject(new DOMException("unknown", "NotSupportedError"));
  return given[2] === "Ed25519" ? refused() : importKey.apply(this, given);
};
"""
SERVED = ("/static/", "/tests/browser/")
BLANK = b'<!DOCTYPE html><html lang="id"><meta charset="utf-8"><title>kosong</title>'


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the tests that need it say that they did not run, and in CI they fail."""
    if not Path(BINARY).exists() and not os.environ.get("CI"):
        pytest.skip("Chromium is absent: the tests in a browser did NOT run")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS, timeout=3 * PATIENCE)
        chromium.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield chromium
        chromium.close()


def close(context: BrowserContext) -> None:
    """Close a context once every request that a test's own route has taken is answered: in no other test any more."""
    for page in context.pages:
        page.unroute_all(behavior="wait")
    context.unroute_all(behavior="wait")
    context.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly, after all tests, that those in a browser did not run."""
    if not Path(BINARY).exists():
        terminalreporter.write_line(MISSING, red=True)


class Scripts(SimpleHTTPRequestHandler):
    """Our scripts and the tests', and an empty page at every other address."""

    def do_GET(self) -> None:
        """Answer with a file, or with the empty page under the policy of its address."""
        if self.path.startswith(SERVED):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", _policy(urlsplit(self.path).path))
        self.end_headers()
        self.wfile.write(BLANK)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of answers that go well."""


def _policy(path: str) -> str:
    parts = POLICY | (TRUSTED_TYPES if path.startswith("/petugas") else {})
    return "; ".join(f"{name} {value}" for name, value in parts.items())


@pytest.fixture(scope="session")
def scripts_url() -> Iterator[str]:
    """The address of a server that has our scripts and empty pages; below /petugas/ Trusted Types are required."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Scripts, directory=str(ROOT))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def blank(browser: Browser, scripts_url: str) -> Iterator[Page]:
    """An empty page of the reporter's kind, shared by tests that leave nothing behind."""
    page = browser.new_page(base_url=scripts_url)
    page.goto("/")
    yield page
    page.close()
