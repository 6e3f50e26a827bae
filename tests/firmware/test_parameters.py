"""Profiles and presets with the values of the requirements, ranges, refusals (PRF)."""

from firmware import parameter_ids as p
from firmware.parameters import Parameters, Refused
from firmware.requests import CONSOLE, PRESET, SET
from tests.fakes.bench import Bench

# Table P1, and the rows that are ours: Li-ion, LiFePO4, LTO (mV, s, 0.1 degC)
P1 = (
    ("CELL_UVP_MV", 2900, 2600, 1800),
    ("CELL_UVPR_MV", 3200, 3000, 2000),
    ("CELL_OVP_MV", 4200, 3600, 2700),
    ("CELL_OVPR_MV", 4100, 3400, 2400),
    ("BALANCE_TRIGGER_MV", 10, 10, 10),
    ("POWER_OFF_MV", 2800, 2500, 1700),
    ("CHARGE_OCP_DELAY_S", 30, 30, 30),
    ("CHARGE_OCP_RELEASE_S", 60, 60, 60),
    ("DISCHARGE_OCP_DELAY_S", 30, 30, 30),
    ("DISCHARGE_OCP_RELEASE_S", 60, 60, 60),
    ("SCP_RELEASE_S", 60, 60, 60),
    ("CHARGE_OTP_DC", 600, 600, 600),
    ("CHARGE_OTPR_DC", 550, 550, 550),
    ("DISCHARGE_OTP_DC", 600, 600, 600),
    ("DISCHARGE_OTPR_DC", 550, 550, 550),
    ("CHARGE_UTP_DC", 0, 0, -200),  # decision: no plating; LTO may
    ("CHARGE_UTPR_DC", 50, 50, -100),
    ("MOS_OTP_DC", 750, 750, 750),
    ("MOS_OTPR_DC", 700, 700, 700),
    ("SOC_100_MV", 4120, 3450, 2600),
    ("SOC_0_MV", 2900, 2600, 1840),
    ("RCV_MV", 4150, 3500, 2650),
    ("RFV_MV", 4050, 3400, 2500),
    ("BALANCE_START_MV", 3000, 3000, 2000),
    ("SMART_SLEEP_MV", 4150, 3500, 2500),
    ("CHEMISTRY", 1, 0, 2),
    ("CELL_OVP_DELAY_MS", 1000, 1000, 1000),
    ("CELL_UVP_DELAY_MS", 2000, 2000, 2000),
    ("TEMPERATURE_DELAY_MS", 5000, 5000, 5000),
    ("MOS_TEMPERATURE_DELAY_MS", 2000, 2000, 2000),
    ("BATTERY_ALARM_DC", 600, 600, 600),
    ("BATTERY_ALARM_RELEASE_DC", 500, 500, 500),
    ("BALANCE_STRATEGY", 0, 1, 0),
)

P2 = {
    "BALANCE_TRIGGER_MV": 10, "CELL_OVP_MV": 3600, "CELL_OVPR_MV": 3550, "CELL_UVP_MV": 2600,
    "CELL_UVPR_MV": 2650, "POWER_OFF_MV": 2500, "BALANCE_START_MV": 3000, "BALANCE_MAX_MA": 1000,
    "CHARGE_OCP_MA": 25_000, "CHARGE_OCP_DELAY_S": 2, "CHARGE_OCP_RELEASE_S": 60,
    "CHARGE_LIMITER_MA": 10_000, "DISCHARGE_OCP_MA": 150_000, "DISCHARGE_OCP_DELAY_S": 300,
    "DISCHARGE_OCP_RELEASE_S": 60, "SCP_MA": 300_000, "SCP_DELAY_US": 20, "SCP_RELEASE_S": 60,
    "CHARGE_OTP_DC": 700, "CHARGE_OTPR_DC": 600, "DISCHARGE_OTP_DC": 700,
    "DISCHARGE_OTPR_DC": 600, "CHARGE_UTP_DC": 0, "CHARGE_UTPR_DC": 50, "MOS_OTP_DC": 1000,
    "MOS_OTPR_DC": 800, "BATTERY_ALARM_DC": 600, "BATTERY_ALARM_RELEASE_DC": 500,
    "BALANCE_STRATEGY": 0,
}  # fmt: skip

