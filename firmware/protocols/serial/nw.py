"""JK "NW" (4E 57), serial protocol 000, 115200 baud: protocols page, 2. One pack on the line.

A frame is `4E 57`, its length without these two, terminal (4), command, source, type, ids with
their data, record number (4), 68, sum of all before (4). There is no error answer: what is refused
stays unanswered.
"""

from struct import calcsize, pack_into, unpack_from

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.ondemand import call
from firmware.parameters import Refused
from firmware.protocols.view import MANUFACTURE_DATE, MODEL, MOS, USER_DATA

HEADER = b"\x4e\x57"
HEAD, TAIL = 11, 9  # bytes before and behind the ids
SHORTEST, LONGEST = 21, 340
END = 0x68
ACTIVATE, WRITE, READ, PASSWORD, READ_ALL = 1, 2, 3, 5, 6
REQUEST, REPLY = 0, 1
FOREIGN = -1
LIMIT = 0x3FFFFFFF  # counters wrap here
ALL = 0

# (last id, bytes): sizes of the values, by id
SIZES = (
    b"\x84\x02\x86\x01\x87\x02\x89\x04\x9c\x02\x9d\x01\xa8\x02\xa9\x01\xaa\x04\xac\x01\xad\x02"
    b"\xaf\x01\xb0\x02\xb1\x01\xb2\x0a\xb3\x01\xb4\x08\xb6\x04\xb7\x0f\xb8\x01\xb9\x04\xba\x18"
    b"\xbd\x01\xbf\x02\xc0\x01"
)
ADDRESS = 255  # instead of a parameter: the DIP switch
# (id, parameter, digits): ids 8E..B1 in order, as whole numbers of 10**digits raw steps; parameter
# 0: a limit that this controller does not have, shown as the number in the third place
# fmt: off
PARAMETERS = bytes((
    0x8E, p.PACK_OVP_MV, 1, 0x8F, p.PACK_UVP_MV, 1,
    0x90, p.CELL_OVP_MV, 0, 0x91, p.CELL_OVPR_MV, 0, 0x92, p.CELL_OVP_DELAY_MS, 3,
    0x93, p.CELL_UVP_MV, 0, 0x94, p.CELL_UVPR_MV, 0, 0x95, p.CELL_UVP_DELAY_MS, 3,
    0x96, p.CELL_DIFFERENCE_MV, 0,
    0x97, p.DISCHARGE_OCP_MA, 3, 0x98, p.DISCHARGE_OCP_DELAY_S, 0,
    0x99, p.CHARGE_OCP_MA, 3, 0x9A, p.CHARGE_OCP_DELAY_S, 0,
    0x9B, p.BALANCE_START_MV, 0, 0x9C, p.BALANCE_TRIGGER_MV, 0, 0x9D, p.BALANCE_SWITCH, 0,
    0x9E, p.MOS_OTP_DC, 1, 0x9F, p.MOS_OTPR_DC, 1, 0xA0, 0, 100, 0xA1, 0, 100, 0xA2, 0, 20,
    0xA3, p.CHARGE_OTP_DC, 1, 0xA4, p.DISCHARGE_OTP_DC, 1,
    0xA5, p.CHARGE_UTP_DC, 1, 0xA6, p.CHARGE_UTPR_DC, 1,
    0xA7, p.DISCHARGE_UTP_DC, 1, 0xA8, p.DISCHARGE_UTPR_DC, 1,
    0xA9, p.CELL_COUNT, 0, 0xAA, p.DESIGN_CAPACITY_MAH, 3,
    0xAB, p.CHARGE_SWITCH, 0, 0xAC, p.DISCHARGE_SWITCH, 0, 0xAD, p.CURRENT_GAIN, 1,
    0xAE, ADDRESS, 0, 0xAF, p.CHEMISTRY, 0, 0xB0, p.SMART_SLEEP_H, 0, 0xB1, p.LOW_SOC_PCT, 0,
))
# fmt: on
# bits of 8B: which bits of the JK alarm word (protocols page, 1.5) they stand for; bit 0 is the
# low SOC, 7 the cell difference, 12 (front end) takes what has no bit of its own
# fmt: off
ALARMS = (
    0, 1 << 1, 1 << 5, 1 << 12, 1 << 8 | 1 << 15 | 1 << 21, 1 << 6 | 1 << 7,
    1 << 13 | 1 << 14 | 1 << 25 | 1 << 26, 0, 0, 1 << 9 | 1 << 27, 1 << 4, 1 << 11,
    1 << 2 | 1 << 3 | 1 << 10 | 1 << 16 | 1 << 17 | 1 << 20 | 1 << 22 | 1 << 24,
)
# fmt: on
TENS = (1, 10, 100, 1000)
# struct codes by size; what each lets through
CODES = (b"", b"B", b"H", b"", b"I")
MASKS = (0, 0xFF, 0xFFFF, 0, 0xFFFFFFFF)
SOFTWARE = b"15A_S15.30_____"  # hardware and software version (COM-14)


