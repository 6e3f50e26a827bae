"""The open-circuit curves: monotone, apart from each other, like the cells they stand for."""

import itertools

import pytest

from host_sim.plant import ocv_sets
from host_sim.plant.curves import monotone

LFP = ("lfp-a", "lfp-b", "lfp-c", "lfp-d")


def mean(name):
    charge, discharge = ocv_sets.branches(name)
    return [(c + d) / 2 for c, d in zip(charge, discharge, strict=True)]


# req: MEA-01
@pytest.mark.parametrize("name", ocv_sets.SETS)
def test_both_branches_rise_and_do_not_cross(name):
    charge, discharge = ocv_sets.branches(name)
    assert len(charge) == len(discharge) == 101
    for branch in (charge, discharge):
        assert all(b > a for a, b in itertools.pairwise(branch))
    assert all(c > d for c, d in zip(charge, discharge, strict=True))


# req: MEA-01
@pytest.mark.parametrize("name", ocv_sets.SETS)
def test_curves_go_through_their_points(name):
    charge, discharge = ocv_sets.branches(name)
    for pct, volts, gap_mv in ocv_sets.SETS[name]:
        assert (charge[pct] + discharge[pct]) / 2 == pytest.approx(volts)
        assert (charge[pct] - discharge[pct]) * 1000 == pytest.approx(gap_mv)


# req: MEA-01
def test_interpolation_is_smooth_and_never_overshoots():
    at = monotone([(0, 0.0), (1, 0.0), (2, 1.0), (3, 1.0)])
    values = [at(i / 100) for i in range(301)]
    assert all(-1e-12 <= v <= 1 + 1e-12 for v in values)
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(values))
    assert at(1.5) == pytest.approx(0.5)
    line = monotone([(0, 1.0), (2, 2.0), (5, 3.5)])
    assert line(3.7) == pytest.approx(2.85)


def test_lfp_sets_differ_as_cells_do():
    curves = {name: mean(name) for name in LFP}
    for first, second in itertools.combinations(LFP, 2):
        pairs = zip(curves[first][20:96], curves[second][20:96], strict=True)
        rms_mv = (sum((1000 * (a - b)) ** 2 for a, b in pairs) / 76) ** 0.5
        assert 2.0 < rms_mv < 50.0, (first, second)
    knees = {
        name: max(range(50, 85), key=lambda i, c=curve: c[i + 2] - c[i - 2])
        for name, curve in curves.items()
    }
    assert 57 <= knees["lfp-c"] <= 64
    assert 65 <= min(knees["lfp-b"], knees["lfp-d"]) <= max(knees.values()) <= 79
    flat = curves["lfp-c"]
    assert 1000 * (flat[95] - flat[65]) < 2.0
    for name in LFP:
        charge, discharge = ocv_sets.branches(name)
        gaps = [1000 * (c - d) for c, d in zip(charge, discharge, strict=True)]
        assert 19.0 <= min(gaps) and max(gaps) <= 61.0


# req: MEA-01
def test_unknown_set():
    with pytest.raises(ValueError, match="lfp-a"):
        ocv_sets.branches("lead")
