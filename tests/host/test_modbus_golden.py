"""Captured blocks and the vendor's write samples against the register map.

The blocks are little-endian images of the three areas; FC03 of the same layout is big-endian.
"""

import json
import struct
from pathlib import Path

import pytest

from firmware import parameter_ids as ids
from firmware.protocols import jk_areas, jk_settings
from firmware.protocols import jk_settings_table as table
from firmware.settings import jk_write
from host_sim import jk_layout
from tests.fakes.jk import Bench, sealed
from tools import generate_jk
from tools.generate import formatted

ROOT = Path(__file__).resolve().parents[2]
DATA = json.loads((ROOT / "tests/data/jk_modbus.json").read_text())
NOT_A_SETTING = "CellConWireRes"  # of the unit's own wires; ours are measured, not entered


def blocks(kind, firmware=None):
    return [
        bytes.fromhex(block["hex"])
        for block in DATA["blocks"]
        if block["type"] == kind and firmware in (None, block["firmware"])
    ]


def load(bench, data):
    """Put a captured settings area into the parameters, by the offsets of the generated table."""
    for register, code, id in jk_write.fields():
        if register >= jk_settings.STATUS:
            continue
        (value,) = struct.unpack_from("<" + code, data, register - jk_settings.SETTINGS)
        bench.parameters.values[id] = value * 10 if code == "b" else value
    (word,) = struct.unpack_from("<H", data, table.CONTROL - jk_settings.SETTINGS)
    for bit, id in enumerate(table.CONTROL_BITS):
        if id:
            bench.parameters.values[id] = word >> bit & 1


# req: COM-05
def test_the_corpus_is_sound():
    for block in blocks(1) + blocks(2) + blocks(3):
        assert len(block) == 300 and sum(block[:299]) & 255 == block[299]
    assert len(blocks(1)) == 5 and len(blocks(2)) == 3 and len(blocks(3)) == 1


# req: COM-05
@pytest.mark.parametrize(
    "request_hex, answer_hex", [(pair["request"], pair["answer"]) for pair in DATA["exchanges"]]
)
def test_captured_exchanges(request_hex, answer_hex):
    request, answer = bytes.fromhex(request_hex), bytes.fromhex(answer_hex)
    bench = Bench(source=3, dip=request[0])
    if answer[1] == 3:  # an answer with settings: ours after loading them
        swapped = bytearray(jk_settings.SIZE)
        for at in range(3, len(answer) - 2, 4):
            swapped[at - 3 : at + 1] = bytes(reversed(answer[at : at + 4]))
        load(bench, swapped)
    assert bench.ask(request) == answer


# req: COM-05, PRF-05
@pytest.mark.parametrize("block", blocks(1), ids=range(5))
def test_settings_of_a_block_come_back_byte_for_byte(block):
    data = block[6:299]
    bench = Bench(source=3, dip=data[0x108])
    load(bench, data)
    ours = bytearray(jk_settings.SIZE)
    jk_areas.encode(jk_settings.SETTINGS, bench.view, b"<", ours, 0)
    different = [at for at in range(293) if ours[at] != data[at]]
    # 0x1115: over-current III (bit 13) has no parameter here; 0x111D...: fields tools show
    allowed = [0x115, 0x11F, 0x120]
    assert [at for at in different if at not in allowed] == []
    assert (ours[0x115] ^ data[0x115]) & ~0x20 == 0


# req: COM-05, PRF-01
def test_one_click_lfp_as_captured():
    lfp = next(
        b[6:] for b in blocks(1) if b[6:10] == struct.pack("<I", 3500) and b[6 + 0x2C] == 64
    )
    bench = Bench()
    load(bench, lfp)
    values = bench.parameters.values
    assert [values[id] for id in (ids.CELL_UVP_MV, ids.CELL_OVP_MV, ids.POWER_OFF_MV)] == [
        2580,
        3650,
        2500,
    ]
    assert values[ids.BATTERY_ALARM_DC] == 600 and values[ids.BATTERY_ALARM_RELEASE_DC] == 500
    assert values[ids.SMART_SLEEP_H] == 24 and values[ids.CURRENT_RANGE_MA] == 1_500_000


