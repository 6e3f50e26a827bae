"""Pylontech RS485 against captured traffic, byte for byte.

Sources: replies of real US2000/US3000/UP2500 packs from python-pylontech's tests (MIT) and
pylontech-python's log (MIT), requests as those clients emit them; commands 61 to 63 as a JK-BMS
answered an inverter (logic analyser captures of sigrok-pylon-bms-decoders); the vendor's V3.3
document, whose printed check sum E1A2 is wrong (E27A).
"""

from firmware import parameter_ids as ids
from firmware.protocols.serial import pylontech
from tests.fakes.inverter import Bench, Pack

US2000 = (3359, 3360, 3360, 3360, 3360, 3360, 3361, 3360, 3360, 3361, 3362, 3360, 3362, 3362, 3361)
READ_ALARMS = b"~20024644E00202FD31\r"


def bench(dip=0, others=()):
    return Bench(pylontech.build, dip=dip, others=others)


def seen(pack):
    """A master that has read the alarms: nothing is unread."""
    assert pack.ask(READ_ALARMS)[:9] == b"~20024600"
    return pack


def pack_as(pack, mv, dc, pack_mv, ma, left, total, cycles):
    """A pack with these values; `dc` the MOSFETs first."""
    pack.cells(*mv)
    pack.state.measured.pack_mv = pack_mv
    pack.temperatures(*dc[1:], dc[0])
    pack.state.measured.shown_ma = ma
    gauge = pack.state.gauge
    gauge.remaining_mah, gauge.capacity_mah, gauge.cycles = left, total, cycles
    return pack


def us2000():
    return pack_as(bench(), US2000, (290, 260, 260, 260, 260), 50408, 2100, 35500, 50000, 79)


# req: COM-05, COM-13
def test_protocol_version():
    assert bench().ask(b"~2002464FC0048520FCB2\r") == b"~200246000000FDB2\r"
    assert bench().ask(b"~2000464F0000FD9A\r") == b"~200046000000FDB4\r"


# req: COM-05, COM-13
def test_analog_values_of_a_small_pack():
    assert seen(us2000()).ask(b"~20024642E00202FD33\r") == (
        b"~20024600C06E00020F0D1F0D200D200D200D200D200D210D200D200D210D220D200D220D220D21"
        b"050BCD0BAF0BAF0BAF0BAF0015C4E88AAC02C350004FE594\r"
    )


# req: COM-05
def test_the_client_s_two_byte_info_asks_for_the_same():
    small = seen(us2000())
    one = small.ask(b"~20024642E00202FD33\r")
    assert small.ask(b"~20024642C0040201FCD2\r") == one


# req: COM-05
def test_analog_values_with_long_capacities():
    ours = bench()
    ours.cells(3330, 3330, 3330, 3331, 3328, 3329, 3329, 3331)
    pack_as(
        ours, ours.state.measured.cell_mv, (210, 190, 190, 190, 200), 26638, -600, 95460, 111000, 0
    )
    seen(ours)
    ours.state.mosfets.charge_on = True  # a switch has changed since
    assert ours.ask(b"~20024642E00202FD33\r") == (
        b"~20024600D05E1002080D020D020D020D030D000D010D010D03050B7D0B690B690B690B73FFFA680E"
        b"FFFF04FFFF00000174E401B198E906\r"
    )


# req: COM-05
def test_analog_values_as_the_document_prints_them():
    ours = bench()
    mv = (3397, 3396, 3397, 3396, 3397, 3396, 3390, 3397, 3402, 3402, 3403, 3402, 3402, 3402, 3402)
    pack_as(ours, mv, (280, 280, 280, 290, 290), 50981, 0, 51800, 74000, 2)
    assert ours.ask(b"~20024642E00202FD33\r") == (
        b"~20024600F07A11020F0D450D440D450D440D450D440D3E0D450D4A0D4A0D4B0D4A0D4A0D4A0D4A05"
        b"0BC30BC30BC30BCD0BCD0000C725FFFF04FFFF000200CA58012110E27A\r"
    )


# req: COM-05, COM-08
def test_all_packs_of_a_group():
    first = [3277, 3278, 3276, 3278, 3275, 3276, 3277, 3276, 3277, 3275, 3276, 3277, 3277, 3278]
    second = [3274, 3274, 3275, 3276, 3274, 3276, 3275, 3275, 3275, 3275, 3275, 3274, 3276, 3276]
    first.append(3276)
    second.append(3275)
    slave = pack_as(Pack(), second, (320, 290, 290, 290, 280), 49125, -4700, 24500, 50000, 658)
    master = bench(others=(slave,))
    pack_as(master, first, (310, 290, 290, 300, 290), 49149, -6100, 32560, 74000, 564)
    assert master.ask(b"~20024642E002FFFD09\r") == (
        b"~2002460010F011020F0CCD0CCE0CCC0CCE0CCB0CCC0CCD0CCC0CCD0CCB0CCC0CCD0CCD0CCE0CCC"
        b"050BE10BCD0BCD0BD70BCDFFC3BFFDFFFF04FFFF0234007F300121100F0CCA0CCA0CCB0CCC0CCA0CCC"
        b"0CCB0CCB0CCB0CCB0CCB0CCA0CCC0CCC0CCB050BEB0BCD0BCD0BCD0BC3FFD1BFE5FFFF04FFFF0292005F"
        b"B400C350C4A7\r"
    )


