"""What inverters read over RS485, whatever the pack says: read back by decoders that were written
from the documents. Values that the wire cannot carry stop at its ends and never wrap."""

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware import parameter_ids as ids
from tests.fakes.inverter import Bench, Pack
from tests.fakes.serial_protocols import PROTOCOLS, pylon
from tests.host import rs485_decoder as decoder

MV = st.integers(0, 65535)
DC = st.one_of(st.none(), st.integers(-400, 1200))
MA = st.one_of(st.integers(-400_000, 400_000), st.integers(-(2**30), 2**30))
LIMIT_MA = st.one_of(st.integers(0, 400_000), st.integers(0, 2**30))
MAH = st.one_of(st.integers(0, 400_000), st.integers(0, 2**30))


@st.composite
def packs(draw):
    """{what: value} of a pack."""
    cells = draw(st.lists(MV, min_size=3, max_size=16))
    return {
        "cells": cells,
        "pack_mv": draw(st.one_of(st.just(sum(cells)), st.integers(0, 90_000))),
        "dc": draw(st.lists(DC, min_size=5, max_size=5)),
        "ma": draw(MA),
        "soc": draw(st.one_of(st.none(), st.integers(0, 1000))),
        "soh": draw(st.integers(0, 100)),
        "left": draw(st.one_of(st.none(), MAH)),
        "full": draw(MAH),
        "cycles": draw(st.integers(0, 100_000)),
        "cvl": draw(st.integers(0, 80_000)),
        "dvl": draw(st.integers(0, 80_000)),
        "ccl": draw(LIMIT_MA),
        "dcl": draw(LIMIT_MA),
        "flags": draw(st.lists(st.booleans(), min_size=4, max_size=4)),
    }


def put(pack, want):
    """Put the values into a pack; the raw limits are never to be seen."""
    pack.cells(*want["cells"])
    pack.temperatures(*want["dc"])
    state = pack.state
    measured, gauge, charging = state.measured, state.gauge, state.charging
    measured.pack_mv, measured.shown_ma = want["pack_mv"], want["ma"]
    gauge.soc_dpct, gauge.soh_pct, gauge.cycles = want["soc"], want["soh"], want["cycles"]
    gauge.remaining_mah, gauge.capacity_mah = want["left"], want["full"]
    charging.cvl_mv, charging.dvl_mv = want["cvl"], want["dvl"]
    charging.ccl_ma, charging.dcl_ma = want["ccl"], want["dcl"]
    charging.charge_enable, charging.discharge_enable = want["flags"][:2]
    charging.force_charge, charging.full_charge = want["flags"][2:]
    limits = state.limits
    limits.charge_ma, limits.discharge_ma = want["ccl"] + 77_000, want["dcl"] + 77_000
    return pack


def bench(key, want):
    return put(Bench(PROTOCOLS[key][0]), want)


