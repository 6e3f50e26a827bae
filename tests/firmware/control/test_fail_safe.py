"""Both MOSFETs off until all is proven, and after all that can go wrong (PRT-15, PRT-21)."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal import contract as c
from tests.fakes.bench import Bench

OFF, BOTH = (False, False), (True, True)


def boom(*_):
    raise ValueError("injected")


def seconds_to_on(b, limit=20):
    """Time until both MOSFETs are on."""
    return b.run(limit, lambda: b.mosfets() == BOTH)


# req: PRT-15
def test_both_are_off_until_three_healthy_cycles_have_passed():
    b = Bench(start=False)
    healthy = 0
    while b.mosfets() == OFF and healthy < 50:
        b.run(0.1)
        healthy = b.state.system.healthy
    assert healthy >= 3
    assert b.stands("starting") is False


# req: PRT-15
def test_bad_readings_keep_the_gate_closed():
    b = Bench(start=False)
    for _ in range(20):  # never three good ones in a row
        b.run(0.2)
        b.hal.afe.read_result = c.NOT_READY
        b.run(0.1)
        b.hal.afe.read_result = c.OK
        assert b.mosfets() == OFF
    assert b.stands("starting")
    assert seconds_to_on(b) < 2


# req: PRT-15
def test_after_every_kind_of_reset():
    for cause in (0, 1, 2, 3, 4, None):
        b = Bench()
        b.hal.reset_cause = cause
        b.hal.afe.mosfet_bits = 3  # as the chip may still be
        b.boot()
        b.hal.afe.mosfet_bits = 3
        b.run(0.1)
        assert b.mosfets() == OFF
        assert b.stands("watchdog_reset") == (cause == 2)
        assert b.stands("brown_out") == (cause == 3)
        assert seconds_to_on(b) < 2


# req: PRT-15
def test_invalid_settings_keep_the_gate_closed():
    for changes in (
        {p.CELL_OVP_MV: 3_900},  # beyond the chemistry's window
        {p.CELL_UVP_MV: 3_100},  # above UVPR
        {p.CELL_COUNT: 8, p.CHARGE_OTP_DC: 9_000},  # beyond its range
    ):
        b = Bench(start=False, changes=changes)
        b.run(5)
        assert b.stands("settings_invalid"), changes
        assert b.mosfets() == OFF


# req: PRT-15, PRF-04
def test_a_pack_that_does_not_fit_the_board_stays_off():
    b = Bench(start=False)
    b.hal.capabilities.cells_lfp = (14, 16)
    b.boot()
    b.run(5)
    assert b.stands("settings_invalid")
    assert b.mosfets() == OFF


# req: PRT-15, PRT-22
def test_limits_that_do_not_read_back_keep_the_gate_closed():
    b = Bench(start=False)
    afe = b.hal.afe
    right = afe.read_back

    def wrong(limits):
        right(limits)
        limits.cell_ov_mv += 100
        return True

    afe.read_back = wrong
    b.run(5)
    assert b.stands("afe_config") and b.stands("starting")
    assert b.mosfets() == OFF
    afe.read_back = right
    assert seconds_to_on(b) < 3


# req: PRT-15
def test_an_exception_in_each_protecting_component_opens_both():
    names = (
        "measurement", "protection", "limits_afe", "trips", "shorts", "watch", "emergency",
        "power", "mosfets",
    )  # fmt: skip
    for name in names:
        b = Bench()
        part = getattr(b.controller.control, name)
        part.step = boom
        b.run(0.2)
        assert b.mosfets() == OFF, name
        assert b.hal.kill_line.on, name
        assert b.stands("control_exception") and b.stands("starting"), name
        assert b.state.limits.charge_ma == 0 and b.state.limits.discharge_ma == 0
        assert b.state.gauge.soc_dpct is None
        feeds = b.hal.watchdog.feeds
        b.run(1)
        assert b.mosfets() == OFF, name
        assert b.hal.watchdog.feeds > feeds  # an ALM and a text, no endless resets
        del part.step
        b.run(0.2)
        assert b.mosfets() == OFF, name  # not before the gate
        seconds_to_on(b)
        assert not b.stands("control_exception"), name


# req: PRT-15
def test_an_exception_while_starting():
    b = Bench(start=False)
    startup = b.controller.control.startup
    startup.step = boom
    b.run(1)
    assert b.mosfets() == OFF and b.stands("control_exception")
    del startup.step
    seconds_to_on(b)
    assert b.mosfets() == BOTH


# req: PRT-15
def test_a_program_error_that_comes_back_does_not_make_mosfets_chatter():
    b = Bench()
    part, switched = b.controller.control.protection, 0
    was = b.mosfets()
    for n in range(600):  # one exception a second
        if n % 10 == 0:
            part.step = boom
        b.run(0.1)
        if n % 10 == 0:
            del part.step
        if b.mosfets() != was:
            was, switched = b.mosfets(), switched + 1
    assert switched <= 4


# req: PRT-15, MEA-06
def test_a_front_end_that_raises_opens_both():
    for name in ("read", "latches", "mosfets"):
        b = Bench()
        b.follow = False
        setattr(b.hal.afe, name, boom)
        b.run(0.3)
        assert b.hal.kill_line.on, name
        assert b.hal.afe.mosfet_bits == 0, name
        assert b.stands("control_exception"), name


# req: PRT-15
def test_even_a_kill_line_that_raises_does_not_keep_the_bus_from_opening():
    b = Bench()
    b.hal.kill_line.set = boom
    b.controller.control.protection.step = boom
    b.run(0.2)
    assert b.hal.afe.mosfet_bits == 0
    b.hal.afe.set_mosfets = boom  # and with nothing working at all, nothing escapes
    b.run(0.3)


# req: PRT-15
def test_an_exception_in_counter_limits_or_heating_is_no_black_out():
    for name in ("counter", "limits", "heating"):
        b = Bench()
        part = getattr(b.controller.control, name)
        part.step = boom
        b.run(0.3)
        assert b.mosfets() == BOTH, name
        assert b.stands("gauge_exception"), name
        assert b.state.gauge.soc_dpct is None
        assert b.state.limits.charge_ma == 0 and b.state.limits.discharge_ma == 0
        assert not b.state.limits.charge_enable
        b.cells(3700, 1)
        b.run(1.5)
        assert b.mosfets() == (False, True), name  # protection goes on
        del part.step
        b.run(11)
        assert not b.stands("gauge_exception"), name
        assert b.state.gauge.soc_dpct is not None


# req: PRT-15
def test_a_heater_that_raises_does_not_end_the_program():
    b = Bench(changes={p.HEATING_ENABLED: 1})
    b.hal.heater.set = boom
    b.hal.heater.current_ma = boom
    b.run(1)
    assert b.mosfets() == BOTH and b.stands("gauge_exception")


# req: PRT-15
def test_latched_reasons_survive_resets():
    for fault in (f.CHARGE_MOS_STUCK, f.DISCHARGE_MOS_FAILED, f.PRECHARGE_FAILED, f.TRIP_OUTPUT):
        b = Bench()
        b.run(12)
        b.faults.put(fault, True)
        b.run(2)
        b.boot()
        b.run(4)
        assert b.faults.stands(fault), fault
        assert b.mosfets() != BOTH


# req: PRT-15
def test_a_torn_record_leaves_the_one_before():
    b = Bench()
    b.run(15)
    b.cells(3620, 7)
    b.run(3)
    b.cells(3500, 7)
    b.run(70)  # stored again while it stands
    nvm, control = b.hal.nvm, b.controller
    newest = control.keeper._slot
    for damage in (b"", nvm.slots[newest][:40], nvm.slots[newest][:-1] + b"\x00"):
        nvm.slots[newest] = damage
        b.boot()
        b.run(3)
        assert b.stands("cell_ovp"), len(damage)
        break_in = control.keeper._slot
        assert break_in in (0, 1)
        nvm.slots[newest] = damage


# req: PRT-15
def test_no_record_at_all_starts_as_new():
    b = Bench()
    b.hal.nvm.slots = {0: b"\xff" * 256, 1: b"\x00" * 256}
    b.boot()
    b.run(2)
    assert b.mosfets() == BOTH
    assert b.state.gauge.soc_dpct == 500
    b.hal.nvm.unreadable = True
    b.boot()
    b.run(2)
    assert b.mosfets() == BOTH


# req: PRT-21
def test_the_kill_line_is_proven_at_each_start():
    b = Bench(start=False)
    b.hal.kill_line.stuck = False  # it never reads "off"
    b.run(5)
    assert b.stands("off_path")
    assert b.mosfets() == OFF
    assert b.hal.afe.mosfet_bits == 0


# req: PRT-21
def test_the_bus_path_is_proven_at_each_start():
    b = Bench(start=False)
    afe = b.hal.afe
    afe.mosfets = lambda: 0 if b.hal.kill_line.on else 2  # drives a MOS that is not asked for
    b.run(3)
    assert b.stands("off_path")
    assert b.hal.kill_line.on


# req: PRT-21
def test_a_kill_line_that_does_nothing_is_found():
    b = Bench(start=False)
    afe = b.hal.afe
    afe.mosfets = lambda: afe.mosfet_bits
    b.run(5)
    assert b.stands("off_path")
    assert afe.mosfet_bits == 0


# req: PRT-21
def test_the_kill_line_is_on_whenever_both_are_off():
    b = Bench(start=False)
    assert b.hal.kill_line.on
    b.run(2)
    assert not b.hal.kill_line.on
    b.hal.afe.temp_dc[4] = 900
    b.run(3)
    assert b.mosfets() == OFF
    assert b.hal.kill_line.on
    assert b.hal.afe.mosfet_bits == 0  # and over the bus as well


# req: PRT-21
def test_the_host_watchdog_of_the_chip_is_armed():
    b = Bench()
    assert 0 < b.hal.afe.configured.watchdog_ms <= 5_000
    b.hal.afe.latch_bits = c.LATCH_WATCHDOG
    b.hal.afe.mosfet_bits = 0
    configures = b.hal.afe.configures
    b.run(0.2)
    assert b.faults.counts[f.AFE_WATCHDOG] == 1
    b.run(1)
    assert b.hal.afe.configures > configures  # written anew before anything closes
    assert not b.stands("afe_watchdog")
    assert b.mosfets() == BOTH


# req: PRT-21, PRT-15
def test_a_chip_that_was_reset_is_configured_before_anything_closes():
    b = Bench()
    b.hal.afe.configured = c.HardwareLimits()
    b.hal.afe.latch_bits = c.LATCH_RESET
    b.hal.afe.mosfet_bits = 0
    for _ in range(20):
        b.run(0.1)
        if b.mosfets() != OFF:
            assert b.hal.afe.configured.cell_ov_mv == 3_650
    assert b.mosfets() == BOTH


# req: PRT-15, MEA-06
def test_a_front_end_that_is_dead_at_start_is_tried_again():
    b = Bench(start=False)
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(5)
    assert b.stands("afe_lost")
    assert b.hal.kill_line.on
    b.hal.afe.read_result = c.OK
    assert seconds_to_on(b) < 5
    assert not b.stands("afe_lost")


# req: PRT-15
def test_a_start_that_fails_once_leaves_no_fault_behind():
    b = Bench()
    afe, right = b.hal.afe, b.hal.afe.start
    afe.start = lambda: False
    b.controller.control.protection.step = boom
    b.run(0.2)
    del b.controller.control.protection.step
    b.run(1)
    afe.start = right
    seconds_to_on(b)
    assert b.mosfets() == BOTH
    assert b.faults_now() == []
