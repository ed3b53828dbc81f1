"""What every template keeps to, read from its source: frame, title, nothing inline, labels, one id once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FRAMES = frozenset({"base.html", "reporter.html", "officer.html", "casework/viewing.html"})
EXTENDS = re.compile(r"\{%-?\s*extends\s+(.*?)\s*-?%\}")
TITLE = re.compile(r"\{%-?\s*block title\s*-?%\}(.*?)\{%-?\s*endblock", re.S)
BLOCK = re.compile(r"\{%-?\s*block (\w+)")
# A choice that holds no other, and what parts its branches.
CHOICE = re.compile(r"\{%-?\s*if\b.*?%\}((?:(?!\{%-?\s*(?:if|endif)\b).)*)\{%-?\s*endif\s*-?%\}", re.S)
BRANCH = re.compile(r"\{%-?\s*(?:else|elif)\b.*?%\}", re.S)
TELLING = re.compile(r"lapor|pungli|frasa|kentongan|petugas|keluh|adu\b|rahasia", re.I)
UNESCAPED = re.compile(r"\|\s*(?:safe|forceescape)\b|autoescape false|\bMarkup\b")
BLIND_FIELDS = frozenset({"hidden", "submit", "button"})
FIELDS = frozenset({"input", "select", "textarea"})
LABELS = ("aria-label", "aria-labelledby")
# Read by a browser in words of its own, or done without a word: the server says it instead.
MUTE = frozenset({"required", "maxlength", "minlength", "pattern"})


class _Elements(HTMLParser):
    """Collects every start tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one element."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(source: str) -> list[tuple[str, dict[str, str]]]:
    """Return the elements a template writes; an expression stands as its own words, so that equal ones stay equal."""
    source = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", source, flags=re.S)
    source = re.sub(r"\{\{(.*?)\}\}", lambda match: "§" + re.sub(r"\W", "", match.group(1)) + "§", source, flags=re.S)
    parser = _Elements()
    parser.feed(source)
    return parser.found


def inline(source: str) -> Iterator[str]:
    """Find styles, scripts and handlers that stand in the page: its policy would refuse them."""
    for tag, attributes in elements(source):
        yield from (f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith("on"))
        yield from (f"<{tag}>" for _ in range(tag == "style" or (tag == "script" and "src" not in attributes)))
        yield from (value for value in attributes.values() if value.lower().startswith(("javascript:", "data:")))


def unescaped(source: str) -> Iterator[str]:
    """Find what switches escaping off."""
    yield from UNESCAPED.findall(source)


def unlabelled(source: str) -> Iterator[str]:
    """Find fields without a label of their own."""
    found = elements(source)
    labelled = {attributes.get("for") for tag, attributes in found if tag == "label"}
    for tag, attributes in found:
        seen = tag in FIELDS and attributes.get("type") not in BLIND_FIELDS
        if seen and attributes.get("id") not in labelled and not attributes.keys() & set(LABELS):
            yield f"<{tag} {attributes.get('name', '')}>"


def _ids(source: str) -> Counter[str]:
    return Counter(attributes["id"] for _, attributes in elements(source) if "§" not in attributes.get("id", "§"))


def _one_branch(choice: re.Match[str]) -> str:
    """Write a choice's ids as if all stood in one branch: only one of its branches is ever shown."""
    shown: Counter[str] = Counter()
    for branch in BRANCH.split(choice.group(1)):
        shown |= _ids(branch)
    return "".join(f'<i id="{each}"></i>' for each in shown.elements())


def repeated(source: str) -> Iterator[str]:
    """Find ids given twice; those made of an expression are seen where pages are looked at in a browser."""
    while CHOICE.search(source):
        source = CHOICE.sub(_one_branch, source)
    yield from sorted(each for each, times in _ids(source).items() if times > 1)


def mute(source: str) -> Iterator[str]:
    """Find checks that a browser would do in its own words, and buttons that do not say what they do."""
    for tag, attributes in elements(source):
        yield from (f"<{tag} {name}>" for name in sorted(attributes.keys() & MUTE) if tag in FIELDS)
        if tag == "button" and "type" not in attributes:
            yield "<button> without type"


def pictures(source: str) -> Iterator[str]:
    """Find drawings that a careful browser does not show, and pictures without a text in their place."""
    for tag, attributes in elements(source):
        if tag == "svg" or (tag == "img" and "alt" not in attributes):
            yield f"<{tag}>"


def strangers(source: str) -> Iterator[str]:
    """Find what is fetched from another site."""
    for tag, attributes in elements(source):
        address = attributes.get("src", "") + (attributes.get("href", "") if tag == "link" else "")
        if "//" in address:
            yield f"<{tag} {address}>"


def frameless(source: str) -> Iterator[str]:
    """Find a page that stands in no frame or has no title."""
    parent = EXTENDS.search(source)
    if not parent or not any(f'"{frame}"' in parent.group(1) for frame in FRAMES):
        yield "extends no frame"
    title = TITLE.search(source)
    if not title or not title.group(1).strip():
        yield "no title"


def lost(source: str) -> Iterator[str]:
    """Find blocks that no frame has: what stands in them is never shown."""
    offered = {name for frame in FRAMES for name in BLOCK.findall((TEMPLATES / frame).read_text())}
    yield from (f"block {name}" for name in BLOCK.findall(source) if name not in offered)


def telling(source: str) -> Iterator[str]:
    """Find a title that would tell whoever looks over the reporter's shoulder, or through the history."""
    for title in TITLE.findall(source):
        yield from TELLING.findall(title)


Rule = Callable[[str], Iterator[str]]
EVERYWHERE: tuple[Rule, ...] = (inline, unescaped, unlabelled, repeated, mute, pictures, strangers)


def _rules_for(name: str) -> Iterator[Rule]:
    yield from EVERYWHERE
    if not name.startswith("macros/") and name not in FRAMES:
        yield from (frameless, lost)
    if name.startswith(("complaints/", "errors/", "ledger/")):
        yield telling


def wrong(name: str, source: str) -> list[str]:
    """Return what is wrong with the template ``name``, in words."""
    return [f"{name}: {rule.__name__}: {found}" for rule in _rules_for(name) for found in rule(source)]


def templates() -> dict[str, str]:
    """Return every template's source by its name."""
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in sorted(TEMPLATES.rglob("*.html"))}
