"""The bench of the gauge: sensor model, truths, scoring, table and page."""

import math
from array import array

import pytest

from tools import bench_soc
from tools.soc_bench import cases, exact, page, plot, rig, score, truth
from tools.soc_bench.cases import Job
from tools.soc_bench.sensor import Sensor

DAY = truth.Scenario(1)


def steady(amps, steps=1000, soc_pct=50.0, cells=8, step_s=10):
    made = truth.Truth(cells, step_s, 280.0, soc_pct)
    for _ in range(steps):
        made.add(amps, [3.3] * cells, 25.0, soc_pct)
    return made


def result(shown, sigma=1.0, settled=1, events=()):
    n = len(shown)
    values = array("f", shown)
    return rig.Run(values, array("f", [sigma] * n), bytearray([settled] * n), values, values,
                   list(events))  # fmt: skip


@pytest.fixture(scope="module")
def day():
    return truth.simulate(DAY, "lfp-d", 3)


# --- sensor --------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_readings_and_another_one_others():
    world = steady(10.0, 50)
    first = list(Sensor().readings(world, 1))
    assert first == list(Sensor().readings(world, 1))
    assert first != list(Sensor().readings(world, 2))


def test_current_has_gain_offset_noise_and_steps_of_10_ma():
    readings = [ma for ma, _ in Sensor(200, 1.005).readings(steady(20.0, 5000), 1)]
    mean = sum(readings) / len(readings)
    deviation = math.sqrt(sum((ma - mean) ** 2 for ma in readings) / len(readings))
    assert mean == pytest.approx(20_300, abs=5)
    assert deviation == pytest.approx(50, rel=0.1)
    assert all(ma % 10 == 0 for ma in readings)


def test_a_dead_band_hides_small_currents_of_both_signs_only():
    for amps, seen in ((-1.0, False), (1.0, False), (-1.5, True), (1.5, True)):
        readings = [ma for ma, _ in Sensor(dead_ma=1200).readings(steady(amps, 200), 1)]
        assert any(readings) == seen
        assert all(readings) == seen


def test_each_cell_keeps_an_offset_within_2_mv_below_steps_of_1_mv():
    readings = [mv for _, mv in Sensor().readings(steady(0.0, 5000), 5)]
    means = [sum(cell) / len(cell) for cell in zip(*readings, strict=True)]
    assert all(isinstance(mv, int) for mv in readings[0])
    assert all(3297.9 < mean < 3302.1 for mean in means)
    assert max(means) - min(means) > 0.5
    assert len({mv[0] for mv in readings}) > 2  # noise


# --- truth ---------------------------------------------------------------------------------------


def test_a_day_of_the_house_moves_the_charge_as_its_current_says(day):
    moved_ah = sum(day.amps) * day.step_s / 3600
    assert len(day) == 8640
    assert max(day.soc_pct) - min(day.soc_pct) > 20
    moved_pct = 100 * moved_ah / day.capacity_ah
    assert day.soc_pct[-1] - day.start_pct == pytest.approx(moved_pct, abs=1.5)
    assert 270 < day.capacity_ah < 281


def test_a_partial_month_stays_within_its_window():
    world = truth.simulate(truth.Scenario(2, window=0, step_s=10), "lfp-b", 3)
    assert min(world.soc_pct) > 29
    assert max(world.soc_pct) < 81


def test_a_faded_pack_holds_less_and_a_stored_one_only_loses():
    faded = truth.simulate(truth.Scenario(1, fade=0.15, house=False), "lfp-b", 3)
    assert faded.capacity_ah == pytest.approx(0.85 * 277, rel=0.01)
    stored = truth.simulate(truth.Scenario(1, house=False, idle_a=1.0), "lfp-b", 3)
    assert set(stored.amps) == {-1.0}
    assert stored.start_pct - stored.soc_pct[-1] == pytest.approx(100 * 24 / 277, abs=0.3)


def test_a_truth_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setattr(truth, "CACHE", tmp_path / "new")
    monkeypatch.setitem(truth.SCENARIOS, "full", truth.Scenario(1, step_s=600))
    first = truth.cached("full", "lfp-b", 1)
    monkeypatch.setattr(truth, "simulate", None)
    assert truth.cached("full", "lfp-b", 1) == first
    assert len(list((tmp_path / "new").iterdir())) == 1
    with pytest.raises(TypeError):
        truth.cached("full", "lfp-b", 2)


