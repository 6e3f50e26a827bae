"""What holds for every row of the protection table, whatever the profile."""

from firmware import fault_ids as f
from firmware import fault_table, levels
from firmware import parameter_ids as p
from firmware.control import rules
from firmware.control.protection import Rule
from firmware.control.rules import LEVEL, RECONNECT, RULES, TIME, WIDTH
from firmware.parameters import Parameters

PROFILES = ("ess", "lifepo4", "li-ion", "lto", "dy-n8s24280a")
ROWS = [RULES[at : at + WIDTH] for at in range(0, len(RULES), WIDTH)]


def made(row, values):
    """The rule of a row."""
    return Rule(WIDTH * ROWS.index(row), values)


# req: PRT-01, PRT-02, PRT-13, MEA-07, PRT-07, PRT-08, PRT-09, PRT-10, PRT-11, PRT-24, PRT-26
def test_every_level_has_a_hysteresis_in_every_profile():
    for name in PROFILES:
        values = Parameters(name).values
        for row in ROWS:
            rule = made(row, values)
            if rule.kind() != TIME:
                assert rule.release < rule.trip, (name, row)


# req: PRT-04, PRT-05, PRT-23
def test_every_timed_row_has_a_release_time():
    for name in PROFILES:
        values = Parameters(name).values
        for row in ROWS:
            if row[6] == TIME:
                assert made(row, values).release >= 2_000, (name, row)


# req: PRT-01, PRT-02, PRT-04, PRT-05
def test_every_row_has_a_delay_longer_than_a_period_and_a_known_fault():
    for name in PROFILES:
        values = Parameters(name).values
        for row in ROWS:
            assert 100 <= made(row, values).delay_ms <= 600_000, (name, row)
            assert 0 < row[0] < fault_table.COUNT
            assert 0 <= row[1] < rules.QUANTITIES
            assert row[2] in (rules.ABOVE, rules.BELOW)


# req: PRT-01, PRT-02, PRT-20
def test_no_row_is_there_twice_and_those_that_stop_a_current_reconnect():
    seen = []
    for row in ROWS:
        assert (row[0], row[1]) not in seen
        seen.append((row[0], row[1]))
        voltage = row[1] in (rules.CELL_MAX, rules.CELL_MIN, rules.PACK)
        stops = fault_table.CHARGE[row[0] // 30] | fault_table.DISCHARGE[row[0] // 30]
        if voltage and stops >> row[0] % 30 & 1 and row[6] == LEVEL:
            raise AssertionError(row)
    kinds = [row[0] for row in ROWS if row[6] == RECONNECT]
    assert kinds == [f.CELL_OVP, f.CELL_UVP, f.PACK_OVP, f.PACK_UVP]


# req: PRT-01, PRT-02, PRT-03, PRT-13
def test_default_delays():
    values = Parameters().values
    delays = {}
    for row in ROWS:
        delays[row[0]] = made(row, values).delay_ms
    assert delays[f.CELL_OVP] == delays[f.PACK_OVP] == 1_000
    assert delays[f.CELL_UVP] == delays[f.PACK_UVP] == 2_000
    for fault in (f.CHARGE_OTP, f.CHARGE_UTP, f.DISCHARGE_OTP, f.DISCHARGE_UTP, f.BATTERY_HOT):
        assert delays[fault] == 5_000
    assert delays[f.MOS_OTP] == 2_000
    assert delays[f.CHARGE_OCP] == delays[f.DISCHARGE_OCP] == 30_000
    assert values[p.POWER_OFF_MV] < values[p.CELL_UVP_MV]


# req: PRT-13
def test_derived_pack_levels():
    values = Parameters().values
    for id, mv in (
        (p.PACK_OVP_MV, 28_800), (p.PACK_OVPR_MV, 27_200), (p.PACK_UVP_MV, 20_800),
        (p.PACK_UVPR_MV, 24_000), (p.PACK_OV_ALARM_MV, 28_400), (p.PACK_UV_ALARM_MV, 22_400),
    ):  # fmt: skip
        assert levels.level(values, id) == mv
