"""The cycle, the services, the clock wrap, the record (PRT-15, PRT-14)."""

from firmware import events
from hal import contract as c
from tests.fakes.bench import Bench

BOTH_OFF, BOTH = (False, False), (True, True)


def boom(*_):
    raise ValueError("injected")


# req: PRT-15
def test_cycles_keep_their_grid_over_the_wrap():
    b = Bench()
    b.hal.clock.now = c.TICKS_PERIOD - 1_000
    b.boot()
    b.run(10)
    system = b.state.system
    assert system.cycles in (100, 101)
    assert b.hal.clock.now < 10_000  # the clock has wrapped
    assert system.uptime_s in (9, 10)
    assert system.late_count == 0
    assert b.mosfets() == BOTH


# req: PRT-15
def test_a_late_cycle_is_measured_and_a_fault():
    b = Bench()
    b.hal.clock.advance(150)
    b.controller.step(b.hal.clock.now)
    assert b.stands("cycle_late")
    assert b.state.system.late_count == 1 and b.state.system.late_max_ms >= 50
    b.run(1)
    assert not b.stands("cycle_late")
    b.hal.clock.advance(99)
    b.run(0.3)
    assert b.state.system.late_count == 1


# req: PRT-15
def test_protection_comes_before_services_that_are_always_due():
    b = Bench()
    for s in b.controller.services:
        if s.part is not None:
            s.part.step = lambda dt_ms: 0
    cycles = b.state.system.cycles
    for _ in range(1_000):  # each slice costs 3 ms, however much the services want
        b.controller.step(b.hal.clock.now)
        b.hal.clock.advance(3)
    assert b.state.system.cycles - cycles >= 29
    assert b.state.system.late_max_ms <= 3


# req: PRT-15, COM-01
def test_a_woken_service_goes_first_and_takes_each_second_slice_at_most():
    b = Bench()
    order = []

    def watched(name, wait_ms):
        def step(dt_ms):
            order.append(name)
            return wait_ms

        return step

    there = [s for s in b.controller.services if s.part is not None]
    woken = [s for s in there if s.name == "rs485_2"]
    for s in there:
        s.part.step = watched(s.name, 1_000 if s in woken else 0)
    b.controller.step(b.hal.clock.now)
    order.clear()
    for _ in range(4 * len(there)):
        b.controller.wake(1 << b.controller.services.index(woken[0]))
        b.controller.step(b.hal.clock.now)
    assert "rs485_2" in order[:2]
    assert order.count("rs485_2") >= 2 * len(there)
    for s in there:
        assert order.count(s.name) >= 2, s.name  # nobody starves


# req: PRT-15
def test_a_service_that_raises_is_disabled_and_nothing_else():
    b = Bench()
    for i in range(len(b.controller.services)):
        b = Bench()
        s = b.controller.services[i]
        if s.part is None:
            continue
        s.part.step = boom
        b.run(1)
        assert s.disabled and b.stands("service_exception")
        assert b.state.system.service_faults == 1 << i
        assert b.mosfets() == BOTH
        for other in b.controller.services:
            assert other.disabled == (other is s or other.part is None)
        b.cells(3700, 1)
        b.run(1.5)
        assert b.stands("cell_ovp")


# req: PRT-15
def test_a_service_that_answers_nonsense():
    for answer in (None, "soon", -5, 1 << 29):
        b = Bench()
        s = b.controller.services[2]
        s.part.step = lambda dt_ms, answer=answer: answer
        cycles = b.state.system.cycles
        for _ in range(400):
            b.controller.step(b.hal.clock.now)
            b.hal.clock.advance(3)
        assert b.mosfets() == BOTH and b.state.system.cycles - cycles >= 11
        assert s.disabled or 0 <= s.wait_ms <= 60_000


# req: PRT-15
def test_a_panel_that_raises_everywhere():
    b = Bench()
    for name in ("set_leds", "set_contacts", "keys", "dip"):
        setattr(b.hal.panel, name, boom)
    b.run(2)
    assert b.controller.services[0].disabled
    assert b.mosfets() == BOTH
    b.controller.shutdown()
    assert b.mosfets() == BOTH_OFF


# req: PRT-15
def test_storage_that_fails_or_raises_stops_nothing():
    for raises in (False, True):
        b = Bench()
        if raises:
            b.hal.nvm.write = boom
        else:
            b.hal.nvm.fails = True
        b.run(15)
        assert b.stands("storage")
        b.cells(3700, 1)
        b.run(1.5)
        assert b.mosfets() == (False, True)


# req: PRT-15
def test_storage_that_raises_when_read_is_a_warning():
    b = Bench()
    b.hal.nvm.read = boom
    b.boot()
    assert b.stands("storage")
    b.run(3)
    assert b.mosfets() == BOTH