# --- scoring -------------------------------------------------------------------------------------


def test_rms_and_largest_error_from_where_it_counts():
    world = steady(0.0, 4)
    assert score.rms_max([99, 53, 46, 50], world.soc_pct, 1) == pytest.approx(
        (math.sqrt(25 / 3), 4)
    )
    assert all(map(math.isnan, score.rms_max([50] * 4, world.soc_pct, 4)))


def test_scoring_begins_after_hours_or_after_the_first_full_charge():
    world = steady(0.0, 2000)
    assert score.begin_at(world, 1) == 360
    assert score.begin_at(world, "full") == 2000
    world.soc_pct[100] = 99.0
    assert score.begin_at(world, "full") == 100 + 720


def test_coverage_counts_steps_within_two_deviations():
    world = steady(0.0, 4)
    assert score.covered(result([50, 51.9, 52.1, 47.9]), world, 0) == (2, 4)


def test_a_jump_counts_unless_an_end_sync_is_shown():
    world = steady(0.0, 100)
    shown = [50.0] * 50 + [53.0] * 50
    assert score.jump(result(shown), world) == pytest.approx(3)
    assert score.jump(result(shown, events=[(50, "full-sync", 280.0)]), world) == 0
    assert score.jump(result(shown, settled=0), world) == 0
    slow = [50.0 + 0.1 * i for i in range(100)]
    assert score.jump(result(slow), world) == pytest.approx(0.6, abs=1e-4)


def test_capacity_is_judged_after_the_second_learned_cycle():
    world = steady(0.0, 10)
    learned = [(1, "capacity", 300.0), (2, "full-sync", 300.0), (3, "capacity", 273.0)]
    assert score.capacity_error(result([50] * 10, events=learned), world) == pytest.approx(2.5)
    assert math.isnan(score.capacity_error(result([50] * 10, events=learned[:1]), world))


def made(row, cells, ours, counting=(5.0, 9.0), **more):
    values = {"inside": 95, "steps": 100, "jump": 0.5, "syncs": 0, "faults": 0} | more
    return score.Score(row, cells, f"{row} {cells}", ours, counting, (1.0, 2.0), **values)


def by_id(scores):
    return {line.id: line for line in score.lines(scores)}


def test_the_worst_graded_set_decides_and_the_familiar_one_does_not():
    scores = [made("S1", "lfp-b", (0.4, 0.9)), made("S1", "lfp-c", (0.2, 2.1)),
              made("S1", "lfp-d", (0.3, 0.8)), made("S1", "lfp-a", (9.0, 9.0))]  # fmt: skip
    line = by_id(scores)["S1"]
    assert (line.median, line.worst, line.familiar) == ("0.3 / 0.9", "0.4 / 2.1", "9.0 / 9.0")
    assert line.met is False
    del scores[1]
    assert by_id(scores)["S1"].met is True
    assert by_id(scores)["S1"].at_goal is True


def test_what_is_no_number_misses_its_bar():
    assert by_id([made("S1", "lfp-b", (math.nan, math.nan))])["S1"].met is False


def test_no_harm_is_judged_against_the_counting_of_the_same_run():
    assert by_id([made("S10 full", "lfp-b", (7.4, 11.9))])["S10 full"].met is True
    assert by_id([made("S10 full", "lfp-b", (7.6, 11.9))])["S10 full"].met is False


def test_jumps_and_coverage_look_at_all_graded_runs():
    scores = [made("S1", "lfp-b", (0, 0), inside=100), made("S2a", "lfp-c", (0, 0), inside=78)]
    scores += [made("S11", "lfp-c", (0, 0), inside=0), made("S1", "lfp-a", (0, 0), jump=9)]
    lines = by_id(scores)
    assert lines["S12"].met is True
    assert lines["S13"].met is False
    assert lines["S13"].median == "89.0 of all"
    scores[1].jump = 1.1
    assert by_id(scores)["S12"].met is False
    assert "S2a lfp-c" in by_id(scores)["S12"].worst


# --- runs ----------------------------------------------------------------------------------------


