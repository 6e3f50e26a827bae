"""Every number of every CAN protocol over its whole range, decoded by an independent decoder."""

from array import array

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from firmware.state import ON, SLEEP
from tests.fakes.can import Bench
from tests.host import can_decoder

EXAMPLES = 60
MA = st.integers(-4_000_000, 4_000_000) | st.integers(-40_000, 40_000)
POSITIVE_MA = st.integers(0, 7_000_000) | st.integers(0, 400_000)
MV = st.integers(0, 400_000) | st.integers(40_000, 60_000)
CELL_MV = st.integers(0, 65_535) | st.integers(2_500, 3_700)
DC = st.none() | st.integers(-400, 1250)
MAH = st.integers(0, 20_000_000)
FLAG = st.booleans()
FIELDS = {
    "charging_cvl_mv": MV,
    "charging_dvl_mv": MV,
    "charging_ccl_ma": POSITIVE_MA,
    "charging_dcl_ma": POSITIVE_MA,
    "charging_charge_enable": FLAG,
    "charging_discharge_enable": FLAG,
    "charging_force_charge": FLAG,
    "charging_full_charge": FLAG,
    "measured_pack_mv": MV,
    "measured_shown_ma": MA,
    "measured_max_mv": CELL_MV,
    "measured_min_mv": CELL_MV,
    "measured_difference_mv": CELL_MV,
    "measured_max_cell": st.integers(0, 15),
    "measured_min_cell": st.integers(0, 15),
    "measured_cell_count": st.integers(3, 16),
    "measured_port_mv": st.none() | MV,
    "measured_temp_max": DC,
    "measured_temp_min": DC,
    "gauge_soc_dpct": st.none() | st.integers(0, 1000),
    "gauge_soc_mpct": st.none() | st.integers(0, 100_000),
    "gauge_soh_pct": st.integers(0, 100),
    "gauge_remaining_mah": st.none() | MAH,
    "gauge_capacity_mah": MAH,
    "gauge_cycles": st.integers(0, 100_000),
    "gauge_cycle_ah": st.integers(0, 10_000_000),
    "gauge_cycle_mah": st.integers(0, 999),
    "gauge_energy_in_wh": st.integers(0, 2**30 - 100),
    "gauge_energy_out_wh": st.integers(0, 2**30 - 100),
    "power_heating": FLAG,
    "power_heater_ma": st.none() | st.integers(0, 100_000),
    "power_mode": st.sampled_from((ON, SLEEP)),
    "balance_active": FLAG,
    "mosfets_charge_on": FLAG,
    "mosfets_discharge_on": FLAG,
    "mosfets_precharging": FLAG,
    "system_run_time_s": st.integers(0, 2**30 - 1),
}
PACK = st.fixed_dictionaries(FIELDS)
CELLS = st.lists(CELL_MV, min_size=16, max_size=16)
TEMPERATURES = st.lists(DC, min_size=5, max_size=5)


def milli(value):
    return None if value is None else value / 1000


def tenth(value):
    return None if value is None else value / 10


def mean(temps):
    known = [t for t in temps if t is not None]
    return sum(known) / len(known) / 10 if known else None


def extreme(temps, pick):
    """1-based number of the first sensor with the highest or lowest value."""
    known = [t for t in temps if t is not None]
    return temps.index(pick(known)) + 1 if known else None


