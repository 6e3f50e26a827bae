"""OCV table files: shapes that are accepted, refusals, the packed bytes."""

import json
import struct

import pytest

from firmware.gauge.ocv import Curve
from host_sim import ocv_file, ocv_packed
from host_sim.replay_input import BadInput

SOC = [0, 10, 50, 90, 100]
LOW = [2500, 3190, 3285, 3328, 3580]
HIGH = [2560, 3225, 3312, 3352, 3620]
ROWS = [list(row) for row in zip(SOC, LOW, HIGH, strict=True)]


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


SHAPES = {
    "rows.toml": f"points = {ROWS}",
    "lists.toml": f"soc_pct = {SOC}\ndischarge_mv = {LOW}\ncharge_mv = {HIGH}",
    "rows.json": ROWS,
    "lists.json": {"soc": SOC, "discharge_mv": LOW, "charge_mv": HIGH},
    "volt.json": {
        "soc": [s / 100 for s in SOC],
        "discharge_v": [v / 1000 for v in LOW],
        "charge_v": [v / 1000 for v in HIGH],
    },
    "dicts.json": {
        "points": [
            {"soc_pct": s, "discharge_mv": d, "charge_mv": c}
            for s, d, c in zip(SOC, LOW, HIGH, strict=True)
        ]
    },
    "back.csv": "soc_pct,discharge_mv,charge_mv\n"
    + "\n".join(",".join(map(str, row)) for row in reversed(ROWS)),
}


# req: SOC-04
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_table(tmp_path, name):
    chemistry, points = ocv_file.read(write(tmp_path, name, SHAPES[name]))
    assert chemistry == "lfp"
    assert [tuple(p) for p in points] == [(*map(float, row), 4.0) for row in ROWS]


# req: SOC-04
def test_the_packed_bytes(tmp_path):
    data = ocv_file.compile_table(write(tmp_path, "t.toml", SHAPES["rows.toml"]))
    assert len(data) == 511 and data[:4] == b"OC\x01\x00"
    low = struct.unpack_from("<101H", data, 4)
    high = struct.unpack_from("<101H", data, 206)
    assert (low[0], low[5], low[10], low[50], low[70], low[100]) == (
        25000, 28450, 31900, 32850, 33065, 35800,
    )  # fmt: skip
    assert (high[0], high[10], high[95], high[100]) == (25600, 32250, 34860, 36200)
    assert set(data[408:509]) == {8}  # 4 mV
    curve = Curve(data)  # the target takes it, its CRC included
    assert curve.low[10] == 31900 and curve.spread[3] == 40


# req: SOC-04
def test_one_branch_is_trusted_less(tmp_path):
    _, points = ocv_file.read(write(tmp_path, "t.json", {"soc": SOC, "ocv_mv": LOW}))
    assert points[1] == (10.0, 3190.0, 3190.0, 15.0)


# req: SOC-04
def test_a_table_goes_on_beyond_its_outermost_points():
    made = ocv_packed.resample([(2, 3000), (10, 3200), (98, 3400)])
    assert made[0] == 2950 and made[100] == pytest.approx(3400 + 2 * 200 / 88)
    assert ocv_packed.resample([(2, 3000), (98, 3400)], beyond=False)[100] == 3400


# req: SOC-04
def test_names_of_shipped_tables():
    assert ocv_file.load("lfp")[3] == 0 and ocv_file.load("lto")[3] == 2
    for name in ocv_packed.CHEMISTRIES:
        assert Curve(ocv_file.load(name)).chemistry == ocv_packed.CHEMISTRIES.index(name)


def changed(**lists):
    return {"soc_pct": SOC, "discharge_mv": LOW, "charge_mv": HIGH, **lists}


REFUSED = {
    "the voltage falls between 50 and 90 %": changed(discharge_mv=[2500, 3190, 3285, 3270, 3580]),
    "at 50 % the charge branch lies below": changed(charge_mv=[2560, 3225, 3280, 3352, 3620]),
    "two points at 10 %": changed(soc_pct=[0, 10, 10, 90, 100]),
    "goes from 10 to 100 %": changed(soc_pct=[10, 20, 50, 90, 100]),
    "3 points; at least 5": {"points": ROWS[:3]},
    "no cell has": changed(charge_mv=[2560, 3225, 3312, 3352, 9620]),
    "not all points are numbers": changed(soc_pct=[0, 10, "x", 90, 100]),
    "lists differ in length": changed(charge_mv=HIGH[:4]),
    "not all points are": changed(charge_mv=[2560, 3225, float("nan"), 3352, 3620]),
    "all points are numbers": {"points": [{"soc": 0, "mv": 2500}, {"soc": 20}]},
    "points are numbers": {"points": ROWS, "spread_mv": float("inf")},
    "needs soc_pct with": {"soc_pct": SOC},
    "chemistry lead": {"chemistry": "lead", "points": ROWS},
    "neither TOML, JSON nor CSV": "{ broken",
}


# req: SOC-04
@pytest.mark.parametrize("sentence", REFUSED)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path, capsys, sentence):
    path = write(tmp_path, "bad.json", REFUSED[sentence])
    with pytest.raises(BadInput, match=sentence.replace("(", r"\(")):
        ocv_file.compile_table(path)
    assert ocv_file.main([path]) == 2
    shown = capsys.readouterr().err
    assert sentence in shown and shown.count("\n") == 1


# req: SOC-04
def test_the_command_prints_and_compiles(tmp_path, capsys):
    path, out = write(tmp_path, "t.toml", SHAPES["rows.toml"]), tmp_path / "t.bin"
    assert ocv_file.main([path, "--out", str(out)]) == 0
    assert "3285.0" in capsys.readouterr().out
    assert out.read_bytes() == ocv_file.compile_table(path)
    assert ocv_file.main([str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err
