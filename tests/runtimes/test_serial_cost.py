"""Heap of the inverters' serial protocols on the 32-bit runtime, loaded as .mpy."""

from tools import image, runtimes

MODULE = "tests.runtimes.serial_cost"
PARTS = ("tests/fakes", "tests/runtimes/serial_cost.py")
KEYS = ("pylontech", "growatt_rs485", "voltronic", "pace")
MODULES_LIMIT = 14_500  # what the protocol brings along, Pylontech first, and a chunk of names
OBJECT_LIMIT = 700


# req: COM-05, HAL-01
def test_a_serial_protocol_is_small(need, tmp_path):
    image.build(tmp_path, ("firmware", "hal", *PARTS))
    code, output = need(runtimes.micropython32, MODULE, *KEYS, root=tmp_path)
    assert code == 0, output[-3000:]
    print(output)
    found = {name: int(value) for name, value in map(str.split, output.splitlines())}
    for key in KEYS:
        assert 1_000 < found[f"{key}_module_bytes"] <= MODULES_LIMIT, key
        assert 100 < found[f"{key}_object_bytes"] <= OBJECT_LIMIT, key
