"""`soc-replay`: recordings in, what the firmware makes of them out."""

import csv
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_sim import replay_input, soc_replay
from host_sim.__main__ import main

HEAD = "time_s,current_ma,temp_0_1c,cell_1_mv,cell_2_mv"


def recording(tmp_path, lines, head=HEAD, name="in.csv"):
    path = tmp_path / name
    path.write_text("\n".join([head, *lines]) + "\n")
    return str(path)


def steady(seconds, ma, mv=3300, step=1, start=0):
    """A constant current; one code of the cells moves, as in any real recording."""
    times = range(0, seconds + 1, step)
    return [f"{start + t},{ma},250,{mv + (t // step & 1)},{mv}" for t in times]


def replay(tmp_path, lines, *options, head=HEAD):
    out = tmp_path / "out.csv"
    code = main(["soc-replay", recording(tmp_path, lines, head), "--out", str(out), *options])
    assert code == 0
    with open(out, newline="") as file:
        return list(csv.DictReader(file))


# req: SOC-01, SOC-04
def test_an_ampere_hour_is_counted(tmp_path):
    rows = replay(tmp_path, steady(100, 36_000), "--design-ah", "100", "--initial-soc", "50")
    assert list(rows[0]) == "time_s soc_pct sigma_pct capacity_ah bias_ma event".split()
    assert len(rows) == 101
    assert float(rows[0]["soc_pct"]) == 50.0  # nothing flowed before the first row
    assert float(rows[-1]["soc_pct"]) == pytest.approx(51.0, abs=0.002)  # 36 A x 100 s = 1 Ah
    assert float(rows[-1]["capacity_ah"]) == 100.0
    assert 4 < float(rows[-1]["sigma_pct"]) < 6


# req: SOC-01
@pytest.mark.parametrize("step", [2, 5, 10])
def test_long_steps_are_cut(tmp_path, step):
    lines = steady(1000, -18_000, step=step)
    rows = replay(tmp_path, lines, "--design-ah", "100", "--initial-soc", "50")
    assert float(rows[-1]["soc_pct"]) == pytest.approx(45.0, abs=0.02)


# req: SOC-01
def test_fractions_of_a_second_are_not_lost(tmp_path):
    lines = [f"{k / 3:.6f},36000.4,250.2,{3300.4 + k % 2},3300" for k in range(301)]
    rows = replay(tmp_path, lines, "--design-ah", "100", "--initial-soc", "50")
    assert float(rows[-1]["soc_pct"]) == pytest.approx(51.0, abs=0.005)
    assert rows[-1]["time_s"] == "100.000000"


# req: SOC-06
def test_standby_is_taken_off_only_when_named(tmp_path):
    idle = steady(3600, 0, step=10)
    options = ("--design-ah", "10", "--initial-soc", "50")
    assert float(replay(tmp_path, idle, *options)[-1]["soc_pct"]) == 50.0
    rows = replay(tmp_path, idle, *options, "--standby-ma", "100")
    assert float(rows[-1]["soc_pct"]) == pytest.approx(49.0, abs=0.02)  # 0.1 Ah of 10 Ah


# req: SOC-03
def test_a_full_pack_is_seen_and_told(tmp_path):
    lines = steady(600, 4_000, mv=3500)
    rows = replay(tmp_path, lines, "--initial-soc", "90")
    told = [row["event"] for row in rows if row["event"]]
    assert "full-sync" in told
    assert float(rows[-1]["soc_pct"]) == 100.0
    shown = [float(row["soc_pct"]) for row in rows]
    assert max(b - a for a, b in pairwise(shown)) <= 0.7  # no visible jump


# req: SOC-04
def test_without_a_charge_the_voltage_decides_once(tmp_path):
    rows = replay(tmp_path, steady(400, 0, mv=3000))
    told = ";".join(row["event"] for row in rows)
    assert "assumed" in told and told.count("cold-start") == 1
    assert float(rows[-1]["soc_pct"]) < 12


# req: MEA-09
def test_a_reversed_current_is_a_fault(tmp_path):
    lines = []
    for t in range(400):
        amps = 60_000 if t // 40 % 2 else -60_000
        mv = 3300 + (-15 if amps > 0 else 15) + t % 2  # the voltage moves the wrong way
        lines.append(f"{t},{amps},250,{mv},{mv}")
    rows = replay(tmp_path, lines, "--initial-soc", "50")
    assert any("fault:current_sensor" in row["event"] for row in rows)


# req: MEA-03
def test_a_recording_may_lack_temperatures(tmp_path):
    head = "time_s,current_ma,cell_1_mv"
    rows = replay(tmp_path, [f"{t},0,{3300 + t % 2}" for t in range(30)], head=head)
    assert not any("fault" in row["event"] for row in rows)
    rows = replay(tmp_path, [f"{t},0,,{3300 + t % 2},3300" for t in range(30)])
    assert len(rows) == 30


# req: SOC-01
def test_a_learned_state_goes_on_and_another_packs_is_refused(tmp_path, capsys):
    state = tmp_path / "pack.json"
    options = ("--design-ah", "100", "--initial-soc", "70", "--state-out", str(state))
    first = replay(tmp_path, steady(100, 36_000), *options)
    stored = json.loads(state.read_text())
    assert stored["cells"] == 2 and stored["design_ah"] == 100.0
    rows = replay(tmp_path, steady(10, 0), "--design-ah", "100", "--state-in", str(state))
    shown = float(first[-1]["soc_pct"])
    assert float(rows[-1]["soc_pct"]) == pytest.approx(shown, abs=0.02)
    out = tmp_path / "refused.csv"
    for change in (("--design-ah", "90"), ("--ocv", "li-ion"), ("--profile", "lto")):
        source = recording(tmp_path, steady(10, 0))
        arguments = [source, "--out", str(out), "--design-ah", "100", "--state-in", str(state)]
        assert main(["soc-replay", *arguments, *change]) == 2, change
        assert "belongs to another pack" in capsys.readouterr().err
        assert not out.exists()


