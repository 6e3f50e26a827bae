"""Open-circuit voltage of real-life cells: a charge and a discharge branch each.

Rows: state of charge in %, mean of both branches in V, gap between them in mV (25 degC, after a
slow full cycle). The LFP sets differ as cells of one chemistry do: the knee lies between 57 and
78 %, the plateaus up to 20 mV apart, the gap is 20..60 mV wide; above its knee the large
prismatic cell rises by 1.5 mV in 30 %. The firmware has its own tables: an estimator must not be
graded against the curve that it uses.
"""

from host_sim.plant.curves import monotone

GRID = 100

SETS = {
    # small round cell: high plateau, soft knee 62..80 %, wide gap below it
    "lfp-a": (
        (0, 2.500, 50),
        (1, 2.780, 50),
        (2, 2.890, 50),
        (5, 3.037, 49),
        (10, 3.183, 42),
        (20, 3.245, 47),
        (30, 3.280, 58),
        (50, 3.308, 33),
        (60, 3.317, 39),
        (70, 3.330, 40),
        (80, 3.345, 27),
        (90, 3.352, 24),
        (95, 3.366, 25),
        (98, 3.418, 29),
        (99, 3.472, 32),
        (100, 3.640, 32),
    ),
    # low plateau, knee 73..77 %, flat to the very end
    "lfp-b": (
        (0, 2.450, 40),
        (1, 2.760, 40),
        (2, 2.930, 40),
        (5, 3.095, 40),
        (10, 3.203, 36),
        (20, 3.240, 34),
        (30, 3.276, 30),
        (50, 3.298, 28),
        (60, 3.302, 30),
        (70, 3.311, 32),
        (73, 3.315, 31),
        (77, 3.332, 27),
        (80, 3.336, 24),
        (90, 3.339, 20),
        (95, 3.343, 20),
        (98, 3.358, 22),
        (99, 3.397, 24),
        (100, 3.620, 25),
    ),
    # large prismatic cell: sharp knee 57..64 %, then nothing until 97 %
    "lfp-c": (
        (0, 2.500, 48),
        (1, 2.775, 46),
        (2, 2.933, 46),
        (5, 3.092, 44),
        (10, 3.214, 38),
        (20, 3.2656, 34),
        (30, 3.2964, 30),
        (35, 3.2987, 28),
        (50, 3.3008, 26),
        (55, 3.3017, 24.6),
        (57, 3.3025, 24),
        (60, 3.3188, 23),
        (64, 3.3365, 21),
        (70, 3.3368, 21),
        (80, 3.3373, 21),
        (90, 3.3377, 21),
        (95, 3.3381, 21),
        (98, 3.3475, 23),
        (99, 3.3800, 24),
        (100, 3.6125, 25),
    ),
    # late knee 75..79 %, wide gap
    "lfp-d": (
        (0, 2.480, 60),
        (1, 2.770, 60),
        (2, 2.920, 60),
        (5, 3.094, 60),
        (10, 3.209, 58),
        (20, 3.249, 55),
        (30, 3.281, 52),
        (50, 3.306, 45),
        (60, 3.309, 45),
        (70, 3.319, 44),
        (75, 3.324, 43),
        (79, 3.342, 40),
        (80, 3.345, 40),
        (90, 3.350, 38),
        (95, 3.363, 38),
        (98, 3.408, 39),
        (99, 3.454, 40),
        (100, 3.650, 40),
    ),
    # layered oxide: rises all the way, hardly any hysteresis
    "li-ion": (
        (0, 3.000, 20),
        (2, 3.215, 20),
        (5, 3.390, 18),
        (10, 3.480, 16),
        (20, 3.565, 14),
        (30, 3.615, 12),
        (40, 3.655, 10),
        (50, 3.715, 10),
        (60, 3.810, 10),
        (70, 3.905, 9),
        (80, 3.995, 8),
        (90, 4.085, 8),
        (95, 4.130, 8),
        (100, 4.205, 8),
    ),
    # titanate anode
    "lto": (
        (0, 1.800, 30),
        (2, 1.960, 28),
        (5, 2.060, 26),
        (10, 2.130, 22),
        (20, 2.190, 18),
        (40, 2.245, 16),
        (50, 2.285, 15),
        (60, 2.325, 14),
        (80, 2.405, 12),
        (90, 2.465, 12),
        (95, 2.525, 12),
        (98, 2.610, 12),
        (100, 2.780, 12),
    ),
}


def branches(name):
    """(charge, discharge): 101 voltages each, at 0, 1 .. 100 %. ValueError for an unknown set."""
    if name not in SETS:
        raise ValueError(f"no OCV set {name!r}: {', '.join(SETS)}")
    rows = SETS[name]
    charge = monotone([(pct, mean + gap / 2000) for pct, mean, gap in rows])
    discharge = monotone([(pct, mean - gap / 2000) for pct, mean, gap in rows])
    return [charge(i) for i in range(GRID + 1)], [discharge(i) for i in range(GRID + 1)]


def intervals(name):
    """One row for each per cent: (mean V, its rise per unit of SOC, half gap V, its rise)."""
    charge, discharge = branches(name)
    means = [(c + d) / 2 for c, d in zip(charge, discharge, strict=True)]
    halves = [(c - d) / 2 for c, d in zip(charge, discharge, strict=True)]
    return [
        (
            means[i],
            (means[i + 1] - means[i]) * GRID,
            halves[i],
            (halves[i + 1] - halves[i]) * GRID,
        )
        for i in range(GRID)
    ]
