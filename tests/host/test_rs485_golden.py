"""Captured RS485 frames: our server makes the same bytes from the same values, and answers what
inverters ask. tests/data/rs485_frames.json names the source of each."""

import json
import struct

import pytest

from firmware import requests as request
from tests.fakes.inverter import Bench, Pack
from tests.fakes.serial_protocols import PROTOCOLS, pylon
from tests.host import rs485_decoder as decoder
from tools import runtimes

FRAMES = json.loads((runtimes.ROOT / "tests" / "data" / "rs485_frames.json").read_text())
KEY = {"wow": "pace"}  # the same map
CELLS = (3570, 3565, 3567, 3566, 3567, 3569, 3566, 3566, 3567, 3567, 3567, 3569, 3570, 3571,
         3570, 3569)  # fmt: skip


def bench(key):
    return Bench(PROTOCOLS[KEY.get(key, key)][0])


def captured(protocol, start):
    """The captured answer that begins so."""
    found = [f["hex"] for f in FRAMES if f["protocol"] == protocol and f["hex"].startswith(start)]
    assert len(set(found)) == 1
    return bytes.fromhex(found[0])


def values(pack, **records):
    """Fields of the state by record_field."""
    for name, value in records.items():
        record, _, field = name.partition("_")
        setattr(getattr(pack.state, record), field, value)
    return pack


# req: COM-05
@pytest.mark.parametrize("frame", [f for f in FRAMES if f["to"] == "bms"], ids=lambda f: f["hex"])
def test_a_captured_question_is_answered_whole(frame):
    ours = bench(frame["protocol"])
    ours.cells(*CELLS)
    ours.temperatures(317, 315, 313, 320, 296)
    question = bytes.fromhex(frame["hex"])
    answer = ours.ask(question)
    if frame["protocol"] != "pylontech":
        assert decoder.crc(answer) == 0 and answer[:2] == question[:2]
        return
    address = int(question[3:5], 16)
    if address in (0, 2):
        assert decoder.pylon(answer)[0] == 0
    else:
        assert answer == b""  # of other groups


def growatt():
    """The Seplos pack of the captures."""
    ours = bench("growatt")
    return values(
        ours,
        balance_active=True,
        charging_charge_enable=True,
        charging_discharge_enable=True,
        charging_ccl_ma=180_000,
        gauge_soc_dpct=700,
        gauge_remaining_mah=140_400,
        gauge_capacity_mah=200_000,
        measured_pack_mv=55_520,
        measured_temp_max=260,
    )


# req: COM-05
def test_growatt_status_as_a_seplos_answers():
    answer = growatt().ask(decoder.read(0x10, 15))
    assert answer == captured("growatt", "01031e0000000000000069")


# what a JK says differently: a date, its "SP status", versions; no number of cells
JK_OWN = (0x11, 0x12, 0x13, 0x1C, 0x29)


def growatt_jk(mv, soc_left_mah, dc):
    ours = bench("growatt")
    return values(
        ours,
        balance_active=True,
        charging_charge_enable=True,
        charging_discharge_enable=True,
        charging_cvl_mv=57_600,
        charging_ccl_ma=38_000,
        charging_dcl_ma=190_000,
        gauge_soc_dpct=860,
        gauge_remaining_mah=soc_left_mah,
        gauge_capacity_mah=5_000,
        measured_pack_mv=mv,
        measured_temp_max=dc,
        measured_max_mv=3569,
        measured_min_mv=3566,
        measured_max_cell=0,
        measured_min_cell=6,
    )


# req: COM-05
def test_growatt_values_as_a_jk_answers():
    asked = bytes.fromhex("01030010001b0404")
    ours = decoder.words(growatt_jk(57_070, 4_300, 320).ask(asked))
    theirs = decoder.words(captured("growatt", "01033600000000020b0469"))
    for i, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        assert our == their or 0x10 + i in JK_OWN, hex(0x10 + i)
    assert ours[3] & 0x3FF == theirs[3] & 0x3FF  # all of the status but the "SP status"


# req: COM-05
def test_growatt_limits_as_a_jk_answers():
    ours = values(growatt_jk(57_070, 4_300, 320), measured_max_mv=3570, measured_min_cell=1)
    assert ours.ask(decoder.read(0x20, 11)) == captured("growatt", "0103160064168000004a38")


