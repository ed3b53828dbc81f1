"""What is wrong with a page for somebody: found by axe in light and dark, and measured at every width it must bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script
ALL_RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# What colours and a narrow window can change.
BY_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
RULES_OF_LOOKS = {"resultTypes": ["violations"], "runOnly": BY_LOOKS, "preload": False}
# A cheap phone; an office desktop; the same at 200 %, so half as wide; and WCAG 1.4.10: a desktop at 400 %.
PHONE, DESKTOP, DOUBLED, FOURFOLD = (360, 740), (1280, 900), (640, 450), (320, 256)
SIZES = (PHONE, DOUBLED, FOURFOLD, DESKTOP)

# Evaluated in the page at the size it has: says what cannot be reached or read there.
MEASURE = """
() => {
  const said = [];
  const width = document.documentElement.clientWidth;
  const named = (element) => {
    const name = element.id ? `#${element.id}` : element.className ? `.${element.className}` : "";
    return `<${element.localName}${name}> ${element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40)}`;
  };
  const root = document.querySelector("dialog[open]") ?? document.body;
  const unseen = (element) => element.closest(".visually-hidden:not(:focus), [inert]") ||
    !element.checkVisibility({ visibilityProperty: true });
  const elements = [...root.querySelectorAll("*")].filter((element) => !unseen(element));

  if (document.documentElement.scrollWidth > width) said.push("the page scrolls sideways");
  for (const element of elements) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    // What is only for screen readers is cut to nothing on purpose.
    if (style.clipPath === "inset(50%)" || element.closest("thead, input, select, option, canvas")) continue;
    if (box.width && (box.left < -1 || box.right > width + 1)) said.push(`outside: ${named(element)}`);
    const { overflowX, overflowY } = style;
    const [wide, high] = [element.scrollWidth - element.clientWidth, element.scrollHeight - element.clientHeight];
    if (overflowX !== "visible" && wide > 1) said.push(`cut: ${named(element)}`);
    if (/hidden|clip/.test(overflowY) && high > 1) said.push(`cut off below: ${named(element)}`);
  }

  const inSentence = (element) => element.localName === "a" && getComputedStyle(element).display === "inline" &&
    element.parentElement.textContent.trim() !== element.textContent.trim();
  const hit = (control) => {
    control.scrollIntoView({ block: "center", inline: "center" });
    const [box] = control.getClientRects();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return top !== null && (control.contains(top) || [...(control.labels ?? [])].some((label) => label.contains(top)));
  };
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  for (const control of elements.filter((element) => element.matches(CONTROLS))) {
    const { width, height } = control.getBoundingClientRect();
    if (!inSentence(control) && Math.min(width, height) < 24) said.push(`small: ${named(control)} ${width}x${height}`);
    if (!hit(control)) said.push(`covered: ${named(control)}`);
  }
  scrollTo(0, 0);
  return said;
}
"""


def faults_of(page: Page, what: str) -> list[str]:
    """Return what is wrong with the page as it stands; its size and colours are as before afterwards.

    Axe looks at it in light at the size it has, and at its colours again in dark on a phone.
    """
    own = page.viewport_size
    assert own is not None
    # A text stands there before the stylesheet has come.
    page.wait_for_load_state()
    found = [f"in light: {said}" for said in _violations(page, ALL_RULES)]
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"at {width}: {said}" for said in page.evaluate(MEASURE)]
        if (width, height) == PHONE:
            found += [f"in dark: {said}" for said in _in_dark(page)]
            found += [f"in large letters: {said}" for said in _in_large_letters(page)]
    page.set_viewport_size(own)
    return [f"{what}: {said}" for said in found]


def _in_large_letters(page: Page) -> list[str]:
    """Measure as for somebody whose phone shows every text twice as large, in a window as narrow as before."""
    resize = "(size) => (document.documentElement.style.fontSize = size)"
    page.evaluate(resize, "200%")
    found: list[str] = page.evaluate(MEASURE)
    page.evaluate(resize, "")
    return found


def _in_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = list(_violations(page, RULES_OF_LOOKS))
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, rules: Mapping[str, Any]) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    violations: Sequence[Any] = page.evaluate("async (rules) => (await axe.run(rules)).violations", rules)
    for violation in violations:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
