"""Malformed scenario files: one clear sentence, exit code 2, and nothing runs."""

import pytest

from host_sim import scenario

GOOD = 'title = "t"\nreq = []\nduration = 10\n'


def event(line, at="1"):
    """A file with one event."""
    return f"{GOOD}[[event]]\nat = {at}\n{line}\n"


def expect(lines):
    """A file with one expectation."""
    return f"{GOOD}[[expect]]\n{lines}\n"


BAD = {
    "not TOML": ("title = \n", "not a TOML file"),
    "binary": (b"\xff\xfe\x00", "not a TOML file"),
    "no title": ("req = []\nduration = 1\n", "title is missing"),
    "no req": ('title = "t"\nduration = 1\n', "req is missing"),
    "no duration": ('title = "t"\nreq = []\n', "duration is missing"),
    "negative duration": (GOOD.replace("10", "-5"), "duration = -5 must be a number above 0"),
    "endless": (GOOD.replace("10", "inf"), "duration = inf must be a number above 0"),
    "text as duration": (GOOD.replace("10", '"1 h"'), "duration = '1 h' must be a number"),
    "bool as duration": (GOOD.replace("10", "true"), "duration = True must be a number"),
    "unknown key": (GOOD + "durations = 3\n", "unknown key 'durations'; allowed: "),
    "seed": (GOOD + "seed = 1.5\n", "seed = 1.5 must be a whole number"),
    "title type": (GOOD.replace('"t"', "3"), "title = 3 must be a text"),
    "req type": (GOOD.replace("[]", '"PRT-01"'), "req = 'PRT-01' must be a list of texts"),
    "pack type": (GOOD + "pack = 3\n", "pack = 3 must be a table"),
    "pack key": (GOOD + "[pack]\nsco = 3\n", "[pack]: unknown key 'sco'; allowed: absent, "),
    "profile": (GOOD + '[pack]\nprofile = "nimh"\n', "profile = 'nimh' must be one of ess, "),
    "dip": (GOOD + "[pack]\ndip = 16\n", "dip = 16 must be an address 0..15"),
    "soc type": (GOOD + '[pack]\nsoc = "full"\n', "soc = 'full' must be a number"),
    "both soc": (GOOD + "[pack]\nsoc = 3\ncells_soc = [3]\n", "either soc or cells_soc"),
    "cells": (GOOD + "[pack]\ncells_soc = [3, 4]\n", "2 values for 8 cells"),
    "absent": (GOOD + '[pack]\nabsent = ["afe"]\n', "no optional part 'afe': kill_line, "),
    "sensors": (GOOD + "[sensors]\nnoise = 1\n", "[sensors]: unknown key 'noise'"),
    "parameter": (GOOD + "[parameters]\nmagic = 1\n", "[parameters]: unknown parameter magic"),
    "range": (GOOD + "[parameters]\ncell_ovp_mv = 9000\n", "allowed are 1200..4400"),
    "parameter type": (GOOD + '[parameters]\ncell_ovp_mv = "3"\n', "must be a whole number"),
    "order": (GOOD + "[parameters]\ncell_uvp_mv = 3100\n", "cell_uvp_mv = 3100 must be below"),
    "text parameter": (GOOD + '[parameters]\nmodel = "x"\n', "model is a text"),
    "read-only": (GOOD + "[parameters]\nprofile = 1\n", "profile cannot be set"),
    "event type": (GOOD + "event = 1\n", "event = 1 must be tables"),
    "action": (event('do = "dance"'), "event 1: unknown action 'dance'; allowed: acknowledge"),
    "no action": (event("amps = 1"), "event 1: unknown action None"),
    "negative time": (event('do = "unplug"', "-1"), "event 1: at = -1 must be a time"),
    "time type": (event('do = "unplug"', '"soon"'), "event 1: at = 'soon' must be a time"),
    "no time": (f'{GOOD}[[event]]\ndo = "unplug"\n', "event 1: at = None must be a time"),
    "late event": (event('do = "unplug"', "11"), "event 1: 11 s is behind the end at 10 s"),
    "argument": (event('do = "current"\namp = 1'), "event 1, current: unknown key 'amp'"),
    "no argument": (event('do = "current"'), "event 1, current: amps is missing"),
    "argument type": (event('do = "current"\namps = "1"'), "amps = '1' must be a number"),
    "nan": (event('do = "current"\namps = nan'), "amps = nan must be a number"),
    "fault": (event('do = "inject"\nfault = "gremlin"'), "unknown fault 'gremlin'; allowed: "),
    "clear": (event('do = "clear"\nfault = "gremlin"'), "unknown fault 'gremlin'; allowed: "),
    "fault key": (event('do = "inject"\nfault = "cold"\nkelvin = 3'), "unknown key 'kelvin'"),
    "fault type": (event('do = "inject"\nfault = "cold"\ncelsius = "x"'), "must be a number"),
    "fault value": (event('do = "inject"\nfault = "open_wire"\ncell = 9'), "cell 9: there are 8"),
    "sensor": (event('do = "inject"\nfault = "sensor_open"\nsensor = "t9"'), "sensor t9: t1, "),
    "port": (event('do = "send"\nport = "usb"\nhex = "00"'), "port = 'usb' must be one of "),
    "hex": (event('do = "send"\nport = "rs232"\nhex = "0g"'), "hex = '0g' must be bytes in hex"),
    "set": (event('do = "set"\nmagic = 1'), "event 1, set: unknown parameter magic"),
    "set nothing": (event('do = "set"'), "event 1, set: names no parameter"),
    "set type": (event('do = "set"\ncell_ovp_mv = 3.6'), "cell_ovp_mv = 3.6 must be a whole"),
    "source": (event('do = "restart"\nsource = "moon"'), "source = 'moon' must be one of console"),
    "preset": (event('do = "preset"\nname = "nimh"'), "name = 'nimh' must be one of ess, "),
    "cause": (event('do = "reset"\ncause = "luck"'), "cause = 'luck' must be one of pin, "),
    "no file": (event('do = "profile"\ncsv = "no.csv"'), "no.csv: cannot be read (No such file"),
    "bad file": (event('do = "profile"\ncsv = "file.toml"'), "needs the columns time_s and "),
    "expect type": (GOOD + "expect = 1\n", "expect = 1 must be tables"),
    "no signal": (expect("is = true\nat = 1"), "expectation 1: what is missing"),
    "signal": (expect('what = "chrage"\nis = true\nat = 1'), "unknown signal 'chrage'; allowed: "),
    "expect key": (expect('what = "alm"\nwas = 1'), "expectation 1: unknown key 'was'"),
    "no value": (expect('what = "alm"\nat = 1'), "expectation 1, alm: needs `is`"),
    "value": (expect('what = "alm"\nis = true\nat = 1'), "must be one of off, on, flicker"),
    "flag": (expect('what = "charge"\nis = "on"\nat = 1'), "is = 'on' must be true or false"),
    "fault flag": (expect('what = "cell_ovp"\nis = 1\nat = 1'), "is = 1 must be true or false"),
    "limits": (expect('what = "charge"\nmin = 1\nat = 1'), "min and max belong to numbers"),
    "no limits": (expect('what = "soc"\nat = 1'), "soc: a number needs min or max or both"),
    "number is": (expect('what = "soc"\nis = 1\nat = 1'), "soc: a number needs min or max"),
    "number within": (expect('what = "soc"\nmin = 1\nwithin = [1, 2]'), "and at or during"),
    "upside down": (expect('what = "soc"\nmin = 2\nmax = 1\nat = 1'), "min is above max"),
    "no span": (expect('what = "charge"\nis = true'), "exactly one of at, within, during"),
    "two spans": (expect('what = "charge"\nis = true\nat = 1\nduring = [1, 2]'), "exactly one of"),
    "short span": (expect('what = "charge"\nis = true\nduring = [1]'), "must be [begin, end]"),
    "backwards": (expect('what = "charge"\nis = true\nduring = [2, 1]'), "begin not behind end"),
    "negative": (expect('what = "charge"\nis = true\nduring = [-2, 1]'), "must be [begin, end]"),
    "late": (expect('what = "charge"\nis = true\nwithin = [1, 11]'), "11 s is behind the end"),
    "late at": (expect('what = "charge"\nis = true\nat = 10.5'), "10.5 s is behind the end"),
    "coarse": (
        "sample_s = 0.5\n" + expect('what = "alm"\nis = "flicker"\nat = 1'),
        "flicker needs sample_s of 0.1 or less",
    ),
}


