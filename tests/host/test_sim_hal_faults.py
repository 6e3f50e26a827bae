"""Injected faults do what their names say."""

import pytest

from hal import contract as c
from hal import parts as hp
from host_sim import injection
from tests.host.packs import limits, pack


# req: MEA-06
def test_frozen_data():
    world, sim = pack(current_a=-20.0)
    sim.inject("frozen_adc")
    world.run_for(0.2)
    scan, cells_mv = sim.hal.afe.scan, list(sim.hal.afe.cells_mv)
    sim.set_current(-120.0)
    world.run_for(1)
    assert sim.hal.afe.scan != scan and list(sim.hal.afe.cells_mv) == cells_mv
    assert sim.hal.afe.current_ma == pytest.approx(-120_000, abs=100)  # a converter of its own
    sim.clear("frozen_adc")
    sim.inject("frozen_scan")
    scan = sim.hal.afe.scan
    world.run_for(1)
    assert sim.hal.afe.scan == scan
    sim.clear("frozen_scan")
    world.run_for(1)
    assert sim.hal.afe.cells_mv != cells_mv


# req: MEA-06
def test_bus_faults():
    world, sim = pack()
    sim.inject("i2c_nack", n=2)
    world.run_for(0.5)
    assert sim.controller.results[-5:].count(c.BUS_ERROR) == 2
    sim.inject("i2c_silence")
    world.run_for(0.5)
    assert sim.controller.results[-1] == c.BUS_ERROR
    sim.clear("i2c_silence")
    world.run_for(0.2)
    assert sim.controller.results[-1] == c.OK


# req: MEA-06
def test_open_wire_shows_in_two_cells():
    world, sim = pack()
    sim.inject("open_wire", cell=2)
    world.run_for(0.2)
    cells = sim.controller.sample.cell_mv
    assert cells[2] == 0 and 6500 < cells[3] < 6700
    assert 3200 < cells[1] < 3400 and 3200 < cells[4] < 3400
    assert abs(sim.controller.sample.pack_mv - sum(cells)) < 50


# req: MEA-06, PRT-01
@pytest.mark.parametrize(("tap", "apart"), [(True, False), (False, True)])
def test_low_cell_shows_at_the_pack_tap_unless_only_its_reading_is_wrong(tap, apart):
    world, sim = pack()
    sim.inject("cell_low", cell=5, mv=2400, tap=tap)
    world.run_for(0.3)
    sample = sim.controller.sample
    assert sample.cell_mv[5] == 2400
    assert (abs(sample.pack_mv - sum(sample.cell_mv)) > 400) == apart
    with pytest.raises(ValueError, match="there are 8"):
        sim.inject("cell_low", cell=8)


# req: MEA-03
@pytest.mark.parametrize(
    ("fault", "args", "expected"),
    [
        ("sensor_open", {"sensor": "t2"}, {1: -32768}),
        ("sensor_short", {"sensor": "mos"}, {4: 32767}),
        ("over_temperature", {"celsius": 62}, {0: 620, 1: 620, 2: 620, 3: 620}),
        ("cold", {}, {0: -100, 1: -100, 2: -100, 3: -100}),
        ("mos_hot", {"celsius": 80}, {4: 800}),
    ],
)
def test_temperature_faults(fault, args, expected):
    world, sim = pack()
    sim.inject(fault, **args)
    world.run_for(0.3)
    for sensor in range(5):
        found = sim.controller.sample.temp_dc[sensor]
        assert found == expected.get(sensor, found)
        assert sensor in expected or 240 < found < 260
    sim.clear(fault)
    world.run_for(0.3)
    assert all(240 < t < 260 for t in sim.controller.sample.temp_dc)


# req: MEA-09
@pytest.mark.parametrize(
    ("fault", "args", "reads_ma"),
    [
        ("current_saturated", {}, -750_000),
        ("current_saturated", {"charging": True}, 750_000),
        ("current_stuck", {}, -20_000),
        ("current_stuck", {"ma": 0}, 0),
        ("current_reversed", {}, 50_000),
        ("current_offset", {"ma": 3000}, -47_000),
    ],
)
def test_current_sensor_faults(fault, args, reads_ma):
    world, sim = pack(current_a=-20.0)
    sim.inject(fault, **args)
    sim.set_current(-50.0)
    world.run_for(0.3)
    assert sim.controller.sample.current_ma == pytest.approx(reads_ma, abs=100)
    assert sim.plant.current_a == -50.0


# req: PRT-16
@pytest.mark.parametrize(
    ("fault", "gates", "amps", "flows"),
    [
        ("mos_charge_stuck", (False, True), 10.0, 10.0),
        ("mos_discharge_stuck", (True, False), -10.0, -10.0),
        ("mos_charge_fails", (True, True), 10.0, 0.0),
        ("mos_discharge_fails", (True, True), -10.0, 0.0),
    ],
)
def test_mosfet_faults(fault, gates, amps, flows):
    world, sim = pack()
    sim.inject(fault)
    sim.hal.afe.set_mosfets(*gates)
    sim.set_current(amps)
    world.run_for(0.2)
    assert sim.plant.current_a == flows
    assert sim.hal.afe.mosfets() == gates[0] + 2 * gates[1]  # the drivers know nothing of it
    sim.clear(fault)
    assert sim.plant.current_a == (amps if flows == 0 else 0.0)


