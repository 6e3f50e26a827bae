"""Every captured NW reply through the decoder that the tests of our own replies use, and the
vendor's sample with its known misprint."""

import json
from pathlib import Path

import pytest

from tests.fakes.nw_decoder import body, checked, fields

ROOT = Path(__file__).resolve().parents[2]
REPLIES = json.loads((ROOT / "tests/data/jk_nw.json").read_text())["replies"]
MISPRINT = b"\x49\x23"  # the vendor's sample; its bytes add up to 485C


# req: COM-05
@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply["provenance"])
def test_the_decoder_reads_captured_replies(reply):
    frame = bytes.fromhex(reply["hex"])
    if frame.endswith(MISPRINT):
        assert checked(frame[4:-4])[-2:] == b"\x48\x5c"
        frame = checked(frame[4:-4])
    order, found = fields(body(frame))
    assert order == sorted(order) and order[0] == 0x79
    cells = {int(cell): mv for cell, mv in reply["fields"]["79_cells_mV"].items()}
    assert found[0x79] == cells
    for name, value in reply["fields"].items():
        if name != "79_cells_mV" and isinstance(value, int):
            assert found[int(name, 16)] == value, name
