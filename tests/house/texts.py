"""One catalogue for every text, of pages, of Python and of JavaScript; and a search for texts outside it.

``python -m tests.house.texts`` brings translations/ up to date, with what the server and browsers read of it; with
``--check`` it only says what is wrong. A new text stands in the English catalogue with an empty translation until
somebody writes it there.
"""

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.jslexer import Token, tokenize
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "translations" / "messages.pot"
INDONESIAN = ROOT / "translations" / "id" / "LC_MESSAGES" / "messages.po"
ENGLISH = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
SPOKEN = ROOT / "static" / "js" / "texts"
# Whose own texts stand in a module of their own, which no other page loads: by the end of its name.
APART = {
    "-petugas": ("static/js/casework/",),
    "-lacak": tuple(
        f"static/js/complaints/{name}.js"
        for name in ("absent", "deeds", "findings", "opening", "proof", "searching", "shelf", "visit")
    ),
}
PLACEHOLDERS = re.compile(r"%(?:\(\w+\)[sd]|%)|\{\w+\}")
ROOMS = ("kernel", "ledger", "complaints", "casework", "operations")
METHODS = [
    *((f"{room}/**.py", "python") for room in ROOMS),
    ("templates/**.html", "jinja2"),
    ("static/js/**.js", "javascript"),
]
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
MARKS = frozenset(KEYWORDS)
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
# The words of phrases are no texts, and no language but Indonesian may have them.
WORD_LIST = ROOT / "static" / "js" / "vault" / "words.js"
INDONESIAN_WORDS = re.compile(
    r"\b(Anda|yang|tidak|dan|laporan|petugas|belum|sudah|untuk|dengan|ini|kami|perkara|harus|bukan|pilih|isi|kirim)\b"
)
UNSEEN = re.compile(r"\$\{[^}]*\b(?:_|ngettext)\(")
MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<!DOCTYPE[^>]*>|<[^>]*>", re.S)
READ_ATTRIBUTES = re.compile(r'\b(?:alt|title|aria-label|placeholder)="([^"{]*[A-Za-z]{2,}[^"{]*)"')


def extracted() -> Catalog:
    """Return every text the sources pass through gettext, in a stable order."""
    catalog = Catalog(project="kentongan", charset="utf-8", locale="id")
    found = extract_from_dir(
        str(ROOT),
        method_map=METHODS,
        options_map={"**.html": {"silent": "false"}},
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).name not in {".venv", "node_modules", "vendor", "tests", "instance"},
    )
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def ids(catalog: Catalog) -> set[str]:
    """Return the singular ids of ``catalog``."""
    return {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id}


def written(catalog: Catalog) -> bytes:
    """Return ``catalog`` as a file without dates or line numbers, so that it changes only when a text does."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, sort_output=True, no_location=True, omit_header=True, width=120)
    return buffer.getvalue()


def indonesian(catalog: Catalog) -> Catalog:
    """Return the Indonesian catalogue: the texts are written in Indonesian, so each stands for itself."""
    for message in catalog:
        if message.id:
            message.string = message.id
    return catalog


def kept(path: Path) -> Catalog:
    """Return the catalogue kept at ``path``."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3] if path.suffix == ".po" else "id")


def english(sources: Catalog) -> Catalog:
    """Return the English catalogue of ``sources``: what is translated so far, and new texts without a translation."""
    known, catalog = kept(ENGLISH), Catalog(project="kentongan", charset="utf-8", locale="en")
    for message in sources:
        if message.id:
            found = known.get(_id_of(message))
            said = found.string if found and bool(found.pluralizable) == bool(message.pluralizable) else ""
            catalog.add(message.id, said, message.locations, auto_comments=message.auto_comments)
    return catalog


def _id_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(said: object) -> list[str]:
    return [said] if isinstance(said, str) else list(said) if isinstance(said, (list, tuple)) else []


def ill_translated(catalog: Catalog) -> Iterator[str]:
    """Find the texts of a catalogue that are untranslated, doubtful, or have other values in them than they should."""
    for message in catalog:
        if message.id:
            forms = _forms(message.string)
            wanted = sorted(PLACEHOLDERS.findall(_id_of(message)))
            if not forms or not all(forms):
                yield f"untranslated: {message.id}"
            elif message.fuzzy or any(sorted(PLACEHOLDERS.findall(form)) != wanted for form in forms):
                yield f"doubtful: {message.id}: {message.string}"