# req: COM-14, SEC-03, DEV-01
def test_information_of_a_unit_with_our_version():
    (block,) = blocks(3, "15.30")
    data = block[6:299]
    bench = Bench()
    bench.parameters.texts = [
        b"JK_PB1A16S15P",
        b"40618460410",
        b"241103",
        b"JK-BMS",
        b"40618460410",
    ]
    bench.state.system.run_time_s, bench.state.system.starts = 507000, 9
    values = bench.parameters.values
    values[ids.RS485_1_PROTOCOL], values[ids.CAN_PROTOCOL] = data[0xB2], data[0xB3]
    values[ids.BUZZER_TRIGGER], values[ids.DRY1_TRIGGER], values[ids.DRY2_TRIGGER] = 9, 8, 0
    values[ids.DRY1_ON], values[ids.DRY1_OFF], values[ids.DRY2_ON], values[ids.DRY2_OFF] = (
        60,
        50,
        0,
        0,
    )
    values[ids.RCV_TIME_DH], values[ids.RFV_TIME_DH] = 50, 50
    ours = bytearray(jk_settings.SIZE)
    jk_areas.encode(jk_settings.INFO, bench.view, b"<", ours, 0)
    different = {at for at in range(293) if ours[at] != data[at]}
    secrets = set(range(0x38, 0x48)) | set(range(0x70, 0x80))
    rubbish = {0x34, *range(0x5C, 0x60)}  # behind the end of two texts of that unit
    masks = {0xB4, 0xB5, 0xC4, 0xC5, 0xD5, 0xD6}  # what we have is less
    assert different - secrets - rubbish - masks == set()
    assert not any(ours[at] for at in secrets)


def read_of(write):
    """FC03 of the two words that a sample writes."""
    return sealed("01 03 " + write["request"][4:12])


def answer_with(write):
    """The FC03 answer that shows the sample's value."""
    return sealed("01 03 04 " + write["request"][14:22])


# req: COM-05, PRF-05
@pytest.mark.parametrize("write", DATA["writes"], ids=lambda write: write["parameter"])
def test_vendor_write_samples(write):
    bench = Bench()
    answer = bench.ask(bytes.fromhex(write["request"]))
    if write["parameter"].startswith(NOT_A_SETTING):
        assert answer[1:3] == b"\x90\x02" and not bench.requests.submitted
        return
    assert answer == bytes.fromhex(write["ack"])
    ((_, _, changes),) = bench.requests.submitted or [(0, 0, {})]
    if changes:
        assert list(changes.values()) == [write["value"]]
    else:  # acknowledged without a request: it stands so already
        assert bench.ask(read_of(write)) == answer_with(write)


# req: PRF-05
def test_the_generated_table_is_current():
    for name, text in generate_jk.outputs().items():
        assert (ROOT / name).read_text() == formatted(name, text), name


# req: PRF-05
def test_overlapping_registers_are_an_error():
    with pytest.raises(ValueError, match="0x1002"):
        generate_jk.runs([(0x1000, "I", 1), (0x1002, "B", 2)])


# req: COM-05, MEA-01
def test_captured_blocks_by_names():
    seen = [
        (status["pack_mv"], status["soc_pct"], status["t1_dc"], status["full_mah"])
        for status in (
            jk_layout.decode(jk_layout.STATUS_GROUPS, block, 6, "<") for block in blocks(2)
        )
    ]
    assert sorted(seen) == [
        (52283, 64, 167, 314000),
        (52342, 65, 170, 314000),
        (52695, 55, 195, 280000),
    ]
    (block,) = blocks(3, "15.30")
    info = jk_layout.decode(jk_layout.INFO_GROUPS, block, 6, "<")
    assert info["model"].rstrip(b"\0") == b"JK_PB1A16S15P" and info["starts"] == 9


# req: COM-05, MEA-01
def test_our_status_by_names():
    bench = Bench()
    measured = bench.state.measured
    measured.cell_count = 3
    for i in range(3):
        measured.cell_mv[i] = 3300 + i
    measured.pack_mv, measured.shown_ma = 9903, -4500
    bench.state.mosfets.discharge_on = True
    out = bytearray(300)
    jk_areas.encode(jk_settings.STATUS, bench.view, b">", out, 3)
    status = jk_layout.decode(jk_layout.STATUS_GROUPS, out, 3, ">")
    assert status["cell_mv"] == (3300, 3301, 3302) + 29 * (0,) and status["cell_mask"] == 7
    assert (status["pack_mv"], status["current_ma"]) == (9903, -4500)
    assert (status["charge_mos"], status["discharge_mos"]) == (0, 1)
    assert status["t5_dc"] == -2000 and status["started"] == 0