# req: HAL-01
@pytest.mark.parametrize("case", sorted(BAD))
def test_a_malformed_file_gives_one_sentence_and_exit_code_2(case, tmp_path, capsys):
    text, wanted = BAD[case]
    path = tmp_path / "file.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert scenario.main([str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert str(path) in said.err
    assert wanted in said.err


# req: HAL-01
def test_a_missing_file_is_named(tmp_path, capsys):
    assert scenario.main([str(tmp_path / "none.toml")]) == 2
    assert "none.toml: cannot be read (No such file or directory)" in capsys.readouterr().err


# req: HAL-01
def test_all_files_are_checked_before_one_runs(tmp_path, capsys):
    (tmp_path / "good.toml").write_text(GOOD)
    (tmp_path / "bad.toml").write_text("x")
    assert scenario.main([str(tmp_path / "good.toml"), str(tmp_path / "bad.toml")]) == 2
    assert capsys.readouterr().out == ""


# req: HAL-01
@pytest.mark.parametrize(
    "text", ["time_s,amps\n1,2\n", "time_s,power_w\n1,x\n", "time_s,power_w\n"]
)
def test_a_profile_that_says_nothing_is_malformed(text, tmp_path, capsys):
    (tmp_path / "load.csv").write_text(text)
    (tmp_path / "file.toml").write_text(event('do = "profile"\ncsv = "load.csv"'))
    assert scenario.main([str(tmp_path / "file.toml")]) == 2
    assert "load.csv" in capsys.readouterr().err