def compiled(catalog: Catalog) -> bytes:
    """Return ``catalog`` as the server reads it, without the hour it was written at."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=timezone.utc)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def spoken(catalog: Catalog) -> dict[Path, str]:
    """Return the modules by which scripts learn a language: one for all, others of what only some pages say."""
    texts: dict[str, dict[str, object]] = {name: {} for name in ("", *APART)}
    for message in catalog:
        places = [place for place, _line in message.locations if place.startswith("static/js/")]
        if message.id and places:
            texts[_apart(places)][_id_of(message)] = message.string
    return {SPOKEN / f"{catalog.locale}{name}.js": _module(said) for name, said in texts.items()}


def _apart(places: list[str]) -> str:
    """Return which module is for what is said in these places alone; the one for all otherwise."""
    return next((name for name, own in APART.items() if all(place.startswith(own) for place in places)), "")


def _module(texts: dict[str, object]) -> str:
    lines = [f"  {json.dumps(text, ensure_ascii=False)}: {json.dumps(said, ensure_ascii=False)},"
             for text, said in sorted(texts.items())]  # fmt: skip
    head = "// Written by `make texts` from translations/.\nimport { learn } from \"../i18n.js\";\n\nlearn({\n"
    return head + "\n".join(lines) + "\n});\n"


def made(sources: Catalog) -> dict[Path, bytes]:
    """Return every file that ``make texts`` writes."""
    translated = english(sources)
    modules = {path: module.encode() for path, module in spoken(translated).items()}
    return {
        TEMPLATE: written(sources),
        ENGLISH: written(translated),
        ENGLISH.with_suffix(".mo"): compiled(translated),
        **modules,
        INDONESIAN: written(indonesian(extracted())),
    }


def strangers_in_template(source: str) -> list[str]:
    """Return the words of a Jinja page that no gettext call carries."""
    source = re.sub(r"\{%-?\s*trans.*?endtrans\s*-?%\}", "", source, flags=re.S)
    attributes = [match.group(1) for match in READ_ATTRIBUTES.finditer(source)]
    # Expressions go first: a comparison inside one must not be read as a tag.
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.S)
    lines = [line.strip() for line in MARKUP.sub("\n", bare).splitlines()]
    return attributes + [line for line in lines if WORDS.search(line) and line != "Kentongan"]


def _is_text(token: Token) -> bool:
    return token.type in {"string", "template_string"} and bool(INDONESIAN_WORDS.search(token.value))


def strangers_in_script(source: str) -> list[str]:
    """Return the string literals of a script that read as Indonesian and stand outside ``_()`` and ``ngettext()``,
    and the templates in which such a call stands: the catalogue is made by a program that does not look there."""
    found = []
    before: list[Token] = []
    for token in tokenize(source, jsx=False, template_string=True):
        names = {past.value for past in before[-4:] if past.type == "name"}
        if _is_text(token) and not (MARKS & names) or UNSEEN.search(token.value) and token.type == "template_string":
            found.append(token.value)
        if token.type not in {"linecomment", "multilinecomment"}:
            before.append(token)
    return found


def _marked(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        marks = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if marks or docstring:
            yield from (id(inner) for inner in ast.walk(node))


def strangers_in_python(source: str) -> list[str]:
    """Return the string literals of a module that read as Indonesian and stand outside gettext's names."""
    tree = ast.parse(source)
    marked = set(_marked(tree))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in marked
        and INDONESIAN_WORDS.search(node.value)
        and " " in node.value
    ]


def strangers() -> list[str]:
    """Return every text outside the catalogue, with the file it stands in."""
    looks = [
        ("templates", "*.html", strangers_in_template),
        ("static/js", "*.js", strangers_in_script),
        *((room, "*.py", strangers_in_python) for room in ROOMS),
    ]
    return [
        f"{path.relative_to(ROOT)}: {text}"
        for folder, pattern, look in looks
        for path in sorted((ROOT / folder).rglob(pattern))
        if path != WORD_LIST and path.parent != SPOKEN
        for text in look(path.read_text())
    ]


def complaints() -> list[str]:
    """Return what is wrong with the catalogue now."""
    sources = ids(extracted())
    changed = sorted(sources ^ ids(kept(TEMPLATE)))
    stale = [f"translations/: run make texts ({changed})"] if changed else []
    empty = [f"translations/id: untranslated: {m.id}" for m in kept(INDONESIAN) if m.id and not all(m.string or [""])]
    missing = [f"translations/id: missing: {text}" for text in sorted(sources - ids(kept(INDONESIAN)))]
    behind = [f"{path.relative_to(ROOT)}: run make texts" for path, content in made(extracted()).items()
              if not path.exists() or path.read_bytes() != content]  # fmt: skip
    foreign = [f"translations/en: {wrong}" for wrong in ill_translated(kept(ENGLISH))]
    strays = [f"outside gettext: {text}" for text in strangers()]
    return stale + empty + missing + (foreign or behind) + strays


def main() -> int:
    """Write the catalogues, or with ``--check`` only say what is wrong."""
    if "--check" not in sys.argv:
        for path, content in made(extracted()).items():
            path.write_bytes(content)
        empty = [text for text in ill_translated(kept(ENGLISH)) if text.startswith("untranslated")]
        print("\n".join([f"{ENGLISH.relative_to(ROOT)}: {text}" for text in empty]))
        return 0
    wrong = complaints()
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
