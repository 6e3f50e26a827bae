"""JK RS485 Modbus against captured traffic and the vendor's samples, byte for byte.

Frames: replies and acks captured from JK-PB units, requests from the vendor's document V1.1.
"""

from firmware import parameter_ids as ids
from firmware.parameters import Refused
from tests.fakes.jk import Bench, raw, sealed

# captured: a unit with address 0 answers FC03 0x1000 x 64
CAPTURED_SETTINGS = (
    "000380"
    "00000dac00000a1400000a3c00000e4200000dfc0000000a00000e0600000a28"
    "00000e1000000dac000009c400009c40000000030000003c000249f00000012c"
    "0000003c00000005000003e8000002bc00000258000002bc0000025800000014"
    "0000004600000320000002bc000000100000000100000001000000010004ca90"
    "19cf"
)
SETTINGS_OF_THAT_UNIT = {
    ids.SMART_SLEEP_MV: 3500,
    ids.CELL_UVP_MV: 2580,
    ids.CELL_UVPR_MV: 2620,
    ids.CELL_OVP_MV: 3650,
    ids.CELL_OVPR_MV: 3580,
    ids.BALANCE_TRIGGER_MV: 10,
    ids.SOC_100_MV: 3590,
    ids.SOC_0_MV: 2600,
    ids.RCV_MV: 3600,
    ids.RFV_MV: 3500,
    ids.POWER_OFF_MV: 2500,
    ids.CHARGE_OCP_MA: 40000,
    ids.CHARGE_OCP_DELAY_S: 3,
    ids.CHARGE_OCP_RELEASE_S: 60,
    ids.DISCHARGE_OCP_MA: 150000,
    ids.DISCHARGE_OCP_DELAY_S: 300,
    ids.DISCHARGE_OCP_RELEASE_S: 60,
    ids.SCP_RELEASE_S: 5,
    ids.BALANCE_MAX_MA: 1000,
    ids.CHARGE_OTP_DC: 700,
    ids.CHARGE_OTPR_DC: 600,
    ids.DISCHARGE_OTP_DC: 700,
    ids.DISCHARGE_OTPR_DC: 600,
    ids.CHARGE_UTP_DC: 20,
    ids.CHARGE_UTPR_DC: 70,
    ids.MOS_OTP_DC: 800,
    ids.MOS_OTPR_DC: 700,
    ids.CELL_COUNT: 16,
    ids.CHARGE_SWITCH: 1,
    ids.DISCHARGE_SWITCH: 1,
    ids.BALANCE_SWITCH: 1,
    ids.DESIGN_CAPACITY_MAH: 314000,
}

# vendor samples: request, ack, parameter, value
WRITES = (
    ("01101000000204 00000dd4 3aa0", "0110100000024508", ids.SMART_SLEEP_MV, 3540),
    ("0110100c000204 000010cc 33af", "0110100c0002850b", ids.CELL_OVP_MV, 4300),
    ("01101010000204 00001040 3353", "01101010000244cd", ids.CELL_OVPR_MV, 4160),
    ("01101028000204 00000a8c 3ad4", "011010280002c500", ids.POWER_OFF_MV, 2700),
    ("01101038000204 00024608 aebb", "011010380002c4c5", ids.DISCHARGE_OCP_MA, 149000),
    ("0110104c000204 000002ee bb26", "0110104c000284df", ids.CHARGE_OTP_DC, 750),
    ("0110105c000204 ffffff06 fad0", "0110105c0002851a", ids.CHARGE_UTP_DC, -250),
    ("01101070000204 00000001 f88b", "01101070000244d3", ids.CHARGE_SWITCH, 1),
    ("01101070000204 00000000 394b", "01101070000244d3", ids.CHARGE_SWITCH, 0),
    ("01101074000204 00000000 38b8", "0110107400020512", ids.DISCHARGE_SWITCH, 0),
    ("01101078000204 00000000 38ed", "011010780002c511", ids.BALANCE_SWITCH, 0),
    ("0110107c000204 0000c350 69d2", "0110107c000284d0", ids.DESIGN_CAPACITY_MAH, 50000),
    ("01101084000204 00000c1c 3335", "0110108400020521", ids.BALANCE_START_MV, 3100),
)


