"""Monotone cubic interpolation (Fritsch and Carlson): smooth, and never beyond its points."""

import itertools
from bisect import bisect_right


def monotone(points):
    """A function through (x, y) points with rising x; it rises wherever the points do.

    Tangents are weighted harmonic means of the neighbouring slopes, so no interval overshoots.
    """
    xs = [p[0] for p in points]
    ys = [p[1] for p in points]
    steps = [b - a for a, b in itertools.pairwise(xs)]
    rises = [(ys[i + 1] - ys[i]) / h for i, h in enumerate(steps)]
    tangents = [rises[0]]
    for i in range(1, len(rises)):
        tangents.append(_tangent(steps[i - 1], steps[i], rises[i - 1], rises[i]))
    tangents.append(rises[-1])

    def at(x):
        i = min(max(bisect_right(xs, x) - 1, 0), len(steps) - 1)
        h = steps[i]
        t = (x - xs[i]) / h
        u = 1.0 - t
        return (
            ys[i] * (1 + 2 * t) * u * u
            + ys[i + 1] * (3 - 2 * t) * t * t
            + h * t * u * (tangents[i] * u - tangents[i + 1] * t)
        )

    return at


def _tangent(h0, h1, rise0, rise1):
    if rise0 * rise1 <= 0:
        return 0.0
    w0, w1 = 2 * h1 + h0, h1 + 2 * h0
    return (w0 + w1) / (w0 / rise0 + w1 / rise1)