def test_a_day_through_the_firmware_is_scored(day):
    job = Job("full", "lfp-d", (("S1", 1), ("S10 full", 1)), Sensor(2000))
    run = rig.execute(day, job.sensor, job.seed, day.start_pct)
    first, second = score.score(job, run, day)
    assert (first.row, second.row) == ("S1", "S10 full")
    assert first.ours == second.ours
    assert first.steps == len(day) - 360
    assert first.faults == 0
    assert first.syncs >= 1  # a sunny day: the gauge is put right, counting is not
    assert first.counting[1] == pytest.approx(100 * 2 * 24 / 280, abs=2)
    assert first.ours[1] < first.counting[1]
    assert len(run.shown) == len(day)
    assert plot.svg("a day", plot.thin(run, day)).count("<polyline") == 3


def test_the_references_count_and_jump():
    counting, jk = rig.PureCounter(99.0, 280.0), rig.JkLike(99.0, 280.0)
    for reference in (counting, jk):
        for _ in range(360):
            reference.step(10_000, 28_000, [3300] * 8)
    assert counting.pct == pytest.approx(109)
    assert jk.pct == 100
    jk.step(10_000, 0, [3300, 2600])
    assert jk.pct == 0
    jk.step(10_000, 0, [3500, 2600])
    assert jk.pct == 100


def test_the_counter_keeps_every_charge():
    shown, held = exact.error_mah(50_000)
    assert held == 0
    assert shown < 1


def test_every_run_belongs_to_a_row_with_bars_and_a_truth():
    jobs = cases.jobs()
    assert {row for job in jobs for row, _ in job.rows} == {row.id for row in cases.ROWS}
    assert {job.truth for job in jobs} == {*truth.SCENARIOS, cases.REAL}
    assert {job.plot for job in jobs} - {""} == set(bench_soc.TITLES)
    assert not any(job.cells == cases.REAL for job in cases.jobs(real=False))


def test_tables_of_runs():
    own = bench_soc.table_of(Job("full", "lfp-d", (), table=cases.OWN))
    low = bench_soc.table_of(Job("full", "lfp-d", (), table=cases.LOW))
    assert bench_soc.table_of(Job("full", "lfp-d", ())) is None
    middle = 4 + 2 * 50
    assert int.from_bytes(own[middle : middle + 2], "little") == 32_835
    default = bench_soc.tables.load("ocv")["lfp"]["points"]
    at_50 = next(p for p in default if p[0] == 50)
    assert int.from_bytes(low[middle : middle + 2], "little") == round(10 * (at_50[1] - 50))

    others = bench_soc.table_of(Job("full", "lfp-d", (), table=cases.OTHERS))
    assert int.from_bytes(others[middle : middle + 2], "little") == round(
        10 * bench_soc.band(("lfp-a", "lfp-b", "lfp-c"))[50][1]
    )


def test_a_band_is_middle_and_range_of_its_cells():
    (charge, discharge), (charge2, discharge2) = map(
        bench_soc.ocv_sets.branches, ("lfp-a", "lfp-b")
    )
    _, low, high, wide = bench_soc.band(("lfp-a", "lfp-b"))[50]
    assert low == pytest.approx(500 * (discharge[50] + discharge2[50]))
    assert high == pytest.approx(500 * (charge[50] + charge2[50]))
    assert wide == pytest.approx(500 * (charge[50] - charge2[50]) + 2)


# --- page ----------------------------------------------------------------------------------------


def test_the_page_says_what_was_missed_and_keeps_what_was_written_by_hand():
    lines = [*score.lines([made("S1", "lfp-b", (3.0, 9.0))]), *bench_soc.without(False)]
    text = page.renewed(f"before\n{page.BEGIN}\nformer\n{page.END}\nafter\n", lines, 7, 0)
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "former" not in text
    assert "Missed: S1." in text
    assert "| S1 | ideal current sensor, 10 d | lfp-b, c, d | 3.0 / 9.0 | 3.0 / 9.0 |" in text
    assert "**MISSED**" in text
    assert "lfp-d 14" in text
    for absent in ("S7", "S8", "S9"):
        assert f"| {absent} |" in text
    assert page.renewed(text, lines, 7, 0) == text


def test_an_unknown_selection_is_refused(capsys):
    assert bench_soc.main(["--rows", "S99"]) == 2
    assert "no run" in capsys.readouterr().err
