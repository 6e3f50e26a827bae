"""Where each quantity stands on the wire: offsets and encodings from the vendor's register list,
values from a captured status block."""

import struct
from binascii import unhexlify

from firmware import fault_ids as faults
from firmware import parameter_ids as ids
from firmware.ports.serial_port import TX_SIZE
from firmware.protocols import jk_areas, jk_settings
from firmware.settings import registry
from firmware.settings.jk_write import changes
from firmware.state import ON
from tests.fakes.jk import Bench

# captured from a 16-cell unit, address 3: the 293 status bytes of a 300-byte block, little-endian
CAPTURED = unhexlify(
    "dd0cdd0cdd0cdd0cdd0cdd0cde0cdd0cde0cde0cde0cde0cde0cdd0cde0cdd0c"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "ffff0000dd0c01000100"
    "330034003f0042004d0058006600710077007100660062005a00440040003600"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "cb0000000000d7cd00000000000000000000c300c6000000000000000037535e"
    "0200c04504003e00000086b70901640000000422e50201010000000000000000"
    "000000000000ff00010000009703000000001671404000000000951400000001"
    "010100060000b4e3af0000000000cb00c200c7009703863ec40b100900008051"
    "010000000302000000000000000001feff7fdc2f0101b0cf070000"
)
# of a real unit, not of ours: first and last byte
NOT_OURS = (
    (0xD0, 0xD0),  # sensors
    (0xD2, 0xD3),
    (0xD6, 0xE3),  # correction factors, sensor voltages, charge pwm
    (0xE8, 0xEF),  # flags
    (0xF0, 0xF3),  # tenths of a second, ours is a whole number of seconds
    (0xFE, 0xFF),
    (0x104, 0x107),  # log entries
    (0x10E, 0x10F),
    (0x113, 0x113),  # outputs
    (0x118, 0x124),  # undocumented; which fields tools show
)


def read(bench, register, words):
    """The data bytes of an FC03 answer, taken from the server behind the framing."""
    out = bytearray(TX_SIZE)
    assert bench.protocol.read(register, words, out, 3) == 0
    return bytes(out[3 : 3 + 2 * words])


def number(bench, register, code):
    """One big-endian quantity."""
    words = (struct.calcsize(">" + code) + 1) // 2
    return struct.unpack_from(">" + code, read(bench, register, words))[0]


def captured_pack():
    """Our state with what the captured unit measured."""
    bench = Bench(source=3, dip=3)
    state = bench.state
    measured, gauge = state.measured, state.gauge
    measured.cell_count = 16
    mv = (3293,) * 6 + (3294, 3293) + (3294,) * 5 + (3293, 3294, 3293)
    leads = (51, 52, 63, 66, 77, 88, 102, 113, 119, 113, 102, 98, 90, 68, 64, 54)
    for i in range(16):
        measured.cell_mv[i] = mv[i]
        state.balance.lead_mohm[i] = leads[i]
    measured.average_mv, measured.difference_mv = 3293, 1
    measured.max_cell, measured.min_cell = 1, 0
    measured.pack_mv = 52695
    for sensor, value in enumerate((195, 198, 194, 199, 203)):
        measured.temp_dc[sensor] = value
    gauge.soc_dpct, gauge.remaining_mah, gauge.capacity_mah = 554, 155219, 280000
    gauge.cycles, gauge.cycle_mah, gauge.soh_pct = 62, 17414022, 100
    state.mosfets.charge_on = state.mosfets.discharge_on = True
    state.system.run_time_s, state.system.rtc_s = 48570884, 197410438
    state.system.uptime_s = 1152709
    state.power.mode, state.power.sleep_in_s = ON, 86400
    return bench


# req: COM-05, COM-14, MEA-01
def test_the_status_block_of_a_real_unit():
    bench = captured_pack()
    ours = bytearray(jk_settings.SIZE)
    jk_areas.encode(jk_settings.STATUS, bench.view, b"<", ours, 0)
    for at in range(len(CAPTURED)):
        if not any(first <= at <= last for first, last in NOT_OURS):
            assert ours[at] == CAPTURED[at], hex(at)