# req: PRT-15
def test_brown_out_warns_then_resets():
    world, sim = pack(limits(cell_ov_mv=3650))
    assert sim.hal.brown_out() is False
    sim.inject("brown_out", warning_us=5000, afe=True)
    assert sim.hal.brown_out() is True and sim.controller is not None
    world.run_for(0.006)
    assert sim.controller is None and sim.hal.gates == (False, False)
    assert sim.hal.reset_cause == c.RESET_BROWN_OUT
    assert sim.hal.afe.latches() == c.LATCH_RESET


# req: PRT-15
def test_memory_faults():
    _, sim = pack()
    nvm, buffer = sim.hal.nvm, bytearray(64)
    nvm.write(0, b"old", 3)
    sim.inject("nvm_fail")
    assert nvm.write(0, b"new", 3) is False
    assert nvm.read(0, buffer) == 3 and bytes(buffer[:3]) == b"old"
    sim.clear("nvm_fail")
    sim.inject("nvm_tear", n=2)
    assert nvm.write(0, b"other", 5) is False
    assert nvm.read(0, buffer) == 2 and bytes(buffer[:2]) == b"ot"
    assert nvm.write(0, b"fine", 4) is True
    sim.inject("nvm_unreadable")
    assert nvm.read(0, buffer) == 0


# req: PRT-22
def test_config_flip_shows_in_the_read_back():
    _, sim = pack(limits(cell_ov_mv=3650))
    sim.inject("afe_config_flip", field="cell_ov_mv", value=4500)
    found = c.HardwareLimits()
    sim.hal.afe.read_back(found)
    assert found.cell_ov_mv == 4500
    with pytest.raises(ValueError, match="cell_uv_mv"):
        sim.inject("afe_config_flip", field="nonsense")


# req: PRT-24
def test_thermal_runaway_heats_by_more_than_10_k_a_minute():
    world, sim = pack()
    sim.inject("thermal_runaway")
    world.run_for(60)
    assert sim.plant.cells.temp_c[0] > 45.0  # 20 kW x 60 s in 8 x 5.3 kJ/K: 28 K


# req: PWR-04
def test_stuck_heater_draws_current_while_off():
    _, sim = pack()
    assert sim.hal.heater.current_ma() == 0
    sim.inject("heater_stuck")
    sim.hal.heater.set(False)
    assert sim.hal.heater.current_ma() > 3000 and sim.hal.heater.is_on()


# req: PNL-05, HAL-01
def test_panel_and_port_faults():
    _, sim = pack(dip=11)
    assert sim.hal.panel.dip() == 11
    sim.inject("dip_float")
    assert sim.hal.panel.dip() == -1
    sim.clear("dip_float")
    assert sim.hal.panel.dip() == 11
    sim.inject("can_bus_off")
    sim.hal.can.restart()
    assert sim.hal.can.state() == hp.Can.BUS_OFF
    sim.clear("can_bus_off")
    sim.hal.can.restart()
    assert sim.hal.can.state() == hp.Can.ACTIVE


# req: PRT-15
def test_unknown_faults_and_arguments_are_refused_with_a_list():
    _, sim = pack()
    with pytest.raises(ValueError, match="open_wire"):
        sim.inject("open_wires")
    with pytest.raises(ValueError, match="cell_high"):
        sim.inject("cell_high", cel=1)
    with pytest.raises(ValueError, match="t1"):
        sim.inject("sensor_open", sensor="t9")
    sim.clear("open_wire")  # stands not: no effect
    with pytest.raises(ValueError, match="open_wire"):
        sim.clear("nonsense")


# req: PRT-15
@pytest.mark.parametrize("name", [n for n in injection.FAULTS if n != "service_raise"])
def test_every_fault_can_come_and_go(name):
    world, sim = pack(current_a=-5.0)
    sim.inject(name)
    if name != "control_raise":  # the tiny controller does not catch
        world.run_for(0.5)
    sim.clear(name)
    world.run_for(0.5)
    assert sim.injected == {}
    assert injection.FAULTS[name][0]


# req: HAL-01
@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("cpu_late", {"ms": "x"}, "cpu_late: ms=x: allowed are 0..60000"),
        ("current_stuck", {"ma": 5e12}, "ma="),
        ("memory_flip", {"bit": 99}, "bit=99: allowed are 0..31"),
        ("short_circuit", {"ohm": 0}, "ohm=0: allowed are 0.0001..1000000"),
        ("cell_high", {"mv": 70000}, "mv=70000: allowed are 0..6000"),
        ("over_temperature", {"celsius": float("nan")}, "celsius=nan"),
        ("line_noise", {"probability": 7}, "probability=7: allowed are 0..1"),
    ],
)
def test_an_argument_out_of_range_is_refused(name, args, text):
    _, sim = pack()
    with pytest.raises(ValueError) as refusal:
        sim.inject(name, **args)
    assert text in str(refusal.value)
    assert name not in sim.injected
