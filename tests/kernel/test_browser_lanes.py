"""Chunks on their way at once: never more than four, each once, and none left on its way when a failure is told."""

import pytest
from playwright.sync_api import Page

from tests.bench.files import LANES

# Each ends when the test lets it: `ends` are the numbers in the order in which they do, `fails` the one that fails.
RUN = """async ({ count, ends, fails }) => {
  const { inLanes } = await import("/static/js/lanes.js");
  const [begun, going, told] = [[], new Map(), []];
  const numbers = Array.from({ length: count }, (_none, at) => at + 1);
  const whole = inLanes(numbers, (number) => {
    begun.push(number);
    return new Promise((end, fail) => going.set(number, number === fails ? () => fail(new Error(number)) : end));
  }).then(() => told.push("whole"), ({ message }) => told.push(message));
  let most = 0;
  for (const number of ends) {
    most = Math.max(most, going.size);
    if (told.length > 0) break;
    going.get(number)?.();
    going.delete(number);
    await new Promise((soon) => setTimeout(soon));
  }
  await whole;
  return { begun, most, told: told[0], going: going.size };
}"""


@pytest.mark.parametrize("ends", [[1, 2, 3, 4, 5, 6, 7], [4, 3, 5, 2, 1, 7, 6]])
def test_chunks_begin_in_their_order_and_no_more_at_once_than_may(blank: Page, ends: list[int]) -> None:
    done = blank.evaluate(RUN, {"count": 7, "ends": ends, "fails": 0})
    assert done == {"begun": [1, 2, 3, 4, 5, 6, 7], "most": LANES, "told": "whole", "going": 0}


def test_where_one_fails_no_other_begins_and_those_on_their_way_end_first(blank: Page) -> None:
    done = blank.evaluate(RUN, {"count": 9, "ends": [1, 3, 2, 4, 5, 6, 7, 8, 9], "fails": 3})
    assert done == {"begun": [1, 2, 3, 4, 5], "most": LANES, "told": "3", "going": 0}


def test_fewer_chunks_than_lanes_and_none_are_whole(blank: Page) -> None:
    for count in (0, 1, 3):
        done = blank.evaluate(RUN, {"count": count, "ends": list(range(1, count + 1)), "fails": 0})
        assert done == {"begun": list(range(1, count + 1)), "most": count, "told": "whole", "going": 0}