P3 = {
    "CELL_COUNT": 8, "CHEMISTRY": 0, "DESIGN_CAPACITY_MAH": 280_000, "BALANCE_TRIGGER_MV": 5,
    "CELL_OVP_MV": 3600, "CELL_OVPR_MV": 3400, "CELL_UVP_MV": 2600, "CELL_UVPR_MV": 3000,
    "RCV_MV": 3500, "RFV_MV": 3400, "SOC_100_MV": 3450, "POWER_OFF_MV": 2500,
    "CHARGE_OCP_MA": 200_000, "CHARGE_OCP_DELAY_S": 30, "CHARGE_OCP_RELEASE_S": 60,
    "DISCHARGE_OCP_MA": 200_000, "DISCHARGE_OCP_DELAY_S": 30, "DISCHARGE_OCP_RELEASE_S": 60,
    "REQUESTED_CHARGE_MA": 56_000, "CHARGE_UTP_DC": 0, "CHARGE_UTPR_DC": 50,
    "CHARGE_OTP_DC": 600, "DISCHARGE_OTP_DC": 600, "MOS_OTP_DC": 750, "MOS_OTPR_DC": 700,
    "SCP_MA": 525_000, "SCP_DELAY_US": 200, "CHARGE_OCP2_MA": 350_000,
    "DISCHARGE_OCP2_MA": 350_000, "OCP2_DELAY_MS": 1000, "STANDBY_MA": 20, "BALANCE_STRATEGY": 1,
}  # fmt: skip


def refused(b, changes, *words):
    """Changes, or a preset by name: refused with these words, and nothing is changed."""
    kind = PRESET if isinstance(changes, str) else SET
    before, generation = list(b.parameters.values), b.parameters.generation
    try:
        b.requests.submit(CONSOLE, kind, changes)
    except Refused as refusal:
        for word in words:
            assert word in str(refusal), str(refusal)
        assert list(b.parameters.values) == before
        assert b.parameters.generation == generation
        return
    raise AssertionError("accepted: %s" % changes)


def switched_off(profile="dy-n8s24280a", mv=3300):
    """A pack whose MOSFETs are both off and whose cells measure `mv`."""
    b = Bench(profile=profile, start=False, changes={p.CELL_COUNT: 8})
    b.cells(mv)
    b.run(2)
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0, p.DISCHARGE_SWITCH: 0})
    b.run(0.3)
    assert b.mosfets() == (False, False)
    return b


# req: PRF-01
def test_profiles_of_table_p1():
    for column, name in ((1, "li-ion"), (2, "lifepo4"), (3, "lto")):
        values = Parameters(name).values
        for row in P1:
            assert values[getattr(p, row[0])] == row[column], (name, row[0])


# req: PRF-01
def test_one_click_sets_all_of_p1_and_leaves_the_rest():
    kept = (
        p.DESIGN_CAPACITY_MAH, p.CELL_COUNT, p.CHARGE_OCP_MA, p.DISCHARGE_OCP_MA, p.SCP_MA,
        p.BALANCE_MAX_MA, p.REQUESTED_CHARGE_MA, p.CHARGE_OCP2_MA, p.RS485_2_PROTOCOL,
        p.SENSOR_MASK, p.CHARGE_SWITCH, p.RS232_OPEN, p.CURRENT_ZERO_MA, p.VOLTAGE_GAIN,
    )  # fmt: skip
    for column, name, mv in ((1, "li-ion", 3400), (2, "lifepo4", 3300), (3, "lto", 2600)):
        b = switched_off(mv=mv)
        before = list(b.parameters.values)
        b.requests.submit(CONSOLE, PRESET, name)
        for row in P1:
            assert b.parameters.values[getattr(p, row[0])] == row[column], (name, row[0])
        for id in kept:
            assert b.parameters.values[id] == before[id], (name, id)
        assert b.parameters.values[p.PROFILE] == {"lifepo4": 1, "li-ion": 2, "lto": 3}[name]
        b.run(1)
        assert not b.stands("settings_corrupt")