# req: COM-05
def test_alarms_of_an_idle_pack():
    ours = us2000()
    ours.state.mosfets.charge_on = ours.state.mosfets.discharge_on = True
    assert seen(ours).ask(b"~20024644C0040201FCD0\r") == (
        b"~20024600C04000020F000000000000000000000000000000050000000000000000000E800000F161\r"
    )


# req: COM-05
def test_system_parameters():
    ours = us2000()
    ours.set(
        {
            ids.CELL_COUNT: 15,
            ids.CELL_OVP_MV: 3650,
            ids.CELL_UVPR_MV: 3050,
            ids.CELL_UVP_MV: 2900,
            ids.CHARGE_OTP_DC: 610,
            ids.CHARGE_UTP_DC: -110,
            ids.DISCHARGE_OTP_DC: 610,
            ids.DISCHARGE_UTP_DC: -110,
            ids.CHARGE_OCP_MA: 102000,
            ids.DISCHARGE_OCP_MA: 100000,
            ids.PACK_OVP_MV: 54000,
            ids.PACK_UVPR_MV: 46000,
            ids.PACK_UVP_MV: 44500,
        }
    )
    assert ours.ask(b"~20024647C0040000FCD0\r") == (
        b"~20024600B032110E420BEA0B540D0D0A3D03FCD2F0B3B0ADD40D0D0A3DFC18F23D\r"
    )


# req: COM-05, COM-13
def test_management():
    ours = bench()
    ours.asks(53250, 47000, 25000, 25000)
    assert ours.ask(b"~20024692E00202FD2E\r") == b"~20024600B01402D002B79800FAFF06C0F92D\r"
    assert ours.ask(b"~20024692C0040201FCCD\r") == b"~20024600B01402D002B79800FAFF06C0F92D\r"
    ours.asks(28400, 23200, 55500, 55500)
    assert ours.ask(b"~20024692E00202FD2E\r") == b"~20024600B014026EF05AA0022BFDD5C0F915\r"


def jk():
    """The JK pack of the captures."""
    ours = bench()
    ours.cells(3571, 3570, 3570, 3569)
    measured, gauge = ours.state.measured, ours.state.gauge
    measured.pack_mv = 57103
    ours.temperatures(310, 310, 305, 315, 292)
    gauge.soc_dpct = 990
    return ours


# req: COM-05
def test_system_analog_values():
    assert jk().ask(b"~200246610000FDAB\r") == (
        b"~200246008062DF0F0000630000000064640DF300010DF100040BE10BE600040BDC00030BCF0BCF0000"
        b"0BCF00000BCF0BCF00000BCF0000E891\r"
    )


# req: COM-05
def test_system_alarms_and_management():
    ours = jk()
    assert ours.ask(b"~200246620000FDAA\r") == b"~20024600800800000000FC22\r"
    ours.asks(57600, 41600, 38000, 190000)
    assert ours.ask(b"~200246630000FDA9\r") == b"~20024600D012E100A280017C076CC0F9BC\r"


# req: COM-05, COM-13
def test_a_search_through_the_groups_is_answered_once():
    asked = (
        b"~200246610000FDAB\r",
        b"~201246610000FDAA\r",
        b"~202246610000FDA9\r",
        b"~203246610000FDA8\r",
        b"~204246610000FDA7\r",
        b"~20424642E00242FD2B\r",
    )
    ours = jk()
    assert [len(ours.ask(frame)) for frame in asked] == [116, 0, 0, 0, 0, 0]


# req: COM-05
def test_an_unknown_command_gets_the_code_that_a_jk_sends():
    assert bench().ask(b"~200246430000FDAB\r") == b"~200246040000FDAE\r"


# req: COM-08
def test_the_reply_of_sixteen_packs_comes_in_parts():
    others = [Pack() for _ in range(15)]
    master = bench(others=others)
    others.append(master)
    for pack in others:
        pack_as(pack, US2000, (290,) * 5, 50408, 2100, 355000, 500000, 79)
    reply = master.ask(b"~20024642E002FFFD09\r", 30)
    digits = 2 * (2 + 16 * 59)
    assert len(reply) == 18 + digits and master.serial.writes == 7
    assert reply[:17] == b"~20024600%04X1110" % 0xF764
    one = 2 * 59
    assert reply[17 : 17 + one] == reply[17 + 15 * one : 17 + 16 * one]
    assert (sum(reply[1:-5]) + int(reply[-5:-1], 16)) % 65536 == 0
    assert master.ask(b"~2002464F0000FD98\r") == b"~200246000000FDB2\r"