def expected(bench):
    """{signal of the hand-written files: value in its unit, None = not known}."""
    s = bench.state
    m, g, c = s.measured, s.gauge, s.charging
    temps = list(m.temp_dc[:4])
    hot, cold = extreme(temps, max), extreme(temps, min)
    held = m.port_mv is not None and m.port_mv > m.pack_mv + 500
    out = {
        "CVL": c.cvl_mv / 1000, "DVL": c.dvl_mv / 1000, "CCL": c.ccl_ma / 1000,
        "DCL": c.dcl_ma / 1000, "ChargeEn": c.charge_enable, "DischargeEn": c.discharge_enable,
        "Force": c.force_charge, "FullReq": c.full_charge, "Force255": 255 * c.force_charge,
        "NoCharge": not c.charge_enable, "NoDischarge": not c.discharge_enable,
        "Forbid2Charge": 2 * (not c.charge_enable),
        "Forbid2Discharge": 2 * (not c.discharge_enable),
        "V": m.pack_mv / 1000, "I": m.shown_ma / 1000, "Ireversed": -m.shown_ma / 1000,
        "CellMax": m.max_mv / 1000, "CellMin": m.min_mv / 1000, "Delta": m.difference_mv / 1000,
        "CellMaxNo": m.max_cell + 1, "CellMinNo": m.min_cell + 1, "Cells": m.cell_count,
        "Tmax": tenth(m.temp_max), "Tmin": tenth(m.temp_min), "Tmean": mean(temps),
        "Tmos": tenth(m.temp_dc[4]), "TmaxNo": hot, "TminNo": cold,
        "TmaxNo0": None if hot is None else hot - 1,
        "TminNo0": None if cold is None else cold - 1,
        "SOC": tenth(g.soc_dpct), "SOCmin": tenth(g.soc_dpct), "SOCfine": milli(g.soc_mpct),
        "SOH": g.soh_pct, "Remaining": milli(g.remaining_mah), "Full": g.capacity_mah / 1000,
        "Design": 100.0, "Cycles": g.cycles, "Chemistry": 0,
        "CycleWrapped": (g.cycle_ah * 10 + g.cycle_mah // 100) % 65536 / 10,
        "EnergyIn": g.energy_in_wh / 1000, "EnergyOut": g.energy_out_wh / 1000,
        "RunTime": s.system.run_time_s, "HeaterI": milli(s.power.heater_ma),
        "Heating": s.power.heating, "Balancing": s.balance.active,
        "Sleeping": s.power.mode == SLEEP, "ChargeOn": s.mosfets.charge_on,
        "DischargeOn": s.mosfets.discharge_on, "Precharging": s.mosfets.precharging,
        "Charger": held or m.shown_ma > 0, "Modules": 1, "Online": 1, "TagP": 0x50, "TagN": 0x4E,
        "Flow": 1 if m.shown_ma > 0 else 2 if m.shown_ma < 0 else 0, "Nothing": 0,
        "Mode": 2 if m.shown_ma > 0 else 3 if m.shown_ma < 0 else 1, "JkBits": 0,
    }  # fmt: skip
    for cell in range(16):
        out[f"Cell{cell + 1}"] = milli(m.cell_mv[cell] if cell < m.cell_count else None)
    order = (m.temp_dc[0], m.temp_dc[1], m.temp_dc[4], m.temp_dc[2], m.temp_dc[3])
    out.update({f"S{i + 1}": tenth(t) for i, t in enumerate(order)})
    out["Sensors"] = sum(1 << i for i, t in enumerate(order) if t is not None)
    return out


def absent(key, name):
    """The count that stands for "not known"."""
    if name[0] == "S" and name[1:].isdigit():
        return 255
    if name == "Tmean" and key in ("victron", "sma"):
        return -32768
    return 0


def check(key, pack, cells, temps):
    bench = Bench(key)
    bench.set(**pack)
    bench.state.measured.cell_mv[:] = array("H", cells)
    bench.state.measured.temp_dc[:] = temps
    wanted = expected(bench)
    seen = 0
    for message, signal, count in can_decoder.raw(bench, key):
        if signal.name[:2] in ("A_", "W_", "L_", "X_"):
            continue
        seen += 1
        value = wanted[signal.name]
        where = f"{key} {message.name}.{signal.name}: {value} sent as {count}"
        if value is None:
            assert count == absent(key, signal.name), where
            continue
        low, high = (signal.minimum or 0, signal.maximum or 0)  # the bytes "Nothing" have no range
        value = max(low, min(high, value))
        got = count * signal.scale + signal.offset
        assert abs(got - value) <= signal.scale * 1.000001, f"{where} = {got}"
        assert low <= got <= high * 1.000001, where
    assert seen >= 11


# req: COM-04, CHG-01
@pytest.mark.parametrize("key", sorted(can_decoder.FILES))
def test_every_number_arrives(key):
    run = hypothesis_settings(max_examples=EXAMPLES)(
        given(pack=PACK, cells=CELLS, temps=TEMPERATURES)(
            lambda pack, cells, temps: check(key, pack, cells, temps)
        )
    )
    run()


# req: COM-04
@pytest.mark.parametrize("key", sorted(can_decoder.FILES))
def test_exactly_the_frames_of_the_document_are_sent(key):
    bench = Bench(key)
    bench.set(measured_shown_ma=1000)  # a charger
    bench.fault(1)
    assert set(can_decoder.frames(bench, key)) == set(can_decoder.messages(key))
