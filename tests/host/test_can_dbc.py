"""The generated DBC files: valid, complete, and of the same opinion as those written by hand."""

import cantools
import pytest

from host_sim import protocols
from tests.fakes.can import Bench
from tests.host import can_decoder
from tools import can_table, runtimes

FOLDER = runtimes.ROOT / "docs" / "dbc"
KEYS = sorted(can_decoder.FILES)
# the hand-written files show these as they are in the frame, ours as what they mean
AS_SENT = {"Ireversed", "Mode", "TmaxNo0", "TminNo0"}


def generated(key):
    return cantools.database.load_file(FOLDER / f"{key}.dbc", strict=True)


# req: COM-04
def test_every_protocol_has_a_file():
    assert sorted(path.stem for path in FOLDER.glob("*.dbc")) == KEYS == can_table.protocols()
    assert {row["module"] for row in protocols.implemented("can")} == set(KEYS)


# req: COM-04
@pytest.mark.parametrize("key", KEYS)
def test_it_decodes_what_is_sent_as_the_hand_written_one_does(key):
    bench = Bench(key)
    bench.set(
        measured_pack_mv=53_170, measured_shown_ma=12_300, charging_cvl_mv=57_600,
        charging_ccl_ma=38_000, gauge_soc_dpct=660, charging_charge_enable=True,
        measured_max_mv=3_571, measured_temp_max=313,
    )  # fmt: skip
    database = generated(key)
    for (id, extended), data in can_decoder.frames(bench, key).items():
        message = database.get_message_by_frame_id(id)
        assert message.is_extended_frame == extended
        assert message.length == len(data)
        ours = {(s.start, s.length, s.byte_order): (s.scale, s.offset, s.is_signed)
                for s in message.signals}  # fmt: skip
        for signal in can_decoder.messages(key)[id, extended].signals:
            place = (signal.start, signal.length, signal.byte_order)
            if place in ours and signal.name not in AS_SENT:
                scale, offset, signed = ours[place]
                unit = signal.scale / scale
                assert abs(unit - 1) < 1e-9 and signed == signal.is_signed, signal.name
                assert abs(offset - signal.offset) < 1e-9, signal.name
        values = message.decode(data, decode_choices=False)
        assert message.encode(values) == data, message.name


# req: COM-04
def test_what_the_inverter_sends_is_described():
    sma = generated("sma").get_message_by_name("InverterState")
    values = sma.decode(bytes.fromhex("6400020100004002"))
    assert values["SOH"] == 100 and values["ChargeProcedure"] == 2
    assert values["OperatingState"] == 1 and abs(values["ChargeVoltageSetPoint"] - 57.6) < 1e-9
    control = generated("jk500").get_message_by_frame_id(0x18F0F428)
    assert control.decode(bytes.fromhex("0501000100000000"))["MaskBalance"] == 1
