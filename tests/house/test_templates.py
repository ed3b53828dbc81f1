"""Every template keeps to the rules of the house, and each rule finds what breaks it."""

import pytest

from . import pages

GOOD = """
{% extends "reporter.html" %}
{% block title %}{{ _("Bantuan") }}{% endblock %}
{% block main %}
  <label for="{{ field.id }}">{{ field.label }}</label><input id="{{ field.id }}" name="text">
  <button type="submit">{{ _("Kirim") }}</button>
{% endblock %}
"""


def test_every_template_keeps_the_rules() -> None:
    assert [line for name, source in pages.templates().items() for line in pages.wrong(name, source)] == []


def test_the_templates_are_found() -> None:
    assert {"base.html", "complaints/home.html", "macros/field.html"} <= pages.templates().keys()


def test_a_good_page_breaks_no_rule() -> None:
    assert pages.wrong("complaints/good.html", GOOD) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('<p style="color: red">', "inline: <p style>"),
        ("<style>p {}</style>", "inline: <style>"),
        ("<script>leave()</script>", "inline: <script>"),
        ('<a href="#" onclick="leave()">', "inline: <a onclick>"),
        ('<a href="javascript:leave()">', "inline: javascript:leave()"),
        ("{{ text|safe }}", "unescaped: |safe"),
        ('<textarea name="text"></textarea>', "unlabelled: <textarea text>"),
        ('<p id="a"></p><p id="a"></p>', "repeated: a"),
        ('<p id="a"></p>{% if x %}{% if y %}<p id="a"></p>{% endif %}{% else %}<p></p>{% endif %}', "repeated: a"),
        ('<label for="a"></label><input id="a" required>', "mute: <input required>"),
        ("<button>", "mute: <button> without type"),
        ("<svg></svg>", "pictures: <svg>"),
        ('<img src="a.png">', "pictures: <img>"),
        ('<script src="https://example.org/a.js"></script>', "strangers: <script https://example.org/a.js>"),
        ('<link href="//example.org/a.css">', "strangers: <link //example.org/a.css>"),
    ],
)
def test_a_broken_rule_is_named(broken: str, said: str) -> None:
    assert pages.wrong("complaints/bad.html", GOOD + broken) == [f"complaints/bad.html: {said}"]


def test_an_id_may_stand_once_in_each_branch_of_a_choice() -> None:
    branches = '{% if x %}<p id="a"></p>{% elif y %}<p id="a"></p>{% else %}<p id="a"></p>{% endif %}'
    assert pages.wrong("complaints/good.html", GOOD + branches) == []


def test_a_page_without_a_frame_is_named() -> None:
    frameless = GOOD.replace("reporter.html", "other.html")
    assert pages.wrong("bad.html", frameless) == ["bad.html: frameless: extends no frame"]


def test_a_page_without_a_title_is_named() -> None:
    untitled = GOOD.replace('{{ _("Bantuan") }}', "")
    assert pages.wrong("bad.html", untitled) == ["bad.html: frameless: no title"]


def test_what_would_never_be_shown_is_named() -> None:
    lost = GOOD + "{% block aside %}<p></p>{% endblock %}"
    assert pages.wrong("bad.html", lost) == ["bad.html: lost: block aside"]


def test_a_title_that_tells_on_its_reader_is_named() -> None:
    telling = GOOD.replace("Bantuan", "Laporan saya")
    assert pages.wrong("complaints/bad.html", telling) == ["complaints/bad.html: telling: Lapor"]
    assert pages.wrong("casework/good.html", telling) == []