# req: COM-05, COM-08
def test_settings_are_answered_as_captured():
    bench = Bench(source=3, dip=0)
    bench.set(SETTINGS_OF_THAT_UNIT)
    assert bench.ask(raw("000310000040412b")) == raw(CAPTURED_SETTINGS)


# req: COM-05, PRF-05
def test_vendor_writes_become_parameters_and_are_acknowledged():
    for request, ack, id, value in WRITES:
        bench = Bench(source=2)
        bench.set({id: 1 - value if value in (0, 1) else 7})
        assert bench.ask(raw(request)) == raw(ack), request
        ((source, _, changes),) = bench.requests.submitted
        assert (source, changes) == (2, {id: value}), request


# req: COM-09
def test_a_refused_value_is_exception_03_and_a_refused_register_02():
    bench = Bench()
    bench.requests.refuses = Refused("out of range")
    assert bench.ask(raw(WRITES[0][0])) == raw("0190030c01")  # captured after a write of 0x14B2
    bench.requests.refuses = Refused("fixed", True)
    assert bench.ask(raw(WRITES[0][0])) == raw("019002cdc1")  # captured after a write of 0x14D4


# req: COM-09
def test_the_captured_refusal_of_0x14d4():
    bench = Bench()
    assert bench.ask(raw("01 10 14D4 0001 02 02FF A165")) == raw("01 90 02 CDC1")
    assert bench.requests.submitted == []


# req: COM-05
def test_the_low_byte_beside_the_sleep_hours_is_ignored():
    bench = Bench()
    bench.ask(raw("01 10 1118 0001 02 0016 2547"))  # refused by a JK: 0 hours
    assert bench.requests.submitted[0][2] == {ids.SMART_SLEEP_H: 0}


# req: COM-05, CHG-01
def test_bulk_and_float_times_share_a_word():
    bench = Bench(dip=2)
    bench.ask(raw("02 10 1504 0001 02 000A 77E2"))
    assert bench.requests.submitted[0][2] == {ids.RCV_TIME_DH: 0, ids.RFV_TIME_DH: 10}


# req: COM-05
def test_control_bits():
    bench = Bench(dip=2)
    bench.set({ids.DISPLAY_ALWAYS_ON: 0, ids.FLOAT_MODE: 1})
    for id in (ids.DISCHARGE_OCP2_ENABLED, ids.TIMED_DATA):
        bench.set({id: 0})
    # captured request "display always on" 0x0210: bits 4 and 9
    assert bench.ask(raw("02 10 1114 0001 02 0210 B019"))[:6] == raw("021011140001")
    assert bench.requests.submitted[0][2] == {ids.DISPLAY_ALWAYS_ON: 1}


# req: COM-09
def test_an_unsupported_control_bit_is_refused():
    bench = Bench(dip=2)
    assert bench.ask(sealed("02 10 1114 0001 02 0008"))[1:3] == b"\x90\x03"
    assert bench.requests.submitted == []


def refusal(text, bench=None):
    """Exception code of a request to address 1."""
    answer = (bench or Bench()).ask(sealed(text))
    assert len(answer) == 5, text
    return answer[2]


# req: COM-09
def test_reads_outside_the_areas_are_exception_02():
    for request in (
        "01 03 1001 0001",  # odd
        "01 03 0000 0001",
        "01 03 1126 0001",  # behind the settings
        "01 03 1124 0002",  # beyond their end
        "01 03 1326 0001",
        "01 03 1600 0001",  # control: write only
        "01 03 FFFE 0002",
        "01 03 1200 007A",  # 122 words
        "01 03 1200 0080",
        "01 03 1200 FFFF",
    ):
        assert refusal(request) == 2, request


