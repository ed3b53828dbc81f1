"""The contrast of every text with every ground it may stand on, read from the stylesheets themselves.

A rule that sets both colours is one pair. A rule that sets only its text's may stand on any ground that some rule
paints without naming a text's colour; so those are paired each with each.
"""

import re
from collections.abc import Iterator
from pathlib import Path

STYLES = sorted((Path(__file__).resolve().parents[2] / "static" / "css").glob("*.css"))
LEAST = 5.5
COMMENT = re.compile(r"/\*.*?\*/", re.S)
TOKENS = re.compile(r"--([a-z-]+):\s*(#[0-9A-Fa-f]{6})\s*;")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.S)
PRINT = re.compile(r"@media print \{.*?\n\}", re.S)
# Painted, but nothing is written on them.
BARE = re.compile(r"progress|\.hem|\.mark|\.brand::before|\.timeline .*::before|::backdrop")
# Their sign has the colour that .icon sets.
ICON = re.compile(r"^\.icon-\w+$")
Pair = tuple[str, str]


def read_styles() -> str:
    """Return all stylesheets as one text, without comments and without what is for printing."""
    return PRINT.sub("", COMMENT.sub("", "\n".join(path.read_text() for path in STYLES)))


def schemes(css: str) -> dict[str, dict[str, str]]:
    """Return the tokens' colours, ``light`` and ``dark``."""
    dark = "".join(match.group(1) for match in DARK.finditer(css))
    light = dict(TOKENS.findall(DARK.sub("", css)))
    return {"light": light, "dark": light | dict(TOKENS.findall(dark))}


def _painted(body: str, names: str) -> str | None:
    found = re.findall(rf"(?:^|[;{{\s])(?:{names}):\s*var\(--([a-z-]+)\)", body)
    return found[-1] if found else None


def _rules(css: str) -> Iterator[tuple[str, str | None, str | None]]:
    for selector, body in RULE.findall(css):
        if not BARE.search(selector):
            text = "on-colour" if ICON.match(selector.strip()) else _painted(body, "color")
            yield selector.strip(), text, _painted(body, "background|background-color")


def pairs(css: str) -> set[Pair]:
    """Return every (text, ground) that the rules of ``css`` can bring together."""
    rules = list(_rules(css))
    together = {(text, ground) for _, text, ground in rules if text and ground}
    texts = {text for _, text, ground in rules if text and not ground}
    grounds = {ground for _, text, ground in rules if ground and not text} | {"paper"}
    return together | {(text, ground) for text in texts for ground in grounds}


def _luminance(colour: str) -> float:
    """Return the relative luminance of ``#RRGGBB`` (WCAG 2.2)."""
    channels = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_faint(css: str) -> list[str]:
    """Return the pairs of ``css`` below the least contrast, in words."""
    return [
        f"{scheme}: {text} on {ground} {contrast(tokens[text], tokens[ground]):.2f}"
        for scheme, tokens in schemes(css).items()
        for text, ground in sorted(pairs(css))
        if contrast(tokens[text], tokens[ground]) < LEAST
    ]


def strays(css: str) -> list[str]:
    """Return the colours that rules write out instead of naming a token."""
    return re.findall(r"#[0-9A-Fa-f]{3,8}\b|\b(?:rgb|hsl)a?\([^)]*\)", TOKENS.sub("", css))
