"""Days behind the inverter on the bus: short ones with a full charge, and that the judge sees what
goes wrong. The whole days of all protocols are `make inverter-day`."""

import re
from xml.etree import ElementTree

import pytest

from firmware import parameter_ids as ids
from firmware.state import FLOAT
from host_sim import protocols
from host_sim.plant.household import Household
from tools import inverter_day
from tools.day_bench import page
from tools.day_bench.cases import cases
from tools.day_bench.rig import Rig
from tools.day_bench.turns import Turns

CASES = {case.name: case for case in cases()}
QUICK = {ids.RCV_TIME_DH: 1}  # absorption for six minutes


INVERTERS = ("pace", "pylontech", "growatt", "voltronic", "wow")  # on RS485
CLOUDS = Household(seed=4)


def sun(seconds):
    """Surplus with broken clouds, W."""
    return 5500 + CLOUDS.net_w(50_000 + seconds) % 900


@pytest.fixture(scope="module")
def short_day():
    return Rig(CASES["pylontech"], soc=95.0, settings=QUICK, net_w=sun).run(0.5)


# req: CHG-01, CHG-02, PRT-25
def test_the_last_hour_of_a_charge_is_full_and_calm(short_day):
    assert short_day.wrong() == []
    assert short_day.full_hour < 0.35
    assert short_day.points[-1].stage == FLOAT
    assert short_day.points[-1].cvl_v == pytest.approx(16 * 3.4)
    assert short_day.highest_v < 3.55
    assert short_day.above_ccl_a < 1.0 and short_day.above_cvl_v < 0.2
    assert (short_day.cvl_turns, short_day.ccl_turns, short_day.dcl_turns) == (0, 0, 0)


# req: CHG-01, CHG-02
def test_a_sunny_island_is_charged_to_full_within_its_ranges():
    day = Rig(CASES["sma"], soc=97.0, settings=QUICK, net_w=sun).run(0.25)
    assert day.wrong() == [] and day.rejected == []
    assert day.points[-1].shown == 100.0
    assert (day.cvl_turns, day.dcl_turns) == (0, 0)
    assert day.ccl_turns <= 1  # it comes up after the start, then it tapers


# req: CHG-01
def test_a_nearly_empty_pack_asks_the_grid_for_charge():
    rig = Rig(CASES["growatt"], soc=4.0, net_w=lambda _: -500.0)
    day = rig.run(0.05)
    assert rig.inverter.frames.asked.force
    assert day.points[-1].amps == pytest.approx(20.0, abs=0.2)
    assert day.wrong() == ["never full"]


# req: PRT-25
def test_an_inverter_is_stopped_while_a_trip_delay_still_runs():
    rig = Rig(CASES["deye"], soc=50.0, net_w=lambda _: 3000.0)
    rig.run(0.02)
    assert rig.pack.plant.current_a > 40
    rig.pack.inject("cell_high", cell=2, mv=3650)
    rig.world.run_while(lambda: rig.inverter.frames.asked.may("charge"), 3)
    assert rig.pack.hal.gates == (True, True)
    assert rig.inverter.frames.asked.ccl_a == 0.0


# req: PRT-25
def test_the_judge_sees_a_protection_and_its_alarm():
    rig = Rig(CASES["pylontech"], soc=50.0, net_w=lambda _: 2000.0)
    rig.run(0.02)
    rig.pack.inject("cell_high", cell=2, mv=3650)
    wrong = rig.run(0.01).wrong()
    assert "fault cell_ovp" in wrong and "alarm A_OV on the bus" in wrong
    assert "a MOSFET opened 1 times" in wrong


# req: COM-10
def test_the_judge_sees_a_broken_cable():
    rig = Rig(CASES["victron"], soc=50.0, net_w=lambda _: 2000.0)
    rig.run(0.02)
    rig.pack.hal.buses["can"].nodes.remove(rig.inverter.frames)
    day = rig.run(0.02)
    assert "inverter stopped 1 times" in day.wrong()
    assert rig.pack.plant.current_a == 0.0


def test_turns_count_reversals_beyond_a_step():
    turns = Turns(1.0)
    for value in (0, 5, 4.5, 6, 4, 4.9, 3, 4, 4, 9):
        turns.add(value)
    assert turns.count == 2  # 6 -> 3, 3 -> 9


# req: COM-04
def test_every_protocol_of_the_list_has_its_day():
    numbers = {row["id"] for row in protocols.implemented("can")}
    assert {case.number for case in CASES.values()} == numbers
    assert len(CASES) == len(cases())
    assert inverter_day.chosen(None)[0].name == "pylontech"
    assert [case.name for case in inverter_day.chosen("sma,deye")] == ["deye", "sma"]
    with pytest.raises(ValueError, match="no protocol 'nix'"):
        inverter_day.chosen("sma,nix")


def test_the_picture_is_drawn_and_names_the_reasons(short_day):
    root = ElementTree.fromstring(page.picture(short_day))
    texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"state of charge, %", "CVL", "nearly full", "setting"} <= set(texts)


def test_the_page_takes_a_table(short_day):
    text = page.renewed("a\n<!-- measured: begin -->old<!-- measured: end -->\nb", [short_day])
    assert "old" not in text and text.startswith("a\n") and text.endswith("\nb")
    assert "| pylontech | 00:" in text and "| nothing |" in text
    missing = re.search("Not run for a whole day: (.*)\\.", text).group(1).split(", ")
    assert set(missing) == set(CASES) - {"pylontech"}


# req: COM-11
def test_the_inverter_guide_agrees_with_the_table_of_protocols():
    """Each protocol of an inverter has its row: rate, number, name and what it rests on."""
    found = {}
    text = page.PAGE.read_text(encoding="utf-8")
    for line in re.findall(r"^\| .* \| (?:CAN|RS485-1) \d.*$", text, re.MULTILINE):
        _, _, port, numbers, keys, _, state, _ = (cell.strip() for cell in line.split("|"))
        bus = "can" if port.startswith("CAN") else "serial"
        rates = re.findall(r"\b\d+", port.removeprefix("RS485-1").replace("k", "000"))
        numbers, keys = re.findall(r"\d+", numbers), re.findall(r"`([a-z0-9-]+)`", keys)
        for number, key, rate in zip(numbers, keys, rates * len(numbers), strict=False):
            found[bus, int(number)] = (key, int(rate), state)
    expected = {
        (bus, row["id"]): (row["key"], row["baud"], row["state"])
        for bus in protocols.BUSES
        for row in protocols.implemented(bus)
        if bus == "can" or row["key"].split("-")[0] in INVERTERS
    }
    assert found == expected