# req: COM-05, MEA-01, MEA-02
def test_status_registers():
    bench = captured_pack()
    bench.state.measured.shown_ma = -12_345
    bench.state.measured.power_mw = -650_520
    for register, code, value in (
        (0x1200, "H", 3293),
        (0x120C, "H", 3294),
        (0x121E, "H", 3293),
        (0x1220, "H", 0),
        (0x1240, "I", 0xFFFF),
        (0x1244, "H", 3293),
        (0x1248, "B", 1),
        (0x124A, "H", 51),
        (0x125A, "H", 119),
        (0x128A, "h", 203),
        (0x1290, "I", 52695),
        (0x1294, "I", 650520),
        (0x1298, "i", -12345),
        (0x129C, "h", 195),
        (0x129E, "h", 198),
        (0x12A8, "i", 155219),
        (0x12AC, "I", 280000),
        (0x12B0, "I", 62),
        (0x12B4, "I", 17414022),
        (0x12BC, "I", 48570884),
        (0x12E4, "H", 5269),
        (0x12F0, "I", 11527090),
        (0x12F8, "h", 203),
        (0x12FA, "h", 194),
        (0x12FC, "h", 199),
        (0x1300, "I", 197410438),
    ):
        assert number(bench, register, code) == value, hex(register)
    assert read(bench, 0x12A6, 1) == bytes((0, 55))  # balancing off, SOC
    assert read(bench, 0x12B8, 1) == bytes((100, 0))  # SOH, pre-charge
    assert read(bench, 0x12C0, 1) == b"\x01\x01"
    assert read(bench, 0x12D0, 1) == b"\x3f\x00"  # MOS, T1, T2, T3 (= MOS), T4, T5


# req: COM-14, MEA-03
def test_unknown_values_read_as_on_a_jk():
    bench = Bench()
    assert read(bench, 0x128A, 1) == b"\xf8\x30"
    assert read(bench, 0x129C, 2) == b"\xf8\x30\xf8\x30"
    assert read(bench, 0x12FA, 2) == b"\xf8\x30\xf8\x30"
    assert read(bench, 0x12A6, 1) == b"\x00\x00"
    assert read(bench, 0x12A8, 2) == b"\x00\x00\x00\x00"
    assert read(bench, 0x12D0, 1)[0] == 0
    assert read(bench, 0x1300, 2) == b"\x00\x00\x00\x00"


# req: MEA-03
def test_a_sensor_that_the_mask_leaves_out_is_not_present():
    bench = captured_pack()
    bench.set({ids.SENSOR_MASK: 0b10001})  # T1 and MOS
    assert read(bench, 0x12D0, 1)[0] == 0b001011


# req: SOC-01
def test_soc_rounds_as_a_jk():
    bench = Bench()
    for soc_dpct, shown in ((0, 0), (4, 0), (5, 1), (646, 65), (644, 64), (995, 100), (1000, 100)):
        bench.state.gauge.soc_dpct = soc_dpct
        assert read(bench, 0x12A6, 1)[1] == shown, soc_dpct


# req: PRT-01, PRT-02, COM-05
def test_alarm_word_bits():
    for fault, word in (
        (faults.CELL_OVP, 1 << 4),
        (faults.CELL_UVP, 1 << 11),
        (faults.CHARGE_OCP, 1 << 6),
        (faults.DISCHARGE_OCP, 1 << 13),
        (faults.CHARGE_UTP, 1 << 9),
        (faults.MOS_OTP, 1 << 1),
        (faults.DISCHARGE_UTP, 1 << 27),
        (faults.PASSWORD_DEFAULT, 1 << 19),
    ):
        bench = Bench()
        bench.faults.put(fault, True)
        assert number(bench, 0x12A0, "I") == word, fault


# req: BAL-03, MEA-05
def test_balancing_and_leads():
    bench = captured_pack()
    balance = bench.state.balance
    balance.active, balance.current_ma = True, -950
    assert read(bench, 0x12A4, 2)[:3] == struct.pack(">hB", -950, 2)
    balance.current_ma = 950
    assert read(bench, 0x12A4, 2)[:3] == struct.pack(">hB", 950, 1)
    balance.lead_mohm[2] = 501
    assert number(bench, 0x128C, "I") == 0b100


# req: COM-14, PNL-06, PRT-12
def test_outputs_limiting_and_chemistry():
    bench = Bench()
    bench.state.panel.contacts, bench.state.panel.buzzer = 2, True
    bench.state.mosfets.limiting = True
    bench.set({ids.CHEMISTRY: 2})
    assert read(bench, 0x1312, 1) == bytes((0, 0b101))
    assert read(bench, 0x130C, 1) == bytes((1, 2))


