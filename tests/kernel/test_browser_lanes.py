"""Chunks on their way at once: two lanes, and six where that is quick; each chunk once, several together."""

from typing import Any

import pytest
from playwright.sync_api import Page

from complaints.rules import MOST_TOGETHER
from tests.bench.files import FEW_LANES, LANES

# Each turn ends when the test lets it: `ends` are their first numbers in the order in which they do, `fails` the number
# that fails whatever goes with it, or `inCompany` only if something does. Between two ends a clock of its own moves by
# `takes` ms.
RUN = """async ({ numbers, ends, fails, inCompany, takes }) => {
  const { inLanes } = await import("/static/js/lanes.js");
  const [begun, going, told] = [[], new Map(), []];
  let now = 0;
  performance.now = () => now;
  const whole = inLanes(numbers, (together) => {
    begun.push(together);
    return new Promise((end, fail) => {
      const failing = together.includes(fails) && (!inCompany || together.length > 1);
      going.set(together[0], failing ? () => fail(new Error(fails)) : end);
    });
  }).then(() => told.push("whole"), ({ message }) => told.push(message));
  const width = [];
  for (const first of ends) {
    width.push(going.size);
    if (told.length > 0) break;
    now += takes;
    going.get(first)?.();
    going.delete(first);
    await new Promise((soon) => setTimeout(soon));
  }
  await Promise.race([whole, new Promise((end) => setTimeout(end, 5_000))]);
  return { begun, most: Math.max(0, ...width), width, told: told[0] ?? "it never ends", going: going.size };
}"""
# Twice as many and no more are quick, too, where one takes so long as the first.
QUICK, STEADY, SLOW = 150, 700, 2_000


def run(
    blank: Page, numbers: range | list[int], ends: list[int], takes: int = STEADY, turns: str = RUN, **told: Any
) -> Any:
    """Run lanes in a page, ``takes`` ms going by before each end."""
    asked = {"numbers": list(numbers), "ends": ends, "takes": takes, "fails": 0, "inCompany": False, **told}
    return blank.evaluate(turns, asked)


@pytest.mark.parametrize("ends", [[1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 6, 5, 7]])
@pytest.mark.parametrize("takes", [STEADY, SLOW])
def test_chunks_begin_in_their_order_and_no_more_at_once_than_may(blank: Page, ends: list[int], takes: int) -> None:
    done = run(blank, range(1, 8), ends, takes=takes)
    assert (done["begun"], done["most"]) == ([[n] for n in range(1, 8)], FEW_LANES)
    assert (done["told"], done["going"]) == ("whole", 0)


def test_where_one_fails_no_other_begins_and_those_on_their_way_end_first(blank: Page) -> None:
    done = run(blank, range(1, 10), [1, 3, 2, 4, 5, 6, 7, 8, 9], fails=3)
    assert (done["begun"], done["told"], done["going"]) == ([[1], [2], [3]], "3", 0)


def test_fewer_chunks_than_lanes_and_none_are_whole(blank: Page) -> None:
    for count in (0, 1, 3):
        done = run(blank, range(1, count + 1), list(range(1, count + 1)), takes=QUICK)
        assert (done["begun"], done["told"]) == ([[n] for n in range(1, count + 1)], "whole")
        assert (done["most"], done["going"]) == (min(count, FEW_LANES), 0)


def test_twice_as_many_go_together_while_that_is_quick_and_no_more_than_the_server_takes(blank: Page) -> None:
    done = run(blank, range(1, 40), [1, 3, 13, 17, 25, 2, 5, 7, 9, 11, 33], takes=QUICK)
    # Once one was quick, lanes are opened for two at a time until there are as many as may be.
    assert (done["told"], done["width"][:2]) == ("whole", [FEW_LANES, LANES])
    assert [len(together) for together in done["begun"]] == [1, 1, *[2] * 5, 4, MOST_TOGETHER, 8, 7]
    assert sum(done["begun"], []) == list(range(1, 40))


@pytest.mark.parametrize(("takes", "together"), [(10, MOST_TOGETHER), (60, 6), (130, 3), (390, 2), (410, 1)])
def test_as_many_go_together_next_as_will_be_quick_at_this_speed(blank: Page, takes: int, together: int) -> None:
    done = run(blank, range(1, 13), list(range(1, 13)), takes=takes)
    assert done["told"] == "whole" and done["begun"][2] == list(range(3, 3 + together))


def test_what_began_alone_and_ends_late_makes_no_more_go_alone(blank: Page) -> None:
    done = run(blank, range(1, 39), [1, 2, 3, 9, 15, 21, 27, 33], takes=60)
    assert done["begun"][2:] == [list(range(first, first + 6)) for first in (3, 9, 15, 21, 27, 33)]


def test_only_chunks_that_follow_one_another_go_together(blank: Page) -> None:
    done = run(blank, [1, 2, 3, 4, 6, 8, 9, 11, 12, 13, 14], [1, 2, 3, 6, 8, 11, 13], takes=QUICK)
    assert done["told"] == "whole"
    assert done["begun"][2:] == [[3, 4], [6], [8, 9], [11, 12], [13, 14]]


def test_after_a_slow_turn_one_goes_at_a_time_in_few_lanes(blank: Page) -> None:
    turns = RUN.replace("now += takes", "now += first === 1 ? 150 : 9000")
    done = run(blank, range(1, 31), [1, 2, 3, 5, 7, 9, 11, *range(13, 31)], turns=turns)
    assert done["told"] == "whole"
    assert done["begun"][7:] == [[n] for n in range(13, 31)]
    assert (done["width"][1], set(done["width"][6:-1])) == (LANES, {FEW_LANES})


def test_those_that_failed_together_have_a_turn_each_and_the_failure_is_that_ones(blank: Page) -> None:
    done = run(blank, range(1, 8), [1, 5, 2, 3, 7, 5, 6], fails=6, takes=QUICK)
    assert done["told"] == "6"
    assert done["begun"].count([5, 6]) == 1 and [5] in done["begun"] and [6] in done["begun"]


def test_after_some_have_failed_together_one_goes_at_a_time_in_few_lanes(blank: Page) -> None:
    ends = [1, 5, 5, 6, 3, 7, 9, 11, 2, 13, 14, 15, 17, 19]
    done = run(blank, range(1, 20), ends, takes=QUICK, fails=6, inCompany=True)
    assert (done["told"], done["begun"][7:11]) == ("whole", [[5], [6], [13], [14]])
    assert (done["width"][1], done["width"][8]) == (LANES, FEW_LANES)


def test_once_one_has_failed_alone_those_that_fail_together_elsewhere_are_not_tried_alone(blank: Page) -> None:
    turns = RUN.replace("together.includes(fails)", "together.some((number) => [2, 4].includes(number))")
    done = run(blank, range(1, 8), [1, 2, 3, 5, 7], takes=QUICK, turns=turns)
    assert (done["begun"], done["told"], done["going"]) == ([[1], [2], [3, 4], [5, 6], [7]], "0", 0)
