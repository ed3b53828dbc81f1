"""The browser's word list is the server's."""

from . import wordlist


def test_the_browsers_list_is_written_from_the_servers() -> None:
    assert wordlist.SCRIPT.read_text() == wordlist.script()