# req: PRF-01
def test_a_preset_takes_set_pack_levels_back():
    b = switched_off(mv=3400)
    b.requests.submit(CONSOLE, SET, {p.PACK_OVP_MV: 28_000, p.CELL_OVP_DELAY_MS: 5_000})
    b.requests.submit(CONSOLE, PRESET, "li-ion")
    assert b.parameters.values[p.PACK_OVP_MV] == 0
    assert b.parameters.values[p.CELL_OVP_DELAY_MS] == 1000


# req: PRF-01
def test_charging_below_zero_is_a_standing_warning():
    b = Bench()
    assert not b.stands("unsafe_setting")
    b.requests.submit(CONSOLE, SET, {p.CHARGE_UTP_DC: -200, p.CHARGE_UTPR_DC: -100})
    assert b.stands("unsafe_setting")
    b.run(1)
    assert b.mosfets() == (True, True)
    b.requests.submit(CONSOLE, SET, {p.CHARGE_UTP_DC: 0, p.CHARGE_UTPR_DC: 50})
    assert not b.stands("unsafe_setting")
    lto = Bench(profile="lto", start=False, changes={p.CELL_COUNT: 8})
    assert not lto.stands("unsafe_setting")


# req: PRF-01
def test_mos_temperatures_are_fixed_but_on_ess():
    b = Bench()
    refused(b, {p.MOS_OTP_DC: 800}, "mos_otp_dc", "factory")
    b.requests.submit(CONSOLE, PRESET, "ess")
    b.requests.submit(CONSOLE, SET, {p.MOS_OTP_DC: 900})
    b.requests.submit(CONSOLE, PRESET, "lifepo4")
    refused(b, {p.MOS_OTP_DC: 800}, "mos_otp_dc")


# req: PRF-02
def test_profile_ess_is_table_p2():
    values = Parameters("ess").values
    for name, value in P2.items():
        assert values[getattr(p, name)] == value, name


# req: PRF-03
def test_the_shipped_profile_is_table_p3():
    values = Parameters().values
    for name, value in P3.items():
        assert values[getattr(p, name)] == value, name


# req: PRF-04
def test_cell_count_within_the_core():
    b = switched_off()
    refused(b, {p.CELL_COUNT: 2}, "cell_count", "2", "3..16")
    refused(b, {p.CELL_COUNT: 17}, "cell_count", "17", "3..16")


# req: PRF-04
def test_each_boards_own_range():
    boards = (
        # cells_lfp, cells_li_ion, cells_lto: B2A8S20P, PB
        ((4, 8), (3, 8), (0, 0)),
        ((8, 16), (7, 16), (14, 16)),
    )
    for lfp, li_ion, lto in boards:
        b = switched_off()
        able = b.hal.capabilities
        able.cells_lfp, able.cells_li_ion, able.cells_lto = lfp, li_ion, lto
        too_few = lfp[0] - 1
        refused(b, {p.CELL_COUNT: too_few}, "cell_count", str(too_few), "%d..%d" % lfp)
        if not lto[1]:
            refused(b, "lto", "LTO", "does not support")
        else:
            refused(b, "lto", "cell_count = 8", "14..16")


# req: PRF-05
def test_unknown_read_only_and_factory_parameters_are_refused():
    b = Bench()
    refused(b, {103: 1}, "unknown parameter 103")
    refused(b, {0: 1}, "unknown parameter 0")
    refused(b, {-1: 1}, "unknown parameter")
    refused(b, {250: b"x"}, "unknown parameter 250")
    refused(b, {p.PROFILE: 1}, "profile", "cannot be set")
    refused(b, {p.SCP_MA: 400_000}, "scp_ma", "factory")
    refused(b, {200: b"other"}, "model", "factory")


# req: PRF-05
def test_texts():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {204: b"Garage left"})
    assert b.parameters.text(204) == b"Garage left"
    refused(b, {204: b"0123456789abcdef"}, "device_name", "15")
    refused(b, {204: b"\xe4"}, "device_name")
    refused(b, {204: 5}, "device_name")
    assert b.parameters.text(204) == b"Garage left"