def near(value, step, low=0, high=65535):
    """The nearest count; halves go up."""
    return min(max((2 * value + step) // (2 * step), low), high)


def down(value, step, high=65535):
    return min(value // step, high)


def percent(dpct):
    return near(dpct or 0, 10, 0, 100)


def battery(want):
    return [dc for dc in want["dc"][:4] if dc is not None]


def fitted(want):
    """Values of the fitted sensors, the MOSFETs' first."""
    return [dc for dc in [want["dc"][4], *want["dc"][:4]] if dc is not None]


def registers(ours, spans, wide=False):
    """{register: word} of some spans, read in pieces of 16."""
    out = {}
    for first, last in spans:
        for at in range(first, last + 1, 16):
            count = min(16, last + 1 - at)
            answer = decoder.words(ours.ask(decoder.read(at, count), 5), wide)
            assert len(answer) == count
            out.update((at + i, word) for i, word in enumerate(answer))
    return out


# req: COM-05
@settings(max_examples=60, deadline=None)
@given(packs())
def test_growatt(want):
    got = decoder.growatt(registers(bench("growatt", want), ((0x10, 0x29), (0x70, 0x80))))
    assert got["cells"] == want["cells"] + [0] * (16 - len(want["cells"]))
    assert got["series"] == len(want["cells"])
    assert got["high"] == (max(want["cells"]), 1 + want["cells"].index(max(want["cells"])))
    assert got["low"] == (min(want["cells"]), 1 + want["cells"].index(min(want["cells"])))
    assert got["soc"] == percent(want["soc"]) and got["soh"] == want["soh"]
    assert got["v"] == near(want["pack_mv"], 10)
    assert got["a"] == near(want["ma"], 10, -32768, 32767)
    assert got["t"] == (near(max(battery(want)), 10, -99) if battery(want) else 0)
    assert got["left"] == near(want["left"] or 0, 10) and got["full"] == near(want["full"], 10)
    assert got["cycles"] == min(want["cycles"], 65535)
    assert got["cvl"] == down(want["cvl"], 10)
    assert (got["ccl"], got["dcl"]) == (down(want["ccl"], 10), down(want["dcl"], 10))
    assert [got["charge"], got["discharge"], got["force"]] == want["flags"][:3]
    assert got["mode"] == (
        "charge" if want["ma"] > 0 else "discharge" if want["ma"] < 0 else "standby"
    )
    assert (got["error"], got["faults"], got["warnings"], got["chemistry"]) == (0, 0, 0, 0)


# req: COM-05
@settings(max_examples=60, deadline=None)
@given(packs())
def test_voltronic(want):
    got = decoder.voltronic(registers(bench("voltronic", want), ((0x10, 0x77),), wide=True))
    assert got["cells"] == [near(mv, 100) for mv in want["cells"]]
    assert not any(got["beyond"])
    assert [raw - 2731 for raw in got["temps"]] == fitted(want)
    assert got["in"] == near(want["ma"], 100) and got["out"] == near(-want["ma"], 100)
    assert got["v"] == near(want["pack_mv"], 100) and got["soc"] == percent(want["soc"])
    assert got["full"] == min(want["full"], 2**30 - 1)
    assert got["left"] == min(want["left"] or 0, 2**30 - 1)
    assert got["cvl"] == want["cvl"] // 100 and got["dvl"] == -(-want["dvl"] // 100)
    assert (got["ccl"], got["dcl"]) == (down(want["ccl"], 100), down(want["dcl"], 100))
    flags = [got[name] for name in ("charge", "discharge", "force", "full_request")]
    assert flags == want["flags"] and got["packs"] == 1
    assert got["alarms"] == got["charge_faults"] == got["discharge_faults"] == 0
    assert not any(got["states"] + got["cell_states"] + got["temp_states"])
    assert len(got["temp_states"]) == len(fitted(want))


# req: COM-05
@settings(max_examples=60, deadline=None)
@given(packs())
def test_pace(want):
    ours = bench("pace", want)
    got = decoder.pace(registers(ours, ((0, 36), (60, 114))))
    assert got["cells"] == want["cells"] + [0] * (16 - len(want["cells"]))
    known = battery(want)
    mean = sum(known) // len(known) if known else 0
    assert got["temps"] == [mean if dc is None else dc for dc in want["dc"][:4]]
    assert got["near"] == mean and got["mos"] == (want["dc"][4] or 0)
    assert got["a"] == near(want["ma"], 10, -32768, 32767)
    assert got["v"] == near(want["pack_mv"], 10)
    assert got["soc"] == percent(want["soc"]) and got["soh"] == want["soh"]
    assert got["left"] == near(want["left"] or 0, 10) and got["full"] == near(want["full"], 10)
    assert got["full_mv"] == min(want["cvl"], 65535)
    assert got["charge_high"][0] == down(want["ccl"], 1000)
    assert got["discharge_high"][0] == down(want["dcl"], 1000)
    assert (got["warnings"], got["protections"]) == (0, 0)
    values = ours.parameters.values
    count = values[ids.CELL_COUNT]
    assert got["pack_high"][1:] == [
        count * values[ids.CELL_OVP_MV], count * values[ids.CELL_OVPR_MV],
        values[ids.CELL_OVP_DELAY_MS] // 100,
    ]  # fmt: skip
    assert got["cell_low"][1:] == [values[ids.CELL_UVP_MV], values[ids.CELL_UVPR_MV], 20]
    assert got["hot_cold"][1] == values[ids.CHARGE_OTP_DC]
    assert got["hot_cold"][10] == values[ids.DISCHARGE_UTP_DC]


def info(ours, *question):
    code, data = decoder.pylon(ours.ask(pylon(*question), 5))
    assert code == 0
    return data


def check_analog(got, want):
    """A pack of command 42."""
    assert got["cells"] == want["cells"]
    assert got["temps"] == fitted(want)
    assert got["a"] == near(want["ma"], 100, -32768, 32767)
    assert got["v"] == min(want["pack_mv"], 65535)
    assert got["cycles"] == min(want["cycles"], 65535)


# req: COM-05
@settings(max_examples=60, deadline=None)
@given(packs())
def test_pylontech(want):
    ours = bench("pylontech", want)
    _, number, (got,) = decoder.pylon_analog(info(ours, 0x42, "02"))
    assert number == 2
    check_analog(got, want)
    top = 0xFFFFFF if want["full"] > 65_000 else 0xFFFF
    assert (got["left"], got["full"]) == (min(want["left"] or 0, top), min(want["full"], top))
    got = decoder.pylon_system(info(ours, 0x61))
    assert got["a"] == near(want["ma"], 10, -32768, 32767)
    assert got["v"] == min(want["pack_mv"], 65535) and got["soc"] == percent(want["soc"])
    assert got["high"][0] == max(want["cells"]) and got["low"][0] == min(want["cells"])
    if battery(want):
        assert got["hot"][0] - 2731 == max(battery(want))
        assert want["dc"][got["cold"][2] - 1] == min(battery(want))
    for command, sign in ((0x63, 1), (0x92, -1)):
        data = info(ours, command, "" if command == 0x63 else "02")
        got = decoder.pylon_limits(data if command == 0x63 else data[1:])
        assert (got["cvl"], got["dvl"]) == (min(want["cvl"], 65535), min(want["dvl"], 65535))
        assert got["ccl"] == down(want["ccl"], 100, 32767)
        assert got["dcl"] == sign * down(want["dcl"], 100, 32767)
        flags = [got[name] for name in ("charge", "discharge", "force", "full_request")]
        assert flags == want["flags"]
    assert info(ours, 0x62) == bytes(4)
    got = decoder.pylon_alarm(info(ours, 0x44, "02"))
    assert got["cells"] == [0] * len(want["cells"]) and not any(got["temps"])


# req: COM-05, COM-08
@settings(max_examples=40, deadline=None)
@given(st.lists(packs(), min_size=2, max_size=3), st.data())
def test_pylontech_speaks_for_a_bank(wants, data):
    others = [put(Pack(), want) for want in wants[1:]]
    master = put(Bench(PROTOCOLS["pylontech"][0], others=others), wants[0])
    flag, number, got = decoder.pylon_analog(info(master, 0x42, "FF"))
    assert number == len(wants) == len(got) and flag & ~0x11 == 0
    for pack, want in zip(got, wants, strict=True):
        check_analog(pack, want)
    nth = data.draw(st.integers(0, len(wants) - 1))
    for question in ((0x42, f"{2 + nth:02X}"), (0x42, "", 2 + nth)):
        _, number, (one,) = decoder.pylon_analog(info(master, *question))
        assert number == 2 + nth
        check_analog(one, wants[nth])
    _, data = decoder.pylon(master.ask(pylon(0x60), 5))
    assert data[32] == len(wants) and len(data) == 33 + 16 * len(wants)
    assert decoder.pylon(master.ask(pylon(0x92, f"{2 + len(wants):02X}"), 5)) == (0x90, b"")


# req: COM-05, COM-14
def test_pylontech_names():
    ours = Bench(PROTOCOLS["pylontech"][0])
    data = info(ours, 0x51)
    assert data[:10].rstrip(b"\0") == b"DY-N8S2428" and data[10:12] == bytes((15, 30))
    assert data[12:].rstrip(b"\0") == b"PYLON" and len(data) == 32
    assert info(ours, 0x93, "02") == b"\x02" + b"00000000000".ljust(16, b"\0")
    assert info(ours, 0x96, "02") == bytes((2, 15, 30, 1, 0, 0))
    assert info(ours, 0x4F) == b""
    assert ours.ask(pylon(0x4F, version="28"))[1:3] == b"28"
    for command in (0x94, 0x95, 0x45, 0x99):  # nothing is set or switched off by an inverter
        assert decoder.pylon(ours.ask(pylon(command, "02")))[0] == 4
    assert ours.requests.submitted == []


# req: COM-05, COM-14
def test_pace_names():
    text = b"".join(
        word.to_bytes(2, "big")
        for word in registers(Bench(PROTOCOLS["pace"][0]), ((150, 179),)).values()
    )
    assert text[:20].rstrip(b"\0") == b"Packwarden 15.30"
    assert text[20:40].rstrip(b"\0") == b"JK_B2A8S20P"
    assert text[40:].rstrip(b"\0") == b"00000000000"
