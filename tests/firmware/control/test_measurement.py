"""From the sample to the pack's numbers, and which samples are not believed (MEA)."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.controller import GAUGE
from firmware.parameters import Refused
from firmware.requests import CONSOLE, SET
from hal import contract as c
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def refused(b, kind, payload, *words):
    """The request is refused with these words and nothing changes."""
    before = list(b.parameters.values)
    try:
        b.requests.submit(CONSOLE, kind, payload)
    except Refused as refusal:
        for word in words:
            assert word in str(refusal), str(refusal)
        assert list(b.parameters.values) == before
        return
    raise AssertionError("accepted: %s %s" % (kind, payload))


# req: MEA-01
def test_sum_extremes_average_and_difference():
    b = Bench()
    for i, mv in enumerate((3301, 3305, 3299, 3310, 3302, 3288, 3300, 3303)):
        b.cells(mv, i)
    b.run(0.2)
    m = b.state.measured
    assert list(m.cell_mv)[:8] == [3301, 3305, 3299, 3310, 3302, 3288, 3300, 3303]
    assert m.pack_mv == 26_408
    assert (m.max_mv, m.max_cell) == (3310, 3)
    assert (m.min_mv, m.min_cell) == (3288, 5)
    assert m.average_mv == 3301
    assert m.difference_mv == 22
    assert m.valid and m.age == 0 and m.cell_count == 8


# req: MEA-02
def test_sign_power_and_dead_band():
    b = Bench()
    m = b.state.measured
    b.current(20)
    b.run(0.2)
    assert m.current_ma == 20_000
    assert m.power_mw == m.pack_mv * 20
    b.current(-20)
    b.run(0.2)
    assert m.power_mw == -m.pack_mv * 20
    for ma, shown in ((99, 0), (-99, 0), (100, 100), (-100, -100)):
        b.hal.afe.current_ma = ma
        b.run(0.1)
        assert (m.current_ma, m.shown_ma) == (ma, shown)
    assert b.state.limits.discharge_enable


# req: MEA-02
def test_the_counter_integrates_below_the_dead_band_exactly():
    b = Bench(changes={p.STANDBY_MA: 0})
    b.controller.services[GAUGE].disabled = True  # the counter alone
    start = b.state.gauge.remaining_mah
    assert start == 140_000  # half of 280 Ah: no record
    b.hal.afe.current_ma = -90  # shown as 0
    b.run(400)  # 10 mAh
    assert b.state.gauge.remaining_mah == start - 10
    assert b.state.measured.shown_ma == 0
    b.hal.afe.cell_mv[0] += 1
    b.hal.afe.current_ma = 36_000
    b.run(100)  # 1 Ah
    assert start + 988 <= b.state.gauge.remaining_mah <= start + 991


# req: MEA-02, SOC-03
def test_the_counter_at_both_ends():
    b = Bench()
    gauge = b.state.gauge
    for full, end_mah, dpct in ((False, 278_320, 994), (True, 280_000, 1000)):
        gauge.full = full  # 100 % is for a pack that was seen full
        gauge.remaining_mah = end_mah - 1
        b.current(100)
        b.run(2)
        assert gauge.remaining_mah == end_mah and gauge.soc_dpct == dpct
    for empty, end_mah, dpct in ((False, 1_400, 5), (True, 0, 0)):
        gauge.empty = empty
        gauge.remaining_mah = end_mah + 1
        b.current(-100)
        b.run(2)
        assert gauge.remaining_mah == end_mah and gauge.soc_dpct == dpct


# req: MEA-03
def test_a_sensor_that_is_not_fitted_reads_none():
    b = Bench(changes={p.SENSOR_MASK: 0b10011})
    b.hal.afe.temp_dc = [250, 260, c.SENSOR_OPEN, c.SENSOR_SHORT, 300]
    b.run(1)
    m = b.state.measured
    assert m.temp_dc == [250, 260, None, None, 300]
    assert (m.temp_min, m.temp_max) == (250, 260)
    assert b.mosfets() == BOTH


# req: MEA-03
def test_a_fitted_sensor_that_fails_blocks_charging():
    for reading in (c.SENSOR_OPEN, c.SENSOR_SHORT, -501, 1501):
        b = Bench()
        b.hal.afe.temp_dc[2] = reading
        b.run(0.2)
        assert b.state.measured.temp_dc[2] == 250  # the last good value holds
        assert b.mosfets() == BOTH
        b.run(0.2)
        assert b.stands("temp_sensor") and b.faults.jk_word() >> 22 & 1
        assert b.state.measured.temp_dc[2] is None
        assert b.mosfets() == DISCHARGE


# req: MEA-03
def test_a_failed_mos_sensor_blocks_both():
    b = Bench()
    b.hal.afe.temp_dc[4] = c.SENSOR_OPEN
    b.run(0.5)
    assert b.stands("mos_sensor")
    assert b.mosfets() == OFF


# req: MEA-03
def test_no_battery_sensor_at_all_unless_switched_off():
    b = Bench(changes={p.SENSOR_MASK: 0b10000})
    assert b.stands("no_temp_sensor")
    assert b.mosfets() == DISCHARGE
    b.requests.submit(CONSOLE, SET, {p.TEMP_SENSORS_DISABLED: 1})
    b.run(0.3)
    assert b.mosfets() == BOTH
    b.hal.afe.temp_dc[4] = c.SENSOR_OPEN  # the switch is for battery sensors
    b.run(0.5)
    assert b.mosfets() == OFF


# req: MEA-03
def test_a_loose_sensor_does_not_make_a_mosfet_chatter():
    b = Bench()
    was, switched = b.mosfets(), 0
    for n in range(300):
        b.hal.afe.temp_dc[0] = c.SENSOR_OPEN if n % 8 < 4 else 250
        b.run(0.1)
        if b.mosfets() != was:
            was, switched = b.mosfets(), switched + 1
    assert switched == 1
    b.hal.afe.temp_dc[0] = 250
    b.run(6)
    assert b.mosfets() == BOTH


# req: MEA-04
def test_voltage_calibration():
    b = Bench()
    b.requests.submit(CONSOLE, r.CALIBRATE_VOLTAGE, 26_664)  # 1 % above the measured 26.400
    b.run(0.2)
    assert abs(b.state.measured.pack_mv - 26_664) <= 8
    refused(b, r.CALIBRATE_VOLTAGE, 29_700, "29700", "10 %")
    refused(b, r.CALIBRATE_VOLTAGE, 23_000, "23000")
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(0.5)
    refused(b, r.CALIBRATE_VOLTAGE, 26_664, "no valid measurement")


# req: MEA-04
def test_current_calibration():
    for amps, entered in ((50, 52_500), (-50, -47_500), (3, 3_150), (-190, -193_800)):
        b = Bench()
        b.current(amps)
        b.run(0.2)
        b.requests.submit(CONSOLE, r.CALIBRATE_CURRENT, entered)
        b.run(0.2)
        assert abs(b.state.measured.current_ma - entered) <= abs(entered) // 1000 + 2
        b.requests.submit(CONSOLE, r.CALIBRATE_CURRENT, entered)  # once more changes nothing
        b.run(0.2)
        assert abs(b.state.measured.current_ma - entered) <= abs(entered) // 1000 + 2


# req: MEA-04
def test_implausible_current_calibration_is_refused():
    b = Bench()
    b.current(1.99)
    b.run(0.2)
    refused(b, r.CALIBRATE_CURRENT, 2_000, "2 A")
    b.current(50)
    b.run(0.2)
    refused(b, r.CALIBRATE_CURRENT, 55_100, "55100", "10 %")
    refused(b, r.CALIBRATE_CURRENT, -50_000)  # the sign is not calibrated away


# req: MEA-04
def test_current_zero_needs_both_mosfets_off():
    b = Bench()
    b.hal.afe.current_ma = 130
    b.run(0.2)
    refused(b, r.CALIBRATE_ZERO, None, "both MOSFETs must be off")
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0, p.DISCHARGE_SWITCH: 0})
    b.run(0.3)
    b.requests.submit(CONSOLE, r.CALIBRATE_ZERO)
    b.run(0.2)
    assert b.state.measured.current_ma == 0
    b.hal.afe.current_ma = 6_000
    b.run(0.2)
    refused(b, r.CALIBRATE_ZERO, None, "current_zero_ma", "6000", "-5000..5000")


# req: MEA-06
def test_three_bad_periods_open_both_and_the_last_values_hold_between():
    for result in (c.BUS_ERROR, c.NOT_READY):
        b = Bench()
        b.hal.afe.read_result = result
        b.cells(3400)
        b.run(0.2)
        m = b.state.measured
        assert (m.valid, m.age, m.max_mv) == (True, 2, 3300)
        b.run(0.2)
        assert not m.valid
        assert b.stands("afe_lost") and b.faults.jk_word() >> 10 & 1
        assert not b.state.mosfets.charge and not b.state.mosfets.discharge
        assert b.hal.kill_line.on
        b.hal.afe.read_result = c.OK
        b.run(0.5)
        assert b.mosfets() == BOTH


# req: MEA-06
def test_the_first_scan_of_a_chip_may_take_half_a_second():
    for result, seconds, lost in (
        (c.NOT_READY, 0.5, False),
        (c.NOT_READY, 0.9, True),
        (c.BUS_ERROR, 0.4, True),
    ):
        b = Bench(start=False)
        b.hal.afe.read_result = result
        b.run(seconds)
        assert b.stands("afe_lost") == lost
        assert b.hal.kill_line.on and not b.hal.afe.mosfet_bits
        b.hal.afe.read_result = c.OK
        b.run(2)
        assert b.mosfets() == BOTH


# req: MEA-06
def test_single_bad_readings_are_bridged():
    b = Bench()
    for _ in range(20):
        b.hal.afe.read_result = c.BUS_ERROR
        b.run(0.1)
        b.hal.afe.read_result = c.OK
        b.run(0.2)
        assert b.mosfets() == BOTH


def implausible(change, key, jk=10):
    """Both open in the fourth period at the latest, and close when it is over."""
    b = Bench()
    undo = change(b)
    b.run(0.2)
    assert b.mosfets() == BOTH
    b.run(0.2)
    assert b.stands(key), b.faults_now()
    assert b.mosfets() == OFF
    assert b.faults.jk_word() >> jk & 1
    undo()
    b.run(1)
    assert b.mosfets() == BOTH, b.faults_now()


# req: MEA-06
def test_a_cell_outside_what_a_cell_can_be():
    for mv in (499, 5501, 0, 65535):

        def change(b, mv=mv):
            b.cells(mv, 3)
            return lambda: b.cells(3300, 3)

        implausible(change, "cell_implausible")


# req: MEA-06
def test_sum_and_tap_apart():
    for tap in (26_400 + 401, 26_400 - 401):  # 50 mV x 8

        def change(b, tap=tap):
            b.hal.afe.pack_mv = tap
            return lambda: setattr(b.hal.afe, "pack_mv", None)

        implausible(change, "pack_sum")
    b = Bench()
    b.hal.afe.pack_mv = 26_800  # just inside
    b.run(1)
    assert b.mosfets() == BOTH
    b.hal.afe.pack_mv = -1  # a board without the tap
    b.run(1)
    assert b.mosfets() == BOTH and b.state.measured.tap_mv is None


# req: MEA-06
def test_a_standing_scan_counter():
    def change(b):
        b.hal.afe.frozen = True
        return lambda: setattr(b.hal.afe, "frozen", False)

    implausible(change, "frozen_data")


# req: MEA-06
def test_the_same_codes_while_the_current_steps():
    b = Bench()
    b.run(3)
    b.hal.afe.current_ma = -19_000
    b.run(2)
    assert b.mosfets() == BOTH
    b.hal.afe.current_ma = -21_000
    b.run(0.5)
    assert b.stands("frozen_data")
    assert b.mosfets() == OFF
    b = Bench()
    b.run(3)  # the same codes and no step: an idle pack
    b.run(10)
    assert b.mosfets() == BOTH


# req: MEA-06
def test_the_scan_counter_may_wrap():
    b = Bench()
    b.hal.afe.scan = 0xFFFD
    b.run(1)
    assert b.mosfets() == BOTH


# req: MEA-07
def test_another_number_of_cells():
    b = Bench(cells=7, start=False)
    b.run(3)
    assert b.stands("cell_count") and not b.stands("cell_implausible")
    assert b.faults.jk_word() >> 2 & 1
    assert b.mosfets() == OFF
    b = Bench(cells=9, start=False)
    b.run(3)
    assert b.stands("cell_count")
    assert b.mosfets() == OFF


# req: MEA-09, MEA-07
def test_a_saturated_current_sensor():
    for ma in (750_000, -750_000):
        b = Bench()
        b.hal.afe.cell_mv[0] += 1
        b.hal.afe.current_ma = ma
        b.run(0.4)
        assert b.stands("current_sensor") and b.faults.jk_word() >> 3 & 1
        assert b.mosfets() == OFF


# req: MEA-09
def test_a_reversed_current_sensor():
    b = Bench()
    for _ in range(3):
        b.current(50)
        b.cells(3290)  # the voltage falls while the current says charge
        b.run(2)
        b.current(0)
        b.cells(3300)
        b.run(2)
    assert b.stands("current_sensor")
    assert b.mosfets() == OFF
    b.run(10)
    assert b.stands("current_sensor")  # no current can prove it right again
    b.controller.control.key()
    b.run(1)
    assert b.mosfets() == BOTH


# req: MEA-09
def test_a_right_current_sensor_raises_nothing():
    b = Bench()
    for _ in range(6):
        b.current(-150)
        b.cells(3250)
        b.run(1)
        b.current(0)
        b.cells(3300)
        b.run(1)
    assert b.mosfets() == BOTH


# req: MEA-09
def test_current_and_voltage_may_lie_one_reading_apart():
    for voltage_first in (True, False):
        b = Bench()
        for n in range(8):
            amps, mv = ((-150, 3250), (0, 3300))[n % 2]
            if voltage_first:
                b.cells(mv)
                b.run(0.1)
                b.current(amps)
            else:
                b.current(amps)
                b.run(0.1)
                b.cells(mv)
            b.run(2)
        assert not b.stands("current_sensor"), voltage_first


# req: MEA-09
def test_a_stuck_current_sensor():
    b = Bench()
    for n in range(5):
        b.cells((3250, 3300)[n % 2])
        b.run(3)
    assert b.stands("current_sensor")


# req: MEA-09
def test_damaged_limits_in_memory_open_both():
    b = Bench()
    b.parameters.values[p.CELL_OVP_MV] ^= 64
    b.run(11)  # two passes of the check at most
    assert b.stands("settings_corrupt")
    assert b.mosfets() == OFF
    b = Bench()
    for rule in b.controller.control.protection.rules:
        if rule.fault == f.CELL_OVP:
            rule.trip += 512
    b.run(62)
    assert b.stands("settings_corrupt")
    assert b.mosfets() == OFF


# req: MEA-09
def test_changes_while_the_memory_check_runs_are_no_damage():
    b = Bench()
    for n in range(60):
        b.requests.submit(CONSOLE, SET, {p.BALANCE_TRIGGER_MV: 5 + n % 7})
        b.run(0.3)
    b.run(5)
    assert not b.stands("settings_corrupt")


# req: MEA-09
def test_a_current_that_saturates_the_sensor_does_not_make_the_mosfets_chatter():
    b = Bench()
    closed = 0
    was = b.mosfets()
    for i in range(600):  # a minute: it saturates whenever current can flow
        b.hal.afe.cell_mv[0] += 1 if i % 2 else -1
        b.hal.afe.current_ma = 0 if b.mosfets() == OFF else -750_000
        b.run(0.1)
        if b.mosfets() != OFF and was == OFF:
            closed += 1
        was = b.mosfets()
    assert closed <= 1 and b.stands("current_sensor")
    b.hal.afe.current_ma = 0
    b.run(62)
    assert not b.stands("current_sensor") and b.mosfets() == (True, True)


# req: MEA-02, MEA-06
def test_nobody_is_shown_the_current_of_a_lost_measurement():
    b = Bench()
    b.current(-100)
    b.run(1)
    assert b.state.measured.shown_ma == -100_000 and b.state.measured.power_mw < -2_000_000
    b.hal.afe.read_result = 1
    b.run(0.5)
    assert not b.state.measured.valid and b.hal.kill_line.on
    assert b.state.measured.shown_ma == 0 and b.state.measured.power_mw == 0


# req: MEA-04, MEA-08, PRT-16
def test_a_calibrated_pack_and_its_port_agree():
    b = Bench(changes={p.VOLTAGE_GAIN: 9500})
    b.run(5)
    assert b.state.measured.pack_mv == 8 * 3135  # 3300 mV x 0.95
    assert b.state.measured.port_mv == b.state.measured.tap_mv == 8 * 3135
    assert b.mosfets() == BOTH and not b.faults_now()