# req: PRT-15
def test_a_clock_that_raises_is_a_clock_that_is_not_set():
    b = Bench()
    b.hal.clock.rtc_s = boom
    b.run(1.5)
    assert b.stands("clock_not_set") and b.state.system.rtc_s is None
    assert b.mosfets() == BOTH


# req: PRT-15
def test_the_watchdog_is_two_seconds_and_fed_once_a_cycle():
    b = Bench()
    assert b.hal.watchdog.started == 2_000
    feeds, cycles = b.hal.watchdog.feeds, b.state.system.cycles
    b.run(3)
    assert b.hal.watchdog.feeds - feeds == b.state.system.cycles - cycles == 30


# req: PRT-15
def test_a_reset_is_logged_with_its_cause():
    for cause in (c.RESET_WATCHDOG, c.RESET_SOFT, None):
        b = Bench(start=False)
        b.hal.reset_cause = cause
        b.boot()
        out, found = [0, 0, 0, 0], []
        while b.controller.events.take(out):
            found.append(tuple(out[1:3]))
        assert (events.RESET, -1 if cause is None else cause) in found


# req: PRT-15
def test_counters_survive_a_reset():
    b = Bench()
    starts = b.state.system.starts
    b.hal.afe.current_ma = -36_000
    b.hal.afe.cell_mv[0] += 1
    b.run(100)
    b.hal.afe.current_ma = 0
    remaining, run_time = b.state.gauge.remaining_mah, b.state.system.run_time_s
    b.controller.control.power.off()  # saves
    b.run(0.3)
    b.boot()
    b.run(0.3)
    assert b.state.system.starts == starts + 1
    assert abs(b.state.gauge.remaining_mah - remaining) <= 1
    assert remaining < 139_100
    out_mah = b.state.gauge.cycle_ah * 1000 + b.state.gauge.cycle_mah
    assert 998 <= out_mah <= 1_002
    assert abs(b.state.system.run_time_s - run_time) <= 1


# req: PRT-15
def test_the_two_slots_are_written_in_turn():
    b = Bench()
    b.run(12)
    first = dict(b.hal.nvm.slots)
    assert len(first) == 1
    b.cells(3700, 1)
    b.run(3)
    assert len(b.hal.nvm.slots) == 2
    for slot, data in first.items():
        assert b.hal.nvm.slots[slot] == data


# req: PRT-06, PRT-15
def test_a_falling_supply_saves_at_once():
    b = Bench()
    b.run(15)
    writes = b.hal.nvm.writes
    b.hal.falling = True
    b.run(0.3)
    assert b.hal.nvm.writes == writes + 1


# req: PRT-15
def test_flash_wear_is_bounded_while_a_reason_chatters():
    b = Bench()
    b.run(12)
    writes = b.hal.nvm.writes
    for n in range(100):
        b.faults.put(38, n % 2 == 0)  # comes and goes with every cycle
        b.run(0.1)
    assert b.hal.nvm.writes - writes <= 11
    b.run(60)
    writes = b.hal.nvm.writes
    b.run(60)
    assert b.hal.nvm.writes - writes <= 1


# req: PRT-15
def test_boards_without_optional_parts():
    b = Bench(start=False)
    for part in (
        "kill_line", "precharge", "heater", "charge_limiter", "charger_sense", "load_detect",
        "buzzer", "balancer", "display", "power_latch", "brown_out", "rs485_1", "rs232", "can",
        "reset_cause",
    ):  # fmt: skip
        setattr(b.hal, part, None)
    b.hal.capabilities.host_watchdog = False
    b.boot()
    b.run(2)
    assert b.mosfets() == BOTH
    b.controller.control.power.off()
    b.run(1)
    assert b.mosfets() == BOTH_OFF
    b.controller.control.power.on()
    b.run(2)
    assert b.mosfets() == BOTH


# req: PRT-15, HAL-01
def test_a_slow_front_end():
    """One reading a second, as behind an adapter."""
    b = Bench(start=False)
    b.hal.capabilities.period_ms = 1_000
    b.boot()
    b.run(8)
    assert b.mosfets() == BOTH
    b.cells(3700, 1)
    b.run(3)
    assert b.mosfets() == (False, True)
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(4)
    assert b.hal.kill_line.on


# req: HAL-01
def test_the_board_hears_once_that_everything_is_built():
    b = Bench(start=False)
    heard = []
    b.hal.built = lambda: heard.append(b.controller)
    b.boot()
    b.run(3)
    assert len(heard) == 1
    assert b.mosfets() == BOTH
