"""Work beside a request: it belongs to the request that began it, and what comes of it is told to whoever waits."""

from threading import Event, get_ident

import pytest
from flask import Flask, current_app, g, request

from kernel.beside import MOST, beside


@pytest.fixture
def app() -> Flask:
    """Return an application with nothing in it."""
    return Flask("beside")


def test_it_is_done_in_another_thread_for_the_same_request(app: Flask) -> None:
    with app.test_request_context("/lapor", headers={"Accept-Language": "en"}):
        g.told = "this one"
        thread, path, told, language, name = beside(
            lambda: (get_ident(), request.path, g.told, request.accept_languages.best, current_app.name)
        ).result(10)
    assert (path, told, language, name) == ("/lapor", "this one", "en", "beside")
    assert thread != get_ident()


def test_what_goes_wrong_is_told_to_whoever_waits_for_it() -> None:
    with pytest.raises(ValueError, match="not a number"):
        beside(int, "not a number").result(10)


def test_what_waits_keeps_nothing_else_from_being_done() -> None:
    enough = Event()
    waiting = [beside(enough.wait, 10) for _turn in range(MOST - 1)]
    assert beside(int, "7").result(5) == 7
    enough.set()
    assert all(each.result(10) for each in waiting)
