"""The command line: what is refused, in one sentence and with exit code 2, and what is listed."""

import subprocess
import sys
from pathlib import Path

import pytest

from host_sim import run
from host_sim.__main__ import COMMANDS, main
from host_sim.run_faults import FaultOrder

ROOT = Path(__file__).resolve().parents[2]


def refusal(capsys, *arguments):
    """The one line on stderr of a refused command."""
    try:
        code = main(["run", "--headless", *arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert code == 2 and said.out == ""
    assert said.err.endswith("\n") and said.err.count("\n") == 1
    return said.err


WRONG = [
    (["--profile", "nimh"], "unknown profile 'nimh'; there are ess, lifepo4, li-ion, lto, dy-n8s"),
    (["--dip", "16"], "16 is not a whole number in 0..15"),
    (["--dip", "-1"], "-1 is not a whole number in 0..15"),
    (["--dip", "x"], "x is not a whole number in 0..15"),
    (["--soc", "101"], "101 is not a number in 0..100"),
    (["--soc", "nan"], "nan is not a number in 0..100"),
    (["--current", "much"], "much is not a number in -2000..2000"),
    (["--speed", "0"], "0 is not a number above 0, at most 1000"),
    (["--speed", "-2"], "-2 is not a number above 0, at most 1000"),
    (["--duration", "0"], "0 is not a number above 0"),
    (
        ["--fault", "gremlins@1"],
        "unknown fault 'gremlins'; `python -m host_sim faults`",
    ),
    (["--fault", "cell_high"], "'cell_high' has no time; write NAME@SECONDS"),
    (["--fault", "cell_high@soon"], "'soon' is not a time in seconds"),
    (["--fault", "cell_high@nan"], "'nan' is not a time in seconds"),
    (["--fault", "cell_high@-1"], "-1 s lies before the start"),
    (["--fault", "cell_high:3@1"], "'3' is not KEY=VALUE"),
    (["--fault", "cell_high:cell=8@1"], "cell_high:cell=8@1: "),
    (["--fault", "open_wire:colour=1@1"], "open_wire:colour=1@1: "),
    (["--fault", "sensor_open:sensor=t9@1"], "sensor t9: t1, t2, t3, t4, mos"),
    (["--fault", "memory_flip:parameter=NOTHING@1"], "memory_flip:parameter=NOTHING@1: "),
    (["--ports", "/dev/null/ports"], "cannot put ports into /dev/null/ports: Not a directory"),
    (["--colour"], "unrecognized arguments: --colour"),
]


# req: COM-01
@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_wrong_options_are_refused_in_one_sentence(capsys, arguments, words):
    assert words in refusal(capsys, *arguments)


def test_a_file_in_the_way_of_a_port_is_refused_and_kept(capsys, tmp_path):
    (tmp_path / "rs232").write_text("mine")
    assert f"cannot put ports into {tmp_path}: File exists" in refusal(
        capsys, "--ports", str(tmp_path)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["rs232"]
    assert (tmp_path / "rs232").read_text() == "mine"


# req: PRF-04
def test_a_profile_that_the_board_does_not_support_is_refused(capsys, monkeypatch):
    def narrow_board(options):
        pack = built(options)
        pack.hal.capabilities.cells_lfp = (3, 8)
        pack.hal.capabilities.cells_lto = (0, 0)
        return pack

    built = run._pack
    monkeypatch.setattr(run, "_pack", narrow_board)
    assert "ess: cell_count = 16: allowed for LiFePO4 on this board are 3..8" in refusal(
        capsys, "--profile", "ess"
    )
    assert "lto: chemistry LTO: this board does not support it" in refusal(
        capsys, "--profile", "lto"
    )


def test_fault_orders():
    order = FaultOrder("open_wire:cell=3@12.5")
    assert (order.name, order.arguments, order.at_us) == ("open_wire", {"cell": 3}, 12_500_000)
    order = FaultOrder("line_noise:port=rs232,probability=0.5@0")
    assert order.arguments == {"port": "rs232", "probability": 0.5} and order.at_us == 0
    assert FaultOrder("current_saturated:charging=True@1").arguments == {"charging": True}


def test_the_list_of_faults(capsys):
    assert main(["faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    starts = [line.split()[0] for line in lines if line]
    for name in ("cell_high", "i2c_silence", "open_wire", "short_circuit"):
        assert starts.count(name) == 1
    assert any(line.startswith("mos_charge_stuck     the charge MOS conducts") for line in lines)


def test_commands(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    listing = capsys.readouterr().out
    for name in ("run", "scenario", "faults", "picture"):
        assert name in COMMANDS and f"\n  {name} " in listing
    with pytest.raises(SystemExit) as end:
        main(["dance"])
    assert end.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_starting_imports_nothing_slow():
    code = (
        "import sys; import host_sim.__main__, host_sim.run; "
        "print({'rich', 'pymodbus', 'serial', 'asyncio', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert done.stdout == "set()\n"
