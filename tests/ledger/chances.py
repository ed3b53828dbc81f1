"""How probable it is that what was counted came about by chance: tails of the chi-square and normal distributions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

# So exact that a probability of 1e-9 is known to several digits.
SMALLEST = 1e-15


def beyond(deviation: float) -> float:
    """Return how probable a deviation of so many standard deviations or more is, to either side."""
    return math.erfc(abs(deviation) / math.sqrt(2))


def chi_square_tail(value: float, freedom: int) -> float:
    """Return how probable a chi-square of ``value`` or more is: the upper incomplete gamma function Q(k/2, x/2)."""
    a, x = freedom / 2, value / 2
    if x <= 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1 - front * _series(a, x) if x < a + 1 else front * _fraction(a, x)


def _series(a: float, x: float) -> float:
    """Return the series of the lower function, P, without its factor."""
    term = total = 1 / a
    while term > total * SMALLEST:
        a += 1
        term *= x / a
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Return the continued fraction of Q without its factor, by Lentz's method."""
    b = x + 1 - a
    c, d = math.inf, 1 / b
    found = d
    for step in range(1, 100_000):
        factor, b = -step * (step - a), b + 2
        c, d = b + factor / c, 1 / (b + factor * d)
        found *= c * d
        if abs(c * d - 1) < SMALLEST:
            break
    return found


def alike(some: Sequence[int], others: Sequence[int]) -> float:
    """Return how probable it is that two samples of values that differ so, or more, are of one distribution."""
    one, other = Counter(some), Counter(others)
    left, right = math.sqrt(len(others) / len(some)), math.sqrt(len(some) / len(others))
    values = set(one) | set(other)
    value = sum((left * one[each] - right * other[each]) ** 2 / (one[each] + other[each]) for each in values)
    return chi_square_tail(value, max(len(values) - 1, 1))


def least(chances: Iterable[float]) -> float:
    """Return how probable it is that the least probable of several is as improbable as it is (Bonferroni)."""
    found = list(chances)
    return min(1.0, len(found) * min(found))
