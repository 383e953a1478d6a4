"""Requests a minute, and how they spread over the models of a multi-model endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers, Truths

# A model that nobody asked for so long is cold.
COLD_SECONDS = 3600


def dense_minutes(
    minutes: Integers,
    counts: Floats | None = None,
    sampling_percentage: float = 100.0,
) -> tuple[int, Floats]:
    """Requests of every minute from the first to the last that has any.

    Args:
        minutes: of requests or of counts, as minutes since 1970, in any order.
        counts: requests of each; None where each is one request.
        sampling_percentage: of the capture, by whose share counts are divided.

    Returns:
        The first minute, and the requests from then on, 0 where none were captured; minutes before
        the first and after the last are unknown rather than 0.

    >>> dense_minutes(np.array([7, 5, 7]), sampling_percentage=50)
    (5, array([2., 0., 4.]))
    """
    if not len(minutes):
        return 0, np.zeros(0)
    first = int(minutes.min())
    dense = np.bincount(minutes - first, weights=counts)
    return first, np.asarray(dense / (sampling_percentage / 100.0), np.float64)


def gini(requests: Floats) -> float | None:
    """How unequally requests are spread over models (Gini, "Variabilita e mutabilita", 1912).

    Args:
        requests: of each model, shape (models,); models without requests count.

    Returns:
        0 where all models have the same number, (models - 1) / models where one has all; None
        without any request.

    >>> gini(np.array([1.0, 1.0, 1.0, 1.0])), gini(np.array([0.0, 0.0, 0.0, 8.0]))
    (0.0, 0.75)
    """
    total, models = float(requests.sum()), len(requests)
    if not total:
        return None
    ranks = 2 * np.arange(1, models + 1) - models - 1
    return float(ranks @ np.sort(requests) / (models * total))


def cold(last_request: Floats, end: float, after: float = COLD_SECONDS) -> Truths:
    """Which models had no request in the last so many seconds of a window.

    Args:
        last_request: of each model in seconds, NaN for those without any, shape (models,).
        end: of the window in seconds.
        after: seconds without a request after which a model is cold.

    >>> cold(np.array([100.0, 4000.0, np.nan]), end=7200.0)
    array([ True, False,  True])
    """
    return ~(end - last_request < after)


def stack_distances(models: Integers) -> Integers:
    """For each request the number of other models asked for since the last request of its model.

    A cache that keeps the c models used last has the model if that is less than c (Mattson,
    Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal 9,
    1970). Takes O(n log n) steps and O(n) memory.

    Args:
        models: number of the model of each request in the order of time, shape (requests,).

    Returns:
        Shape (requests,); -1 where a model is asked for the first time.

    >>> stack_distances(np.array([0, 1, 1, 0, 2, 0]))
    array([-1, -1,  0,  1, -1,  1])
    """
    before = _previous(models)
    again = before >= 0
    # Of the requests up to now, those whose model's last request was not after ours: all up to
    # our last request, and the first request of each other model since.
    distances = np.full(len(models), -1, np.int64)
    distances[again] = (_smaller_before(before) - before - 1)[again]
    return distances


def hit_rates(distances: Integers, capacities: Integers) -> Floats:
    """The share of requests whose model a cache of the models used last would have had.

    Args:
        distances: of `stack_distances`.
        capacities: models that fit into the cache, shape (...).

    Returns:
        Shape (...); NaN without any request. The cache is empty at the first request.

    >>> hit_rates(stack_distances(np.array([0, 1, 1, 0])), np.array([1, 2]))
    array([0.25, 0.5 ])
    """
    known = np.sort(distances[distances >= 0])
    hits = np.searchsorted(known, capacities, side="left")
    with np.errstate(invalid="ignore"):
        return np.asarray(hits / np.float64(len(distances)), np.float64)


def _previous(models: Integers) -> Integers:
    """The index of the last request of the same model, -1 where there was none."""
    order = np.argsort(models, kind="stable")
    before = np.full(len(models), -1, np.int64)
    same = models[order][1:] == models[order][:-1]
    before[order[1:][same]] = order[:-1][same]
    return before


def _smaller_before(values: Integers) -> Integers:
    """For each value the number of those before it that are smaller; equal ones count as smaller.

    Ranks are taken apart bit by bit as in a wavelet tree (Grossi, Gupta, Vitter, 2003): of two
    ranks the smaller one has a 0 at the first bit in which they differ.
    """
    size = len(values)
    ranks = np.empty(size, np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(size)
    owners, indices, smaller = np.arange(size), np.arange(size), np.zeros(size, np.int64)
    for bit in reversed(range(size.bit_length())):
        # Ranks stand in runs of equal higher bits, each in the order of the requests; as they are
        # 0 to size - 1, a run begins at the index that is its smallest rank.
        ones = (ranks >> bit) & 1 == 1
        starts = ranks >> (bit + 1) << (bit + 1)
        zeros = np.cumsum(~ones) - ~ones
        zeros_of_run = zeros - zeros[starts]
        smaller[owners[ones]] += zeros_of_run[ones]
        after = np.where(ones, (1 << bit) + indices - zeros_of_run, starts + zeros_of_run)
        ranks[after], owners[after] = ranks.copy(), owners.copy()
    return smaller
