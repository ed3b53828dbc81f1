"""From the village to a decision, through an objection, and out of it both ways; and a complaint taken back."""

from playwright.sync_api import BrowserContext

from tests.journeys.checks import assert_usable
from tests.journeys.officers import Office
from tests.journeys.reporting import lodge_in_one_page, lodge_in_steps
from tests.journeys.whole import Story, Whole, until_handed_over


def test_with_javascript(phone: BrowserContext, office: Office) -> None:
    whole = Whole(Story(), phone.new_page(), lodge_in_steps, office, assert_usable)
    until_handed_over(whole)
    whole.upheld()


def test_without_javascript(plain_phone: BrowserContext, office: Office) -> None:
    whole = Whole(Story(), plain_phone.new_page(), lodge_in_one_page, office, lambda page: None)
    until_handed_over(whole)
    whole.dismissed()