# req: PRF-06
def test_a_refusal_names_parameter_value_and_range():
    b = Bench()
    refused(b, {p.CELL_OVP_DELAY_MS: 99}, "cell_ovp_delay_ms", "99", "100..30000")
    refused(b, {p.CELL_OVP_MV: 4401}, "cell_ovp_mv", "4401", "1200..4400")
    refused(b, {p.CELL_OVP_MV: "3600"}, "cell_ovp_mv")
    refused(b, {p.CELL_OVP_MV: 3550.0}, "cell_ovp_mv")
    refused(b, {p.CELL_OVP_MV: None}, "cell_ovp_mv")


# req: PRF-06
def test_the_order_of_the_voltages():
    b = Bench()
    for changes, low, high in (
        ({p.POWER_OFF_MV: 2600}, "power_off_mv", "cell_uvp_mv"),
        ({p.CELL_UVP_MV: 3000}, "cell_uvp_mv", "cell_uvpr_mv"),
        ({p.CELL_UVPR_MV: 3400}, "cell_uvpr_mv", "cell_ovpr_mv"),
        ({p.CELL_OVPR_MV: 3600}, "cell_ovpr_mv", "cell_ovp_mv"),
        ({p.SOC_0_MV: 3450}, "soc_0_mv", "soc_100_mv"),
        ({p.SOC_100_MV: 3501}, "soc_100_mv", "rcv_mv"),
        ({p.RFV_MV: 3501}, "rfv_mv", "rcv_mv"),
        ({p.RCV_MV: 3600}, "rcv_mv", "cell_ovp_mv"),
    ):
        refused(b, changes, low, high)


# req: PRF-06
def test_recovery_temperatures_lie_inside_the_protection():
    b = Bench()
    for id, value in (
        (p.CHARGE_OTPR_DC, 600), (p.DISCHARGE_OTPR_DC, 600), (p.CHARGE_UTPR_DC, 0),
        (p.DISCHARGE_UTPR_DC, -200), (p.BATTERY_ALARM_RELEASE_DC, 600),
        (p.CELL_DIFFERENCE_RELEASE_MV, 300), (p.LOW_SOC_RELEASE_PCT, 20),
    ):  # fmt: skip
        refused(b, {id: value})


# req: PRF-06
def test_a_request_is_taken_as_a_whole():
    b = Bench()
    refused(b, {p.BALANCE_TRIGGER_MV: 20, p.CELL_UVP_MV: 3300}, "cell_uvp_mv")
    changes = {p.CELL_OVP_MV: 3400, p.CELL_OVPR_MV: 3350, p.RCV_MV: 3380, p.SOC_100_MV: 3380,
               p.RFV_MV: 3340}  # fmt: skip
    for id in (p.CELL_OVP_MV, p.RCV_MV):  # each alone contradicts another
        refused(b, {id: changes[id]})
    b.requests.submit(CONSOLE, SET, changes)
    for id, value in changes.items():
        assert b.parameters.values[id] == value


# req: PRF-06
def test_balance_current_is_clamped_with_a_warning():
    b = Bench()
    warning = b.requests.submit(CONSOLE, SET, {p.BALANCE_MAX_MA: 10_000})
    assert b.parameters.values[p.BALANCE_MAX_MA] == 2_000  # what the board can do
    assert "10000" in warning and "2000" in warning
    b.hal.capabilities.balance_max_ma = 15_000
    assert b.requests.submit(CONSOLE, SET, {p.BALANCE_MAX_MA: 15_000}) is None
    warning = b.requests.submit(CONSOLE, SET, {p.DESIGN_CAPACITY_MAH: 50_000})
    assert b.parameters.values[p.BALANCE_MAX_MA] == 5_000  # 0.1 C
    assert "0.1 C" in warning
    refused(b, {p.BALANCE_MAX_MA: 299}, "balance_max_ma", "300..15000")


