"""World, processor and pack with a tiny controller: time, CPU cost, wake-ups, resets."""

import pytest

from hal import contract as c
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.controller import TinyController


def pack(**options):
    world = World()
    options.setdefault("build", TinyController)
    return world, SimPack(world, **options)


# req: HAL-01
def test_events_in_order_of_time_then_of_entry():
    world, seen = World(), []
    world.at(20, seen.append, "b")
    world.at(10, seen.append, "a")
    world.at(20, seen.append, "c")
    world.at(5, lambda: world.after(5, seen.append, "late a"))
    world.run_until(20)
    assert seen == ["a", "late a", "b", "c"] and world.now_us == 20
    world.run_for(1.5)
    assert world.now_us == 1_500_020


# req: HAL-01
def test_run_while_stops_at_the_event():
    world, seen = World(), []
    for us in (100, 200, 300):
        world.at(us, seen.append, us)
    assert world.run_while(lambda: len(seen) < 2, 1) is True
    assert world.now_us == 200
    assert world.run_while(lambda: len(seen) < 9, 1) is False
    assert world.now_us == 1_000_200


# req: HAL-01
def test_same_seed_same_run():
    def run(seed):
        world = World(seed)
        pack = SimPack(world, seed=seed, current_a=-30.0, build=TinyController)
        world.run_for(5)
        sample = pack.controller.sample
        return list(sample.cell_mv), sample.current_ma, sample.scan, world.events

    assert run(1) == run(1)
    assert run(1) != run(2)


# req: PRT-15
def test_control_runs_on_its_grid_across_the_tick_wrap():
    world, sim = pack()
    world.run_for(65)
    assert sim.controller.cycles == 651
    assert sim.controller.steps[0] == 2**30 - 60_000
    assert 0 < sim.controller.steps[-1] < 5_100


# req: PRT-15
def test_cpu_time_is_charged():
    world, sim = pack()
    world.run_for(10)
    assert sim.processor.busy_us == 101 * 15_000


# req: COM-02
def test_request_waits_for_the_cycle_and_is_answered_after_its_slice():
    world, sim = pack()
    host = sim.host("rs485_1", 9600)
    world.run_until(1_000_500)  # within the cycle that began at 1.000 s
    taken_us = []
    host.on_bytes = lambda byte: taken_us.append(world.now_us)
    host.send(b"12345")  # ends at 1.005708 s, line idle 2 characters later, at 1.0078 s
    world.run_for(0.05)
    assert len(taken_us) == 5
    # CPU free at 1.015 s, service 3 ms, then one character
    assert taken_us[0] == pytest.approx(1_015_000 + 3_000 + 1_042, abs=1_001)
    assert sim.controller.woken == 2


# req: COM-02
def test_32_waiting_bytes_wake_before_the_line_is_idle():
    world, sim = pack()
    host = sim.host("rs485_1", 9600)
    world.run_until(1_020_000)
    host.send(bytes(60))
    world.run_for(0.030)
    assert sim.controller.woken == 0
    world.run_for(0.005)  # the 32nd byte ends after 33.3 ms
    assert sim.controller.woken == 2


# req: PRT-15
def test_hang_ends_in_a_watchdog_reset_with_mosfets_off():
    world, sim = pack()
    world.run_for(1)
    first = sim.controller
    sim.inject("cpu_stall")
    world.run_for(1.95)
    assert sim.controller is first and sim.hal.gates == (True, True)
    world.run_for(0.15)
    assert sim.hal.gates == (False, False) and sim.controller is None
    assert sim.resets[-1][1] == c.RESET_WATCHDOG == sim.hal.reset_cause
    assert sim.resets[-1][0] == pytest.approx(3_000_000, abs=101_000)
    world.run_for(1)
    assert sim.controller is not first and sim.controller.cycles > 5