# req: COM-14, SEC-03, DEV-01
def test_information_area():
    bench = Bench()
    bench.state.system.run_time_s, bench.state.system.starts = 507000, 9
    assert read(bench, 0x1400, 8) == b"JK_B2A8S20P\x00\x00\x00\x00\x00"
    assert read(bench, 0x1410, 8) == b"15A\x00\x00\x00\x00\x0015.30\x00\x00\x00"
    assert read(bench, 0x1420, 4) == b"\x00\x07\xbc\x78\x00\x00\x00\x09"
    assert read(bench, 0x1428, 8) == b"DY-N8S24280A\x00\x00\x00\x00"
    assert read(bench, 0x1438, 8) == bytes(16)  # PIN
    assert read(bench, 0x1448, 4) == b"261101\x00\x00"
    assert read(bench, 0x1450, 8) == b"00000000000\x00\x00\x00\x00\x00"
    assert read(bench, 0x1460, 8) == b"Packwarden\x00\x00\x00\x00\x00\x00"
    assert read(bench, 0x1470, 8) == bytes(16)  # password
    assert read(bench, 0x14B2, 3) == b"\x01\x02" + registry.SERIAL_MASK  # UART1 1, CAN 2
    assert read(bench, 0x14C4, 2) == registry.CAN_MASK
    assert read(bench, 0x14D4, 3) == b"\x01" + registry.SERIAL_MASK + b"\x00"
    assert read(bench, 0x14E4, 2) == b"\x09\x0a\x01\x01"
    assert read(bench, 0x14E8, 4) == struct.pack(">ii", 100, 95)
    assert read(bench, 0x1500, 4) == b"\x00\x00\x0e\x10\x0a\x50\x01\x1e"


# req: COM-14
def test_last_settings():
    bench = Bench(dip=9)
    assert read(bench, 0x1108, 2) == b"\x00\x00\x00\x09"
    assert read(bench, 0x110C, 4) == struct.pack(">II", 5, 750000)
    assert read(bench, 0x1116, 1) == bytes((60, 50))
    assert read(bench, 0x1118, 1) == b"\x18\xfe"
    assert read(bench, 0x1122, 1) == struct.pack("bb", -20, -10)
    # bits 4, 8, 9 and 12 are on in the shipped profile
    assert read(bench, 0x1114, 1) == b"\x13\x10"


# req: COM-05
def test_gaps_are_zeros_whatever_was_read_before():
    bench = captured_pack()
    read(bench, 0x1200, 121)
    read(bench, 0x1200 + 242, 26)
    assert read(bench, 0x1088, 64) == bytes(128)
    assert read(bench, 0x14C8, 6) == bytes(12)


# req: COM-05
def test_every_read_of_a_part_equals_that_part_of_the_whole():
    bench = captured_pack()
    for base in (jk_settings.SETTINGS, jk_settings.STATUS, jk_settings.INFO):
        whole = read(bench, base, 121) + read(bench, base + 242, 26)
        for first in range(0, jk_settings.SIZE - 8, 14):
            part = read(bench, base + first, 4)
            assert part == whole[first : first + 8], hex(base + first)


# req: PRF-05, COM-05
def test_what_one_pack_shows_can_be_written_to_another():
    model, bench, seen = Bench(), Bench(), {}
    for id in range(1, 102):
        value = model.parameters.values[id]
        model.parameters.values[id] = 1 - value if value in (0, 1) else value + 10
    for register, words in ((0x1000, 0x44), (0x110C, 4), (0x1114, 3), (0x1122, 1), (0x14E4, 17)):
        data = read(model, register, words)
        seen.update(changes(bench.view, register, data, 0, 2 * words))
        again = changes(model.view, register, data, 0, 2 * words)
        assert again == {}, hex(register)
    for id, value in seen.items():
        assert value == model.parameters.values[id], id
    # 34 from 0x1000, 2 from 0x110C, 3 bytes from 0x1116, 10 bits, 2 at 0x1122, 12 from 0x14E4
    assert len(seen) == 63


# req: PRF-05
def test_a_temperature_shown_in_degrees_keeps_its_tenths():
    bench = Bench()
    bench.set({ids.DISCHARGE_UTP_DC: -155})
    assert read(bench, 0x1122, 1)[0] == 256 - 16
    assert changes(bench.view, 0x1122, b"\xf0\xf6", 0, 2) == {}
    changed = changes(bench.view, 0x1122, b"\xf1\xf6", 0, 2)
    assert changed == {ids.DISCHARGE_UTP_DC: -150}