def size_of(id):
    """Bytes of the value with this id; 0 = there is no such id."""
    if id < 0x80 or id == 0x88 or id == 0x8D:
        return 0
    for at in range(0, len(SIZES), 2):
        if id <= SIZES[at]:
            return SIZES[at + 1]
    return 0


def shown(view, param, digits):
    """A parameter as its id shows it; pack levels also when they follow from the cells."""
    if not param:
        return digits
    if param == ADDRESS:
        return view.panel.dip
    value = view.values[param]
    if param == p.SMART_SLEEP_H:
        return min(value * 3600, 0xFFFF)
    if not value and param == p.PACK_OVP_MV:
        value = view.values[p.CELL_OVP_MV] * view.values[p.CELL_COUNT]
    elif not value and param == p.PACK_UVP_MV:
        value = view.values[p.CELL_UVP_MV] * view.values[p.CELL_COUNT]
    return value // TENS[digits] if digits else value


class Nw:
    """Server of the port `source`."""

    poll_ms = 0
    shortest = SHORTEST

    def __init__(self, view, requests, source):
        self.counters = None
        self._view = view
        self._requests = requests
        self._source = source
        self._sizes = bytes([size_of(PARAMETERS[i]) for i in range(0, len(PARAMETERS), 3)])
        self._codes = b">"  # of the ids and values of PARAMETERS
        for size in self._sizes:
            self._codes += b"B" + CODES[size]

    def frame_length(self, buf, n):
        """Length of the whole frame at the beginning of buf[:n]; 0 = more bytes are needed,
        below 0 = drop that many bytes."""
        if buf[0] != HEADER[0] or (n > 1 and buf[1] != HEADER[1]):
            return -1
        if n < 4:
            return 0
        length = 2 + (buf[2] << 8 | buf[3])
        if not SHORTEST <= length <= LONGEST:
            return -1
        if n < length:
            return 0
        if buf[length - 5] != END or unpack_from(">I", buf, length - 4)[0] != _sum(buf, length):
            self.counters.crc_errors = self.counters.crc_errors + 1 & LIMIT
            return -1
        return length

    def answer(self, buf, n, out):
        """Serve the frame buf[:n]; length of the reply in `out`, 0 = silence, FOREIGN."""
        terminal = unpack_from(">I", buf, 4)[0]
        if buf[10] != REQUEST or (terminal and terminal != self._view.panel.dip):
            return FOREIGN
        command = buf[8]
        if command == READ_ALL or (command == READ and buf[HEAD] == ALL):
            end = self._all(out)
        elif command == READ:
            end = self._one(buf[HEAD], out)
        else:
            end = self._obey(command, buf, n, out)
        if not end:
            return 0
        out[:9] = buf[:9]
        out[9], out[10] = 0, REPLY
        out[end : end + 4] = buf[n - TAIL : n - TAIL + 4]
        out[end + 4] = END
        length = end + TAIL
        pack_into(">H", out, 2, length - 2)
        pack_into(">I", out, length - 4, _sum(out, length))
        return length

    def _obey(self, command, buf, n, out):
        """End of the acknowledge, the id alone; 0 = silence."""
        out[HEAD] = buf[HEAD]
        if command == ACTIVATE:  # awake it is, or it would not hear this
            return HEAD + 1
        if command != WRITE and command != PASSWORD:
            return 0
        data = bytes(memoryview(buf)[HEAD : n - TAIL])
        try:
            call("nw_write", "do", self._view, self._requests, self._source, command, data)
            return HEAD + 1
        except (Refused, MemoryError):
            self.counters.refused = self.counters.refused + 1 & LIMIT
            return 0

    def _one(self, id, out):
        """One value: from the list of all, because reading one is rare."""
        end, at = self._all(out), HEAD
        while at < end:
            size = out[at + 1] + 1 if out[at] == 0x79 else size_of(out[at])
            if out[at] == id:
                out[HEAD : HEAD + 1 + size] = out[at : at + 1 + size]
                return HEAD + 1 + size
            at += 1 + size
        return 0

    def _all(self, out):
        view, measured = self._view, self._view.measured
        count = measured.cell_count
        out[HEAD], out[HEAD + 1] = 0x79, 3 * count
        values = []
        for i in range(count):
            values.append(i + 1)
            values.append(measured.cell_mv[i])
        pack_into(b">" + b"BH" * count, out, HEAD + 2, *values)
        at = self._live(view, out, HEAD + 2 + 3 * count)
        values.clear()
        for i in range(0, len(PARAMETERS), 3):
            values.append(PARAMETERS[i])
            value = shown(view, PARAMETERS[i + 1], PARAMETERS[i + 2])
            values.append(value & MASKS[self._sizes[i // 3]])
        pack_into(self._codes, out, at, *values)
        return self._identity(view, out, at + calcsize(self._codes))

    def _live(self, view, out, at):
        """Ids 80..8C: what is measured and counted."""
        gauge, mosfets = view.gauge, view.mosfets
        fitted = [dc for dc in view.measured.temp_dc[:MOS] if dc is not None]
        status = mosfets.charge_on | mosfets.discharge_on << 1 | view.balance.active << 2
        # fmt: off
        pack_into(
            ">BHBHBHBHBHBBBBBHBIBHBHBH", out, at,
            0x80, _temperature(view, MOS), 0x81, _temperature(view, 0),
            0x82, _temperature(view, 1), 0x83, min(view.measured.pack_mv // 10, 0xFFFF),
            0x84, _current(view.measured.shown_ma), 0x85, view.soc_pct(), 0x86, len(fitted),
            0x87, min(gauge.cycles, 0xFFFF), 0x89, gauge.cycle_ah, 0x8A, view.measured.cell_count,
            0x8B, self._alarms(view), 0x8C, status,
        )
        # fmt: on
        return at + 36

    def _alarms(self, view):
        word, alarms = view.alarm_word(), 0
        for bit in range(len(ALARMS)):
            if word & ALARMS[bit]:
                alarms |= 1 << bit
        return alarms | view.stands(f.LOW_SOC) | view.stands(f.CELL_DIFFERENCE) << 7

    def _identity(self, view, out, at):
        """Ids B2..C0: who this is. The password reads as zeros (SEC-03)."""
        model, date, user = view.text(MODEL), view.text(MANUFACTURE_DATE), view.text(USER_DATA)
        # fmt: off
        pack_into(
            ">B10sBBB8sB4sBIB15sBBBIB12s12sBB", out, at,
            0xB2, b"", 0xB3, 0, 0xB4, user[:8], 0xB5, date[:4],
            0xB6, view.system.run_time_s // 60, 0xB7, SOFTWARE, 0xB8, 0,
            0xB9, view.gauge.capacity_mah // 1000, 0xBA, user[:12], model[:12], 0xC0, 1,
        )
        # fmt: on
        return at + 82


def _sum(buf, length):
    return sum(bytes(memoryview(buf)[: length - 4])) & 0xFFFF


def _temperature(view, sensor):
    """Whole degC, below zero as 100 + its amount; a sensor that is not fitted as 0."""
    dc = view.measured.temp_dc[sensor]
    degc = 0 if dc is None else (dc + 5) // 10
    return degc if degc >= 0 else 100 - degc


def _current(ma):
    """10 mA, bit 15 = charging (protocol version 01)."""
    return min(abs(ma) // 10, 0x7FFF) | (ma > 0) << 15


build = Nw  # what the loader calls
