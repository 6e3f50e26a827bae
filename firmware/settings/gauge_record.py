"""The gauge's memory over a restart, as one record: what it learned, and whose it is.

A record of another pack (cell count, chemistry, design capacity, table) is refused. Fixed layout,
little-endian, CRC-16 behind it.
"""

import struct

from firmware import parameter_ids as p
from firmware.crc16 import crc16
from firmware.gauge.learned import BINS, UNKNOWN
from firmware.parameters import Refused

MAGIC = 0x4750
VERSION = 1
# magic, version, sequence, size of the record; cells, chemistry, design mAh, table CRC, time
HEAD = "<HBBHBBiHi"
# estimate 0.001 %, variances (4), bias, capacity mAh, its deviation and of the estimate's size,
# moved; cycles that counted, started, out mAh, time s
ESTIMATE = "<iiiiiiiiiiHBii"
# resistance gain, steps, hysteresis, trust, shift of the curve, flags; energy in, out, hidden
CURVE = "<HBiBiBiii"
AT_ESTIMATE = struct.calcsize(HEAD)
AT_CURVE = AT_ESTIMATE + struct.calcsize(ESTIMATE)
AT_BINS = AT_CURVE + struct.calcsize(CURVE)
AT_LEDGER = AT_BINS + 2 * BINS
UNIT = 5  # the curve is stored against the table, 0.5 mV
LARGEST = 0x3FFFFFFF


def valid(buffer, n):
    """True when the first `n` bytes hold a whole record."""
    if n < AT_LEDGER + 2 or struct.unpack_from("<HB", buffer, 0) != (MAGIC, VERSION):
        return False
    size = struct.unpack_from("<H", buffer, 4)[0]
    if not AT_LEDGER + 2 <= size <= n:
        return False
    return struct.unpack_from("<H", buffer, size - 2)[0] == crc16(buffer, 0, size - 2)


def encode(gauge, buffer, sequence, ledger):
    """Fill `buffer`; the record's length. `ledger(buffer, at)` adds the balancer's part and
    returns its end."""
    fusion, pol, voltage = gauge.fusion, gauge.polarisation, gauge.voltage
    capacity, state = gauge.capacity, gauge.context.state
    learned = voltage.learned
    fusion.predict()
    struct.pack_into(
        ESTIMATE, buffer, AT_ESTIMATE, fusion.mpct(), _fit(fusion.common), _fit(fusion.drift),
        _fit(fusion.cross), _fit(fusion.bias_var), gauge.counter.bias, state.gauge.capacity_mah,
        capacity.sigma_mpct, fusion.size_mpct, _fit(fusion.moved_mpct), capacity.learned,
        capacity.started, _fit(capacity.out_mah), _fit(capacity.time_s),
    )  # fmt: skip
    struct.pack_into(
        CURVE, buffer, AT_CURVE, pol.gain_pct, pol.steps, pol.state, voltage.trust,
        learned.shift_mpct, voltage.cold | learned.sound << 1, _fit(state.gauge.energy_in_wh),
        _fit(state.gauge.energy_out_wh), gauge.counter.hidden,
    )  # fmt: skip
    for i in range(BINS):
        buffer[AT_BINS + i] = _pack(learned.low[i], gauge.curve.low[i])
        buffer[AT_BINS + BINS + i] = _pack(learned.high[i], gauge.curve.high[i])
    end = ledger(buffer, AT_LEDGER) if ledger else AT_LEDGER
    rtc_s = state.system.rtc_s
    struct.pack_into(
        HEAD, buffer, 0, MAGIC, VERSION, sequence, end + 2, *identity(gauge), rtc_s or 0
    )
    struct.pack_into("<H", buffer, end, crc16(buffer, 0, end))
    return end + 2


def identity(gauge):
    """(cells, chemistry, design mAh, table CRC) of the pack at work."""
    values = gauge.context.parameters.values
    return (
        values[p.CELL_COUNT],
        values[p.CHEMISTRY],
        values[p.DESIGN_CAPACITY_MAH],
        gauge.curve.crc,
    )


def load(gauge, nvm, slots, buffer, ledger):
    """Restore the newest whole record; (its index in `slots`, its sequence), (0, 0) without."""
    best, sequence = -1, 0
    for i in range(len(slots)):
        if valid(buffer, nvm.read(slots[i], buffer)):
            if best < 0 or (buffer[3] - sequence) & 255 < 128:
                best, sequence = i, buffer[3]
    if best < 0:
        return 0, 0
    return best, restore(gauge, buffer, nvm.read(slots[best], buffer), ledger)


def restore(gauge, buffer, n, ledger):
    """Take a record over before the first step; Refused when it is damaged or another pack's.
    `ledger(buffer, at, end)` takes the balancer's part."""
    if not valid(buffer, n):
        raise Refused("the stored state of charge is damaged or of another version")
    head = struct.unpack_from(HEAD, buffer, 0)
    if head[4:8] != identity(gauge):
        raise Refused(
            "the stored state of charge belongs to another pack: %d cells, chemistry %d, %d mAh"
            ", table %d; here %d, %d, %d, %d" % (head[4:8] + identity(gauge))
        )
    _restore_estimate(gauge, struct.unpack_from(ESTIMATE, buffer, AT_ESTIMATE))
    fields = struct.unpack_from(CURVE, buffer, AT_CURVE)
    fusion = gauge.fusion
    pol, voltage, shown = gauge.polarisation, gauge.voltage, gauge.context.state.gauge
    pol.gain_pct, pol.steps, pol.state = fields[0:3]
    voltage.trust, voltage.learned.shift_mpct = fields[3], fields[4]
    voltage.cold, voltage.learned.sound = fields[5] & 1 == 1, fields[5] & 2 == 2
    shown.energy_in_wh, shown.energy_out_wh, gauge.counter.hidden = fields[6:9]
    fusion.fixes = voltage.learned.sound
    for i in range(BINS):
        voltage.learned.low[i] = _unpack(buffer[AT_BINS + i], gauge.curve.low[i])
        voltage.learned.high[i] = _unpack(buffer[AT_BINS + BINS + i], gauge.curve.high[i])
    if ledger:
        ledger(buffer, AT_LEDGER, head[3] - 2)
    now_s = gauge.context.state.system.rtc_s
    if head[8] and now_s is not None and 0 < now_s - head[8] < LARGEST:
        gauge.fusion.pass_time(now_s - head[8])
    return head[2]


def _restore_estimate(gauge, fields):
    fusion, capacity, shown = gauge.fusion, gauge.capacity, gauge.context.state.gauge
    capacity_mah = fields[6]
    shown.capacity_mah = capacity_mah
    fusion.resize(capacity_mah)
    gauge.polarisation.resize(capacity_mah)
    gauge.set_soc(fields[0] // 100)
    fusion.place(fields[0])
    shown.remaining_mah = fusion.mah
    fusion.common, fusion.drift, fusion.cross, fusion.bias_var = fields[1:5]
    gauge.counter.bias = fields[5]
    capacity.sigma_mpct, fusion.size_mpct, fusion.moved_mpct = fields[7:10]
    capacity.learned, capacity.started = fields[10], fields[11] != 0
    capacity.out_mah, capacity.time_s = fields[12:14]


def _fit(n):
    return max(min(n, LARGEST), -LARGEST)


def _pack(dmv, table_dmv):
    return 0 if dmv == UNKNOWN else min(max((dmv - table_dmv) // UNIT + 128, 1), 255)


def _unpack(byte, table_dmv):
    return UNKNOWN if byte == 0 else table_dmv + (byte - 128) * UNIT + UNIT // 2