# req: COM-05
def test_growatt_cells_stand_where_the_document_has_them():
    """A JK has cell 1 at 0x0070 when that is asked for; the document has the pack there."""
    theirs = decoder.words(captured("growatt", "0103220df10ded"))
    assert theirs[16] == 0
    ours = bench("growatt")
    ours.cells(*theirs[:16])
    assert decoder.words(ours.ask(decoder.read(0x71, 16))) == theirs[:16]
    assert decoder.words(ours.ask(bytes.fromhex("010300700011841d"))) == (1, *theirs[:16])


# req: COM-05
def test_growatt_greets():
    greeting = bytes.fromhex("011000130001020000a4f3")
    assert bench("growatt").ask(greeting) == bytes.fromhex("011000130001f00c")


VOLTRONIC = [f for f in FRAMES if f["protocol"] == "voltronic" and f["to"] == "inverter"]


# req: COM-05
@pytest.mark.parametrize("frame", VOLTRONIC, ids=lambda f: hex(f["register"]))
def test_voltronic_registers_as_a_seplos_answers(frame):
    ours = bench("voltronic")
    ours.asks(57_600, 51_200, 180_000, 180_000)
    values(ours, gauge_soc_dpct=700, gauge_capacity_mah=200_000)
    assert ours.ask(decoder.read(frame["register"], 1)) == bytes.fromhex(frame["hex"])


# req: COM-05
@pytest.mark.parametrize("number", [4, 9])
def test_cells_and_temperatures_as_a_jk_answers_wow_and_pace(number):
    ours = bench("pace" if number == 4 else "wow")
    ours.cells(*CELLS)
    ours.temperatures(317, 315, 313, 320, 296)
    answer = captured("wow", "01032c")
    assert ours.ask(bytes.fromhex("0103000f0016f407")) == answer
    assert decoder.words(answer)[:16] == CELLS


# req: COM-05, COM-09
def test_exceptions_are_each_protocol_s_own():
    refused = {"growatt": 2, "pace": 2, "voltronic": 2}
    unknown = {"growatt": 1, "pace": 1, "voltronic": 2}
    for key, code in refused.items():
        ours = bench(key)
        write = decoder.sealed(bytes.fromhex("0110004000010200ff"))
        assert ours.ask(write) == decoder.sealed(bytes((1, 0x90, code)))
        assert ours.ask(decoder.sealed(bytes.fromhex("010600400001"))) == decoder.sealed(
            bytes((1, 0x86, unknown[key]))
        )
        assert ours.requests.submitted == []
    for first, count in ((0x0000, 1), (0x0090, 2), (0x0091, 1), (0xFFFF, 1)):
        assert bench("growatt").ask(decoder.read(first, count))[1] == 0x83
    assert bench("pace").ask(decoder.read(179, 2))[1] == 0x83


# req: COM-05
def test_what_voltronic_does_not_have_is_zero():
    ours = bench("voltronic")
    assert decoder.words(ours.ask(decoder.read(0x0F00, 3)), wide=True) == (0, 0, 0)
    assert decoder.words(ours.ask(decoder.read(0xFFFF, 1)), wide=True) == (0,)
    assert ours.ask(decoder.read(0xFFFF, 2))[1] == 0x83
    assert struct.unpack_from(">H", ours.ask(decoder.read(0x10, 125)), 2) == (250,)


# req: COM-13
def test_pylontech_addresses():
    def heard(source, dip, **bank):
        ours = Bench(PROTOCOLS["pylontech"][0], source=source, dip=dip, **bank)
        asked = ((n, ours.ask(pylon(0x61, "", n))) for n in range(256))
        return [n for n, reply in asked if reply]

    assert heard(request.RS485_1, 0) == [2]
    assert heard(request.RS485_1, 7) == [2, 7]
    assert heard(request.RS485_2, 0) == [2]
    assert heard(request.RS485_2, 7) == [7]  # others are on that wire
    assert heard(request.RS485_1, 0, others=[Pack(), Pack()]) == [2, 3, 4]


# req: COM-13
def test_addresses():
    for key in ("growatt", "pace", "voltronic"):
        common = key == "voltronic"
        for dip in (0, 1, 7):
            ours = Bench(PROTOCOLS[key][0], source=request.RS485_1, dip=dip)
            heard = [n for n in range(1, 17) if ours.ask(decoder.read(0x10, 1, n))]
            assert heard == sorted({dip or 1} | ({1} if common else set()))
            assert not any(ours.ask(decoder.read(0x10, 1, n)) for n in (0, 17, 247, 255))
    shared = Bench(
        PROTOCOLS["voltronic"][0], source=request.RS485_2, dip=7
    )  # RS485-2: others answer there
    assert not shared.ask(decoder.read(0x10, 1, 1)) and shared.ask(decoder.read(0x10, 1, 7))
