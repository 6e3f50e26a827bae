"""The JK register areas as they are read: settings 0x1000..0x1124, status 0x1200..0x1324 and
information 0x1400..0x1524 (protocols page, 1.4 to 1.6).

Fields are packed in groups, because a struct call takes many of them in the time of one.
Quantities that this controller does not have read as zero, and so do the fields where a JK shows
its passwords (SEC-03). The names of all fields stand in host_sim/jk_layout.py.
"""

from struct import pack_into

from firmware import parameter_ids as ids
from firmware.ondemand import call
from firmware.protocols import jk_settings
from firmware.protocols.modbus import JK_HEADER
from firmware.protocols.view import MOS
from firmware.state import ON

STATUS_FIELDS = b"\xfe\xff\x7f\xdc\x2f\x01\x01\xb0\x0f"
# bits of 0x12D0: MOS, T1..T5; a JK's T3 is the MOS sensor once more, our T3 and T4 are T4 and T5
SENSORS = (MOS, 0, 1, MOS, 2, 3)
# parts of the status area; the alarms of the leads lie within the next part
CELLS_END = 0x90
PACK_AT = 0x8A
TIMES_AT = 0xC4
U32 = 0xFFFFFFFF
U16 = 0xFFFF


def encode(base, view, order, out, at, first=0, last=jk_settings.SIZE):
    """Fill out[at : at + SIZE] with the area that begins at the register `base`. `order` is ">" in
    FC03, "<" in the 300-byte blocks. Only the bytes `first` to `last` - 1 of the area must be
    right; what lies wholly outside is left out, to save time."""

    def put(offset, codes, *values):
        pack_into(order + codes, out, at + offset, *values)

    out[at : at + jk_settings.SIZE] = bytes(jk_settings.SIZE)
    if base == jk_settings.STATUS:
        if first < CELLS_END:
            _cells(view, put)
        if first < TIMES_AT and last > PACK_AT:
            _pack(view, put)
        if last > TIMES_AT:
            _times(view, put)
        return
    if base == jk_settings.INFO:
        call("jk_info", "encode", view, put)
    jk_settings.encode(base, view, put, first, last)


def block(base, view, out):
    """Fill out[:300] with the 300-byte block of the area: header, type, the area little-endian,
    the sum of it all (protocols page, 1.8). Byte 5 stays 0 (COM-14)."""
    encode(base, view, "<", out, 6)
    out[:4] = JK_HEADER
    out[4] = (base >> 9 & 3) + 1
    out[5] = 0
    out[299] = sum(memoryview(out)[:299]) & 255


def _cells(view, put):
    measured, alarms = view.measured, 0
    count = measured.cell_count
    put(0, "H" * count, *measured.cell_mv[:count])
    cells = (1 << count) - 1, measured.average_mv, measured.difference_mv
    put(0x40, "IHHBB", *cells, measured.max_cell, measured.min_cell)
    leads = view.balance.lead_mohm
    for i in range(len(leads)):
        mohm = leads[i]
        if mohm is not None:
            put(0x4A + 2 * i, "H", min(mohm, U16))
            if mohm > view.values[ids.LEAD_LIMIT_MOHM]:
                alarms |= 1 << i
    put(0x8C, "I", alarms)


def _pack(view, put):
    measured, gauge, mosfets, balance = view.measured, view.gauge, view.mosfets, view.balance
    temperature_dc, ma = view.temperature_dc, balance.current_ma
    put(0x8A, "h", temperature_dc(MOS))
    put(
        0x90,
        "IIihhIhBBiIIIBB",
        measured.pack_mv,
        abs(measured.power_mw),
        measured.shown_ma,
        temperature_dc(0),
        temperature_dc(1),
        view.alarm_word(),
        ma,
        (2 if ma < 0 else 1) if balance.active else 0,
        view.soc_pct(),
        gauge.remaining_mah or 0,
        gauge.capacity_mah,
        gauge.cycles,
        gauge.cycle_ah * 1000 + gauge.cycle_mah & U32,
        gauge.soh_pct,
        mosfets.precharging,
    )
    run_time_s = view.system.run_time_s & U32
    put(0xBC, "IBB", run_time_s, mosfets.charge_on, mosfets.discharge_on)


def _times(view, put):
    power, panel, system, sensors = view.power, view.panel, view.system, 0
    for bit in range(6):
        sensor = SENSORS[bit]
        fitted = view.values[ids.SENSOR_MASK] >> sensor & 1
        if fitted and view.measured.temp_dc[sensor] is not None:
            sensors |= 1 << bit
    put(0xD0, "BB", sensors, power.heating)
    put(0xD4, "H", min(power.emergency_s, U16))
    heater_ma = min(power.heater_ma or 0, 32767)
    put(0xE4, "Hh", view.measured.pack_mv // 10 & U16, heater_ma)
    put(0xEB, "B", power.mode == ON)
    put(0xF0, "I", system.uptime_s * 10 & U32)
    for offset, sensor in ((0xF8, MOS), (0xFA, 2), (0xFC, 3)):
        put(offset, "h", view.temperature_dc(sensor))
    sleep_in_s = power.sleep_in_s
    if sleep_in_s is None:
        sleep_in_s = view.values[ids.SMART_SLEEP_H] * 3600
    put(0x100, "III", system.rtc_s or 0, 0, sleep_in_s)
    put(0x10C, "BB", view.mosfets.limiting, view.values[ids.CHEMISTRY])
    put(0x113, "B", (panel.contacts & 3) << 1 | panel.buzzer)
    put(0x119, "9s", STATUS_FIELDS)