# req: COM-05, COM-09
def test_121_words_are_the_most():
    bench = Bench()
    assert len(bench.ask(sealed("01 03 1200 0079"))) == 247
    assert refusal("01 03 1200 0000", bench) == 3


# req: COM-05
def test_reads_may_cross_a_page_as_on_a_jk():
    bench = Bench()
    for register, words in (
        ("10F0", "0017"),
        ("12F0", "000F"),
        ("12FA", "0001"),
        ("1114", "0001"),
        ("14B2", "0012"),
        ("14E4", "0012"),
        ("1506", "0001"),
    ):
        answer = bench.ask(sealed("01 03 %s %s" % (register, words)))
        assert len(answer) == 5 + 2 * int(words, 16), register


# req: COM-09
def test_unknown_functions_are_exception_01():
    for request in ("01 06 1000 0DAC", "01 04 1200 0001", "01 2B 0E 01 00", "01 11"):
        assert refusal(request) == 1, request


# req: COM-09
def test_writes_that_hit_no_setting_are_exception_02():
    bench = Bench()
    for request in (
        "01 10 1200 0001 02 0000",  # status
        "01 10 1088 0002 04 00000064",  # wire resistance
        "01 10 1108 0002 04 00000003",  # the address is the DIP switch
        "01 10 1002 0001 02 0DAC",  # half a setting
        "01 10 1000 0001 02 0000",
        "01 10 1001 0002 04 00000DAC",
        "01 10 1400 0001 02 4142",
        "01 10 1480 0001 02 4142",
        "01 10 1602 0001 02 0000",
        "01 10 1622 0001 02 0000",  # the logs
        "01 10 1084 0004 08 00000BB8 00000064",  # the second one is none
    ):
        assert refusal(request, bench) == 2, request
    assert bench.requests.submitted == []


# req: COM-09
def test_a_write_whose_lengths_disagree_is_exception_03():
    bench = Bench()
    assert refusal("01 10 1000 0001 04 00000DAC", bench) == 3
    assert refusal("01 10 1000 0000 00", bench) == 3
    assert bench.requests.submitted == []


# req: COM-05, PRF-06
def test_several_registers_are_one_request():
    bench = Bench()
    answer = bench.ask(sealed("01 10 1004 0004 08 00000A32 00000A5A"))
    assert answer == sealed("01 10 1004 0004")
    assert bench.requests.submitted[0][2] == {ids.CELL_UVP_MV: 2610, ids.CELL_UVPR_MV: 2650}


# req: COM-08, COM-09, COM-13
def test_addresses():
    read = "03 1200 0001"
    for source, dip, answers in (
        (2, 0, (1,)),  # towards the inverter 0 answers as 1
        (2, 1, (1,)),
        (2, 15, (15,)),
        (3, 0, (0,)),
        (3, 7, (7,)),
        (4, 0, (0,)),
    ):
        for address in (0, 1, 2, 7, 8, 15, 16, 247, 255):
            bench = Bench(source, dip)
            answer = bench.ask(sealed("%02X " % address + read))
            assert bool(answer) == (address in answers), (source, dip, address)


# req: PNL-05
def test_a_changed_dip_switch_counts_at_once():
    bench = Bench(source=3, dip=4)
    assert bench.ask(sealed("04 03 1108 0002"))[3:7] == b"\x00\x00\x00\x04"
    bench.state.panel.dip = 5
    assert bench.ask(sealed("04 03 1108 0002")) == b""
    assert bench.ask(sealed("05 03 1108 0002"))[3:7] == b"\x00\x00\x00\x05"


# req: COM-09
def test_silence_on_a_wrong_check_sum():
    bench = Bench()
    frame = bytearray(sealed("01 10 1070 0002 04 00000000"))
    for i in range(len(frame)):
        for bit in (1, 16, 128):
            damaged = bytearray(frame)
            damaged[i] ^= bit
            assert bench.ask(damaged, 20) == b"", (i, bit)
    assert bench.requests.submitted == []
    assert bench.port.counters.crc_errors > 0
    assert bench.ask(frame) != b""
