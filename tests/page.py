"""A page as whoever reads it finds it: its title, its fields and what stands in them, what its summary says."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
BOXES = frozenset({"checkbox", "radio"})
CHOSEN = ("checked", "selected")


@dataclass
class Element:
    """One element: its tag, its attributes, and the text in it and in all it holds."""

    tag: str
    attributes: dict[str, str]
    within: "Element | None"
    written: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return its text, white space as written."""
        return "".join(self.written)

    def get(self, name: str) -> str:
        """Return an attribute, empty where there is none."""
        return self.attributes.get(name, "")

    def stands_in(self, tag: str) -> "Element | None":
        """Return the nearest element around it with this tag."""
        around = self.within
        while around is not None and around.tag != tag:
            around = around.within
        return around


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        found = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None)
        self.elements.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        """Close the element and whatever was left open in it."""
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Add a text to every element it stands in."""
        for element in self._open:
            element.written.append(data)

    def all(self, tag: str) -> list[Element]:
        """Return every element with this tag."""
        return [element for element in self.elements if element.tag == tag]

    def by_id(self, name: str) -> Element | None:
        """Return the element with this id."""
        return next((element for element in self.elements if element.get("id") == name), None)

    @property
    def title(self) -> str:
        """Return the title, its white space as one space."""
        return " ".join("".join(element.text for element in self.all("title")).split())

    def repeated_ids(self) -> list[str]:
        """Return the ids that stand more than once."""
        counted = Counter(element.attributes["id"] for element in self.elements if "id" in element.attributes)
        return [name for name, times in counted.items() if times > 1]

    def fields(self, form: str) -> dict[str, list[str]]:
        """Return what a browser would post of the form with this id, as it stands."""
        posted: dict[str, list[str]] = {}
        for element in self.elements:
            around = element.stands_in("form")
            if around is not None and around.get("id") == form and element.get("name"):
                posted.setdefault(element.get("name"), []).extend(self._values(element))
        return {name: values for name, values in posted.items() if values}

    def _values(self, element: Element) -> list[str]:
        if element.tag == "textarea":
            return [re.sub(r"\A\r?\n", "", element.text)]
        if element.tag == "select":
            options = [option for option in self.all("option") if option.stands_in("select") is element]
            return [option.get("value") for option in options if "selected" in option.attributes]
        chosen = element.get("type") not in BOXES or "checked" in element.attributes
        return [element.get("value")] if element.tag == "input" and chosen else []

    def summary(self) -> dict[str, str]:
        """Return the error summary's sentences, by the id of the field each leads to; what leads nowhere by ``""``."""
        summary = self.by_id("error-summary")
        inside = [element for element in self.elements if element.within and summary in _around(element)]
        told = {element.get("href").removeprefix("#"): element.text.strip() for element in inside if element.tag == "a"}
        return told | {"": element.text.strip() for element in inside if element.tag == "p"}

    def notes_of(self, name: str) -> list[str]:
        """Return the texts that a screen reader reads out with the field of this id, or with its group."""
        control = self.by_id(name)
        assert control is not None, f"nothing has the id {name}"
        group = control.stands_in("fieldset")
        described = control.get("aria-describedby") or (group.get("aria-describedby") if group else "")
        return [(self.by_id(each) or Element("", {}, None)).text.strip() for each in described.split()]


def _around(element: Element) -> list[Element]:
    around = []
    while element.within is not None:
        element = element.within
        around.append(element)
    return around


def page_of(answer: TestResponse) -> Page:
    """Read the page that was answered."""
    assert answer.mimetype == "text/html", answer.mimetype
    return Page(answer.text)
