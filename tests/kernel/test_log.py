"""An error in the log: where it arose and of what kind it is, and nothing that anybody sent."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from flask import Flask

from kernel.log import Discreet

SENT = "kenari-3f9c1e7d"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is written while the test runs."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def fail(sent: str) -> str:
    """Fail as a view could, repeating what was sent."""
    try:
        return str(int(sent))
    except ValueError as error:
        raise LookupError(sent) from error


def fail_alone(sent: str) -> str:
    """Fail, whatever it arose from."""
    try:
        return fail(sent)
    except LookupError:
        raise KeyError(sent) from None


def test_a_view_that_fails_is_told_by_the_way_to_it_and_by_kind(log: StringIO) -> None:
    app = Flask("kentongan")
    app.add_url_rule("/<sent>", view_func=fail)
    assert app.test_client().get(f"/{SENT}?cari={SENT}").status_code == 500
    told = log.getvalue().splitlines()
    assert [line for line in told if not line.startswith(" ")] == ["ERROR kentongan", "ValueError", "LookupError"]
    assert [line for line in told if line.endswith(", in fail")]
    assert SENT not in log.getvalue()


def test_what_an_error_arose_from_is_left_out_where_the_code_leaves_it_out(log: StringIO) -> None:
    try:
        fail_alone(SENT)
    except KeyError:
        logging.getLogger("kentongan").exception("Failed on %s", SENT)
    kinds = [line for line in log.getvalue().splitlines() if not line.startswith(" ")]
    assert kinds == ["ERROR kentongan", "KeyError"]


def test_a_line_without_an_error_is_written_as_it_is(log: StringIO) -> None:
    logging.getLogger("kentongan").warning("retention is due: %s", "case 1")
    assert log.getvalue() == "WARNING kentongan retention is due: case 1\n"