# req: PRF-06
def test_a_changed_capacity_keeps_the_state_of_charge():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.DESIGN_CAPACITY_MAH: 100_000})
    b.run(1)
    assert b.state.gauge.capacity_mah == 100_000
    assert b.state.gauge.soc_dpct == 500


# req: PRF-07
def test_absolute_windows():
    for profile, mv, highest, lowest in (
        ("lifepo4", 3300, 3800, 2000), ("li-ion", 3500, 4250, 2500), ("lto", 2300, 2850, 1500),
    ):  # fmt: skip
        b = switched_off(profile, mv)
        refused(b, {p.CELL_OVP_MV: highest + 1}, "cell_ovp_mv", str(highest + 1), str(highest))
        low = {p.POWER_OFF_MV: lowest - 2, p.CELL_UVP_MV: lowest - 1}
        refused(b, low, "cell_uvp_mv", str(lowest - 1), str(lowest))
        low[p.CELL_UVP_MV] = lowest
        b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: highest})
        b.requests.submit(CONSOLE, SET, low)


# req: PRF-07
def test_not_even_the_factory_passes_the_window():
    b = Bench()
    for changes in ({p.CELL_OVP_MV: 3801}, {p.CELL_UVP_MV: 1999, p.POWER_OFF_MV: 1900}):
        try:
            b.parameters.check_changes(changes, factory=True)
        except Refused:
            continue
        raise AssertionError(changes)


# req: PRF-07
def test_chemistry_and_cell_count_change_only_with_both_off():
    b = Bench()
    refused(b, {p.CELL_COUNT: 7}, "both MOSFETs off")
    refused(b, {p.CHEMISTRY: 1}, "both MOSFETs off")
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0})
    b.run(0.3)
    refused(b, {p.CHEMISTRY: 1}, "both MOSFETs off")


# req: PRF-07
def test_the_measured_cells_must_fit():
    b = switched_off()
    refused(b, {p.CELL_COUNT: 7}, "cell_count", "7", "8 cells")
    refused(b, {p.CHEMISTRY: 2, p.CELL_OVP_MV: 2700}, "must be below")  # LFP levels remain
    b = switched_off(mv=3300)
    b.cells(2700, 5)
    b.run(0.2)
    refused(b, "li-ion", "cell 6", "2700", "2800..4200")
    b.cells(3300, 5)
    b.run(0.2)
    b.requests.submit(CONSOLE, PRESET, "li-ion")
    assert b.parameters.values[p.CHEMISTRY] == 1


# req: PRF-07, PRF-04
def test_a_wrong_cell_count_can_be_put_right():
    b = Bench(cells=7, start=False)
    b.run(2)
    assert b.stands("cell_count")
    b.requests.submit(CONSOLE, SET, {p.CELL_COUNT: 7})
    b.run(2)
    assert b.mosfets() == (True, True)


# req: PRF-07, MEA-06
def test_no_measured_cells_no_change():
    b = switched_off()
    b.hal.afe.read_result = 1
    b.run(1)
    refused(b, {p.CHEMISTRY: 1}, "no measured cells")


# req: PRF-05
def test_what_the_board_lacks_is_refused_with_a_sentence():
    b = Bench(start=False)
    b.hal.heater = b.hal.buzzer = None
    b.boot()
    b.run(1)
    refused(b, {p.HEATING_ENABLED: 1}, "heating_enabled", "heater")
    refused(b, {p.BUZZER_TRIGGER: 3}, "buzzer_trigger", "buzzer")
    b.requests.submit(CONSOLE, SET, {p.BUZZER_TRIGGER: 9})  # unchanged
    b.requests.submit(CONSOLE, SET, {p.BUZZER_TRIGGER: 0})  # off is always possible
    b.requests.submit(CONSOLE, SET, {p.HEATING_ENABLED: 0})


# req: PRF-05
def test_an_unknown_profile_is_refused():
    try:
        Parameters("nimh")
    except Refused as refusal:
        assert "nimh" in str(refusal) and "lifepo4" in str(refusal)
    else:
        raise AssertionError("accepted")
    refused(Bench(), "nimh", "nimh")
