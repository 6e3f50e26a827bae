"""What a scenario run sees, prints and writes."""

import csv
import io

import pytest

from host_sim import scenario
from host_sim.scenario_file import Scenario
from host_sim.scenario_show import Progress
from tests.runtimes import replay

GOOD = 'title = "A trip"\nreq = ["PRT-10"]\nduration = 12\n'
TRIP = '[[event]]\nat = 5\ndo = "inject"\nfault = "mos_hot"\ncelsius = 90\n'


@pytest.fixture
def write(tmp_path):
    """write(text) makes a scenario file."""

    def make(text, name="file"):
        path = tmp_path / f"{name}.toml"
        path.write_text(GOOD + text)
        return str(path)

    return make


def outcome(path):
    """[(holds, seen)] of a run."""
    return [(holds, seen) for holds, _, seen in scenario.run(Scenario(path)).checks]


# req: PRT-10
def test_expectations_that_do_not_hold_fail(write, capsys):
    path = write(
        TRIP + '[[expect]]\nwhat = "charge"\nis = true\nduring = [4, 12]\n'
        '[[expect]]\nwhat = "charge"\nis = false\nwithin = [4, 6.9]\n'
        '[[expect]]\nwhat = "mos_temp_c"\nmax = 89\nat = 11\n'
        '[[expect]]\nwhat = "mos_otp"\nis = true\nat = 8\n'
    )
    assert [holds for holds, _ in outcome(path)] == [False, False, False, True]
    assert scenario.main([path, "--quiet"]) == 1
    said = capsys.readouterr().out
    assert said.count("FAIL") == 3
    assert "charge is yes during 4 .. 12 s: no at 7." in said
    assert "1 of 4 expectations hold" in said


# req: HAL-01
def test_a_held_file_prints_what_happened(write, capsys):
    path = write(TRIP + '[[expect]]\nwhat = "mos_otp"\nis = true\nwithin = [7, 7.4]\n')
    assert scenario.main([path]) == 0
    said = capsys.readouterr().out
    assert said.startswith("A trip  (PRT-10)\n")
    assert "       5.00 s  > inject fault=mos_hot, celsius=90\n" in said
    assert "s  mos_otp = yes\n" in said
    assert "  ok    mos_otp is yes within 7 .. 7.4 s" in said


# req: PRF-06
def test_a_refusal_that_nobody_announced_fails(write):
    bad = '[[event]]\nat = 3\ndo = "set"\ncell_ovp_mv = 4200\n'
    assert [holds for holds, _ in outcome(write(bad))] == [False]
    assert [holds for holds, _ in outcome(write(bad + 'refused = "3800"\n'))] == [True]
    assert [holds for holds, _ in outcome(write(bad + 'refused = "too warm"\n'))] == [False]
    good = bad.replace("4200", "3650") + 'refused = "3800"\n'
    assert outcome(write(good)) == [(False, "was not refused")]


# req: PWR-01
def test_a_request_to_a_pack_that_is_off_fails(write):
    path = write('[pack]\nstart = false\n[[event]]\nat = 3\ndo = "restart"\n')
    assert outcome(path) == [(False, "the controller is off")]


# req: PRT-06
def test_a_mosfet_that_is_on_for_microseconds_is_seen(write):
    path = write(
        'note = "closes onto a short"\nsample_s = 1\n[pack]\nabsent = ["precharge"]\n'
        '[[event]]\nat = 0\ndo = "inject"\nfault = "short_circuit"\n'
        '[[expect]]\nwhat = "discharge"\nis = false\nduring = [0, 12]\n'
    )
    ((holds, seen),) = outcome(path)
    assert not holds
    assert seen.startswith("yes at 0.")


# req: PWR-01
def test_what_the_firmware_knows_is_unknown_while_it_is_off(write):
    path = write(
        '[pack]\nstart = false\n[[expect]]\nwhat = "mos_otp"\nis = false\nat = 5\n'
        '[[expect]]\nwhat = "soc"\nmin = 0\nat = 5\n'
        '[[expect]]\nwhat = "true_soc"\nmin = 59\nmax = 61\nat = 5\n'
        '[[expect]]\nwhat = "mode"\nis = "off"\nduring = [0, 12]\n'
    )
    assert outcome(path) == [
        (False, "unknown at 5 s"), (False, "no value"), (True, "60.000 .. 60.000"), (True, "off"),
    ]  # fmt: skip


# req: HAL-01
def test_two_runs_see_the_same(write):
    path = write(TRIP)
    first, second = (scenario.run(Scenario(path)).watch.history for _ in range(2))
    assert first == second


# req: HAL-01
def test_csv_has_one_row_a_second(write, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert scenario.main([write(TRIP), "--csv", str(out), "--quiet"]) == 0
    rows = list(csv.DictReader(out.open()))
    assert [float(row["time_s"]) for row in rows[:3]] == [0.1, 1.0, 2.0]
    assert len(rows) == 13
    assert rows[4]["charge"] == "1" and rows[4]["faults"] == "clock_not_set"
    assert rows[9]["charge"] == "0" and "mos_otp" in rows[9]["faults"].split()
    assert len(rows[4]["cells_mv"].split()) == 8
    with pytest.raises(SystemExit) as end:
        scenario.main([write(TRIP), write(TRIP, "two"), "--csv", str(out)])
    assert end.value.code == 2
    capsys.readouterr()


# req: HAL-01
@pytest.mark.parametrize("option", ["--csv", "--trace"])
def test_a_place_that_cannot_be_written_is_named(option, write, tmp_path, capsys):
    (tmp_path / "file").write_text("no directory")
    place = str(tmp_path / "file" / "out")
    assert scenario.main([write(TRIP), option, place, "--quiet"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(place) and "cannot be written (" in said


# req: HAL-01
def test_a_recorded_scenario_replays(write, tmp_path, capsys):
    assert scenario.main([write(TRIP), "--trace", str(tmp_path / "t"), "--quiet"]) == 0
    steps, same = replay.replay(str(tmp_path / "t" / "file"), replay.whole)
    assert steps > 400
    assert same == (tmp_path / "t" / "file.out").stat().st_size
    capsys.readouterr()


# req: HAL-01
@pytest.mark.parametrize(
    "text",
    ['[[event]]\nat = 1\ndo = "link"\n', "trace = false\n", "[pack]\nservices = false\n"],
)
def test_what_no_replay_can_know_is_not_recorded(text, write, tmp_path, capsys):
    assert scenario.main([write(text), "--trace", str(tmp_path / "t"), "--quiet"]) == 0
    assert not (tmp_path / "t").exists()
    assert "not recorded" in capsys.readouterr().out


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self):
        return True


# req: HAL-01
def test_progress_is_shown_on_a_terminal_only(write, monkeypatch):
    monkeypatch.setattr("host_sim.scenario_show.PROGRESS_S", 0.0)
    known = Scenario(write(TRIP))
    for stream, wanted in ((Terminal(), "\rfile: 50 %\r          \r"), (io.StringIO(), "")):
        progress = Progress(known, stream)
        progress.show(0.5)
        progress.clear()
        assert stream.getvalue() == wanted
