"""Open-circuit voltage curves of the truth models, on a uniform grid of 1 %.

Points are typical of the chemistry (LFP: mean of charge and discharge branch of a measured
26650 cell between 5 and 99 %, ends after common data sheets), deliberately not the firmware's
tables: an estimator must not be graded against its own curve.
"""

GRID = 100

# state of charge in %, V
LFP = (
    (0, 2.500),
    (1, 2.780),
    (2, 2.890),
    (5, 3.037),
    (10, 3.183),
    (20, 3.245),
    (30, 3.280),
    (50, 3.308),
    (60, 3.317),
    (70, 3.330),
    (80, 3.345),
    (90, 3.352),
    (95, 3.366),
    (98, 3.418),
    (99, 3.472),
    (100, 3.662),
)
LI_ION = (
    (0, 3.000),
    (2, 3.200),
    (5, 3.380),
    (10, 3.470),
    (20, 3.560),
    (30, 3.610),
    (40, 3.650),
    (50, 3.710),
    (60, 3.800),
    (70, 3.890),
    (80, 3.980),
    (90, 4.070),
    (95, 4.120),
    (100, 4.200),
)
LTO = (
    (0, 1.800),
    (2, 1.950),
    (5, 2.050),
    (10, 2.120),
    (20, 2.180),
    (40, 2.240),
    (50, 2.280),
    (60, 2.320),
    (80, 2.400),
    (90, 2.460),
    (95, 2.520),
    (98, 2.600),
    (100, 2.780),
)

CURVES = {"lfp": LFP, "li-ion": LI_ION, "lto": LTO}


def grid(points):
    """(start, slope): voltage at each per cent and the rise per unit of SOC in its interval."""
    values = []
    at = 0
    for pct in range(GRID + 1):
        while points[at + 1][0] < pct:
            at += 1
        (x0, y0), (x1, y1) = points[at], points[at + 1]
        values.append(y0 + (y1 - y0) * (pct - x0) / (x1 - x0))
    slopes = [(values[i + 1] - values[i]) * GRID for i in range(GRID)]
    return values[:GRID], slopes


def voltage(chemistry, soc):
    """Open-circuit voltage at a state of charge; the end slopes go on outside 0..1."""
    start, slope = grid(CURVES[chemistry])
    i = min(max(int(soc * GRID), 0), GRID - 1)
    return start[i] + slope[i] * (soc - i / GRID)