# req: PRT-15, PNL-06, PRT-21
def test_reset_switches_every_output_off_and_keeps_memory():
    world, sim = pack()
    world.run_for(1)
    hal = sim.hal
    hal.panel.set_leds(c.LED_ALL)
    hal.panel.set_contacts(3)
    hal.buzzer.set(True)
    hal.heater.set(True)
    hal.nvm.write(1, b"kept", 4)
    hal.clock.set_rtc(1000)
    sim.press_reset()
    world.run_for(0.1)
    assert (hal.panel.leds, hal.panel.contacts) == (0, 0)
    assert not hal.buzzer.is_on() and not hal.heater.is_on() and hal.kill_line.is_on()
    assert hal.afe.mosfets() == 0 and sim.controller is None
    buffer = bytearray(8)
    assert hal.nvm.read(1, buffer) == 4 and hal.clock.rtc_s() == 1000
    assert hal.reset_cause == c.RESET_PIN


# req: PNL-08
def test_key_held_over_reset_is_seen_by_the_new_program():
    world, sim = pack()
    world.run_for(1)
    sim.press_reset(with_key=True)
    world.run_for(0.3)
    assert sim.controller.cycles > 0 and sim.hal.panel.keys() == c.KEY_ACTIVATE
    world.run_for(2)
    assert sim.hal.panel.keys() == 0


# req: PWR-01
def test_off_and_on_by_key():
    world, sim = pack()
    world.run_for(1)
    sim.hal.power_latch.off()
    world.run_for(1)
    assert sim.controller is None and not sim.powered and sim.hal.gates == (False, False)
    sim.press(0.2)
    world.run_for(1)
    assert sim.controller is not None and sim.hal.reset_cause == c.RESET_POWER_ON


# req: PWR-02
def test_only_a_charger_5_v_above_switches_on():
    world, sim = pack()
    world.run_for(1)
    sim.power_off()
    sim.connect_charger(10, 30.0)  # 26.5 V + 3.5 V
    world.run_for(1)
    assert sim.controller is None
    sim.connect_charger(10, 33.0)
    world.run_for(1)
    assert sim.controller is not None


# req: PRT-15
def test_settings_survive_a_reset_but_damaged_memory_does_not():
    world, sim = pack()
    world.run_for(0.5)
    from firmware import parameter_ids as ids

    sim.parameters.apply({ids.REQUESTED_CHARGE_MA: 44_000})
    sim.reset()
    world.run_for(0.5)
    assert sim.parameters.values[ids.REQUESTED_CHARGE_MA] == 44_000
    sim.inject("memory_flip", parameter="CELL_OVP_MV", bit=5)
    assert sim.parameters.values[ids.CELL_OVP_MV] == 3600 ^ 32
    sim.reset()
    world.run_for(0.5)
    assert sim.parameters.values[ids.CELL_OVP_MV] == 3600


# req: SOC-01
def test_soc_follows_current_profile(tmp_path):
    world, sim = pack(soc=50.0)
    file = tmp_path / "p.csv"
    file.write_text("time_s,current_a\n0,-28\n1800,0\n3600,28\n", encoding="utf-8")
    sim.set_profile(file)
    world.run_for(3600)
    # 14 Ah and an hour of standby (20 mA) of 280 Ah
    assert sim.true_soc == pytest.approx(45.0 - 0.007, abs=0.01)
    sim.set_current(0)
    world.run_for(100)
    assert sim.plant.current_a == 0.0


# req: HAL-01
def test_packs_share_a_line():
    world = World()
    one = SimPack(world, dip=1, build=TinyController)
    two = SimPack(world, dip=2, build=TinyController, buses={"rs485_2": one.hal.buses["rs485_2"]})
    one.hal.rs485_2.write(b"ping", 4)
    world.run_for(0.1)
    buffer = bytearray(8)
    assert two.hal.rs485_2.read_into(buffer) == 4 and bytes(buffer[:4]) == b"ping"
    assert one.hal.rs485_2.read_into(buffer) == 0


# req: PRF-04
def test_sixteen_cells_and_other_profiles():
    _, sim = pack(cell_count=16, capacity_ah=100, soc=[50] * 15 + [60])
    assert sim.plant.cells.count == 16
    assert sim.plant.cells.soc[15] == 0.6 and sim.plant.cells.capacity_ah[0] == 100
    _, lto = pack(profile="lto", cell_count=14)
    assert 2.1 < lto.plant.cell_voltages()[0] < 2.5
