"""Medians, their intervals, and what they say of a target."""

import random
import statistics

RESAMPLES = 10_000
# Of the resampled values, so many lie below the interval and as many above it.
TAIL = 0.05
SEED = 20260


def interval(count, value):
    """The 90 % bootstrap interval of `value(indices)`, over rounds drawn with replacement from `count` of them.

    The same rounds are drawn for all servers, as a round's servers saw the same machine. Seeded: the same figures give
    the same interval.
    """
    generator = random.Random(SEED)
    rounds = range(count)
    values = sorted(value(generator.choices(rounds, k=count)) for _ in range(RESAMPLES if count > 1 else 1))
    return values[int(TAIL * len(values))], values[len(values) - 1 - int(TAIL * len(values))]


def median_of(values, indices):
    return statistics.median([values[index] for index in indices])


def median_with_interval(values):
    return statistics.median(values), interval(len(values), lambda indices: median_of(values, indices))


def ratio_with_interval(values, base):
    """The ratio of the medians."""
    def ratio(indices):
        divisor = median_of(base, indices)
        return median_of(values, indices) / divisor if divisor else float("nan")
    return ratio(range(len(values))), interval(len(values), ratio)


def verdict(value, bounds, target):
    """Of a target such as `<= 1.1`; missed only where the whole interval is on its wrong side."""
    comparison, limit = target.split()
    is_met = (lambda x: x <= float(limit)) if comparison == "<=" else (lambda x: x >= float(limit))
    if is_met(value):
        return "ok"
    return "ok within noise" if any(map(is_met, bounds)) else "MISSED"