BAD_LINES = {
    "line 3: not all values are numbers": ["0,0,250,3300,3300", "1,nan,250,3300,3300"],
    "line 2: not all values are numbers": ["0,,250,3300,3300"],
    "line 2: 4 values for 5 columns": ["0,0,250,3300"],
    "line 3: the time does not rise": ["1,0,250,3300,3300", "1,0,250,3300,3300"],
    "line 3: a gap of 20 s": ["0,0,250,3300,3300", "20,0,250,3300,3300"],
    "no rows behind": [],
}
BAD_HEADS = {
    "column current_ma is missing": "time_s,cell_1_mv",
    "column cell_1_mv is missing": "time_s,current_ma",
    "column cell_2_mv is missing": "time_s,current_ma,cell_1_mv,cell_3_mv",
    "column time_s stands there twice": "time_s,time_s,current_ma,cell_1_mv",
    "column volts is unknown": "time_s,current_ma,volts,cell_1_mv",
    "17 cells; at most 16": "time_s,current_ma," + ",".join(f"cell_{i}_mv" for i in range(1, 18)),
}


def refused(tmp_path, capsys, source, *options):
    """The one sentence of a refused run; nothing is left behind."""
    out = tmp_path / "out.csv"
    assert main(["soc-replay", source, "--out", str(out), *options]) == 2
    assert sorted(path.suffix for path in tmp_path.iterdir() if "out" in path.name) == []
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    return shown


# req: SOC-04
@pytest.mark.parametrize("sentence", BAD_LINES)
def test_a_bad_line_ends_the_run(tmp_path, capsys, sentence):
    assert sentence in refused(tmp_path, capsys, recording(tmp_path, BAD_LINES[sentence]))


# req: SOC-04
@pytest.mark.parametrize("sentence", BAD_HEADS)
def test_a_bad_header_ends_the_run(tmp_path, capsys, sentence):
    source = recording(tmp_path, ["0,0,3300"], head=BAD_HEADS[sentence])
    assert sentence in refused(tmp_path, capsys, source)


# req: SOC-04
def test_bad_options_and_files(tmp_path, capsys):
    good = recording(tmp_path, steady(10, 0))
    assert "--initial-soc 101" in refused(tmp_path, capsys, good, "--initial-soc", "101")
    assert "--design-ah 0" in refused(tmp_path, capsys, good, "--design-ah", "0")
    assert "No such file" in refused(tmp_path, capsys, str(tmp_path / "none.csv"))
    assert "No such file" in refused(tmp_path, capsys, good, "--ocv", str(tmp_path / "no.toml"))
    (tmp_path / "bad.json").write_text('{"version": 1, "record": "00"}')
    bad = str(tmp_path / "bad.json")
    assert "damaged" in refused(tmp_path, capsys, good, "--state-in", bad)
    (tmp_path / "bad.json").write_text("[]")
    assert "no learned state" in refused(tmp_path, capsys, good, "--state-in", bad)
    (tmp_path / "latin.csv").write_bytes(HEAD.encode() + b"\n0,\xff\xfe,1,1,1\n")
    assert "no text" in refused(tmp_path, capsys, str(tmp_path / "latin.csv"))


# req: SOC-04
@given(st.lists(st.text(alphabet='0123456789.,-e"\nnaif ', max_size=40), max_size=6))
@settings(max_examples=150, deadline=None)
def test_garbage_is_refused_not_raised(lines):
    source = replay_input.rows("garbage", iter([HEAD + "\n", *(line + "\n" for line in lines)]))
    try:
        for _ in source:
            pass
    except (replay_input.BadInput, csv.Error):
        return


# req: SOC-04, MEA-09
def test_wild_numbers_are_faults_of_the_measurement_not_of_the_program(tmp_path):
    lines = [
        f"{i},{10 ** (i % 30)},{(-1) ** i * 10**i},{3300 * 10 ** (i % 7)},{-(5**i)}"
        for i in range(40)
    ]
    rows = replay(tmp_path, lines)
    assert len(rows) == 40
    assert all(0 <= float(row["soc_pct"]) <= 100 for row in rows)
    assert any("fault:" in row["event"] for row in rows)


# req: SOC-01
def test_a_device_is_written_to_and_stays_one(tmp_path):
    source = recording(tmp_path, steady(3, 0))
    assert soc_replay.main([source, "--out", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


# req: SOC-01
def test_a_recording_too_short_for_an_estimate_still_gives_a_state(tmp_path):
    state = str(tmp_path / "state.json")
    replay(tmp_path, ["0,1,250,3300,3300"], "--state-out", state)
    assert len(replay(tmp_path, steady(30, 0), "--state-in", state)) == 31


# req: SOC-04
def test_the_options_stand_as_documented():
    options = soc_replay.parser().parse_args(["in.csv", "--out", "o.csv"])
    assert options.standby_ma == 0 and options.initial_soc is None
    assert options.profile == "dy-n8s24280a"
