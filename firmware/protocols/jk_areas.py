"""The JK register areas as they are read: settings 0x1000..0x1124, status 0x1200..0x1324 and
information 0x1400..0x1524 (protocols page, 1.4 to 1.6).

Fields are packed in groups, because a struct call takes many of them in the time of one ("x" skips
a byte). Struct codes are bytes: to put texts together takes three times as long.
Quantities that this controller does not have read as zero, and so do the fields where a JK shows
its passwords (SEC-03). The names of all fields stand in host_sim/jk_layout.py.
"""

from struct import pack_into

from firmware import parameter_ids as ids
from firmware.crc16 import total
from firmware.ondemand import call
from firmware.protocols import jk_settings
from firmware.protocols.modbus import JK_BLOCK, JK_HEADER
from firmware.protocols.view import MOS
from firmware.state import ON

STATUS_FIELDS = b"\xfe\xff\x7f\xdc\x2f\x01\x01\xb0\x0f"
# bits of 0x12D0: MOS, T1..T5; a JK's T3 is the MOS sensor once more, our T3 and T4 are T4 and T5
SENSORS = (MOS, 0, 1, MOS, 2, 3)
# parts of the status area
SUMMARY = 0x40
LEADS = 0x4A
SUMMARY_END = 0x90
PACK_END = 0xC2
U32 = 0xFFFFFFFF
U16 = 0xFFFF


def encode(base, view, order, out, at, first=0, last=jk_settings.SIZE):
    """Fill out[at : at + SIZE] with the area that begins at the register `base`. `order` is b">"
    in FC03, b"<" in the 300-byte blocks. Only the bytes `first` to `last` - 1 of the area must be
    right; parts of the status that lie wholly outside are left out, to save time."""
    if base == jk_settings.STATUS:
        if first < SUMMARY:
            _cells(view, order, out, at)
        if first < SUMMARY_END and last > SUMMARY:
            _summary(view, order, out, at)
        if first < PACK_END and last > SUMMARY_END:
            _pack(view, order, out, at)
        if last > PACK_END:
            _times(view, order, out, at)
        return
    out[at : at + jk_settings.SIZE] = bytes(jk_settings.SIZE)
    jk_settings.encode(base, view, order, out, at)
    if base == jk_settings.INFO:

        def put(offset, codes, *values):
            pack_into(order + codes, out, at + offset, *values)

        call("jk_info", "encode", view, put)


def block(base, view, out):
    """Fill out[:300] with the 300-byte block of the area: header, type, the area little-endian,
    the sum of it all (protocols page, 1.8). Byte 5 stays 0 (COM-14)."""
    encode(base, view, b"<", out, 6)
    out[:4] = JK_HEADER
    out[4] = (base >> 9 & 3) + 1
    out[5] = 0
    out[JK_BLOCK - 1] = total(out, JK_BLOCK - 1) & 255


def _cells(view, order, out, at):
    measured = view.measured
    n = measured.cell_count
    out[at : at + SUMMARY] = bytes(SUMMARY)
    pack_into(order + b"H" * n, out, at, *measured.cell_mv[:n])


def _summary(view, order, out, at):
    """What is found of the cells, and the leads to them; none is tested as long as the balancer
    rests."""
    measured, leads, alarms = view.measured, view.balance.lead_mohm, 0
    tested, limit_mohm = any(leads), view.values[ids.LEAD_LIMIT_MOHM]
    for i in range(len(leads) if tested else 0):
        if (leads[i] or 0) > limit_mohm:
            alarms |= 1 << i
    pack_into(
        order + b"IHHBB64xhI",
        out,
        at + SUMMARY,
        (1 << measured.cell_count) - 1,
        measured.average_mv,
        measured.difference_mv,
        measured.max_cell,
        measured.min_cell,
        view.temperature_dc(MOS),  # at 0x8A
        alarms,
    )
    if tested:
        pack_into(order + b"16H", out, at + LEADS, *[min(mohm or 0, U16) for mohm in leads])


def _pack(view, order, out, at):
    measured, gauge, mosfets, balance = view.measured, view.gauge, view.mosfets, view.balance
    temperature_dc, ma = view.temperature_dc, balance.current_ma
    pack_into(
        order + b"IIihhIhBBiIIIBB2xIBB",
        out,
        at + SUMMARY_END,
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
        view.system.run_time_s & U32,
        mosfets.charge_on,
        mosfets.discharge_on,
    )


def _times(view, order, out, at):
    power, panel, system, sensors = view.power, view.panel, view.system, 0
    temperature_dc, values, temp_dc = view.temperature_dc, view.values, view.measured.temp_dc
    fitted = values[ids.SENSOR_MASK]
    bit = 1
    for sensor in SENSORS:
        if fitted >> sensor & 1 and temp_dc[sensor] is not None:
            sensors |= bit
        bit <<= 1
    sleep_in_s = power.sleep_in_s
    if sleep_in_s is None:
        sleep_in_s = values[ids.SMART_SLEEP_H] * 3600
    pack_into(
        order + b"14xBB2xH14xHh3xB4xI4xhhh2xIIIBB5xB5x13s",
        out,
        at + 0xC2,
        sensors,  # at 0xD0
        power.heating,
        min(power.emergency_s, U16),
        view.measured.pack_mv // 10 & U16,  # at 0xE4
        min(power.heater_ma or 0, 32767),
        power.mode == ON,
        system.uptime_s * 10 & U32,  # at 0xF0
        temperature_dc(MOS),
        temperature_dc(2),
        temperature_dc(3),
        system.rtc_s or 0,  # at 0x100
        0,
        sleep_in_s,
        view.mosfets.limiting,
        values[ids.CHEMISTRY],
        (panel.contacts & 3) << 1 | panel.buzzer,
        STATUS_FIELDS,  # at 0x119
    )
