"""Renewing a board's program over a serial line, against a real MicroPython behind a pty."""

import struct

import pytest

from tests.host.pty_board import PtyBoard
from tools import flash, flash_image, runtimes

START = b"def selftest():\n    print('ok    a board')\n    return True\n"
BAD_START = b"def selftest():\n    print('FAIL  no chip')\n    return False\n"
FILES = {
    "boot.py": b"print('boot')\n",
    "main.py": b"print('main')\n",
    "boards/x/start.py": START,
    "firmware/a.mpy": bytes(range(256)) * 3,
    "firmware/control/b.mpy": b"b" * 700,
}


@pytest.fixture
def machine():
    """What the board's MicroPython calls itself."""
    code = "import sys\nprint(sys.implementation[2])"
    return runtimes.execute([runtimes.command("micropython"), "-c", code])[1].strip()


@pytest.fixture
def board(tmp_path):
    made = PtyBoard(tmp_path / "flash", tmp_path / "beside")
    yield made
    made.close()


@pytest.fixture
def said():
    return []


# req: HAL-02
def test_a_first_flash_copies_all_and_starts(board, said, machine):
    (board.folder / "slot0.bin").write_bytes(b"a record")
    flash.flash(board.port, "x", FILES, machine, say=said.append)
    assert board.files() == {**FILES, "slot0.bin": b"a record"}
    assert said[0] == "restarting into service mode: both MOSFETs off"
    assert "5 files verified, 5 written, 0 removed" in said
    assert said[-2:] == ["ok    a board", "the firmware starts"]
    assert board.starts >= 3  # into service mode, the new program's self-test, the firmware


# req: HAL-02
def test_only_what_differs_is_copied_and_what_is_stale_goes(board, said):
    for name, data in FILES.items():
        path = board.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (board.folder / "firmware/old.mpy").write_bytes(b"old")
    (board.folder / "firmware/a.mpy").write_bytes(b"torn")
    (board.folder / "slot3.bin").write_bytes(b"kept")
    device = flash.Device(board.port)
    assert flash.renew(device, FILES, said.append) == (["firmware/a.mpy"], ["firmware/old.mpy"])
    assert board.files() == {**FILES, "slot3.bin": b"kept", "service": b""}


# req: HAL-02, PRT-15
def test_a_board_that_fails_its_self_test_stays_in_service_mode(board, said, machine):
    files = {**FILES, "boards/x/start.py": BAD_START}
    with pytest.raises(flash.Failed, match="the self-test failed"):
        flash.flash(board.port, "x", files, machine, say=said.append)
    assert "FAIL  no chip" in said
    assert "service" in board.files()


# req: HAL-02, PRT-15
def test_a_file_that_arrives_torn_keeps_the_firmware_from_starting(board, said):
    device = flash.Device(board.port)
    write = device.write
    device.write = lambda name, data: write(name, data[:-1] if name == "main.py" else data)
    with pytest.raises(flash.Failed, match=r"main\.py did not arrive whole"):
        flash.renew(device, FILES, said.append)
    assert "service" in board.files()


# req: HAL-02
def test_a_port_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(flash.Failed, match="no prompt at"):
        flash.connected(str(tmp_path / "no-tty"), wait_s=0.1)


# req: HAL-02
def test_another_machine_is_refused_and_left_alone(board):
    wanted = flash.machine_of("pico_bq76952")
    assert wanted == "Raspberry Pi Pico with RP2040"
    with pytest.raises(flash.Failed, match=f"wrong image: x is for a {wanted}"):
        flash.flash(board.port, "x", FILES, wanted)
    assert board.files() == {}


# req: HAL-02
def test_an_old_micropython_is_refused(board, monkeypatch, machine):
    monkeypatch.setattr(flash, "LEAST", (99, 0))
    with pytest.raises(flash.Failed, match="is too old: x needs"):
        flash.flash(board.port, "x", FILES, machine)
    assert board.files() == {}


# req: HAL-02
def test_a_board_that_goes_away_is_a_sentence(board, monkeypatch, capsys, machine):
    def unplugged(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(flash, "wanted", lambda name: FILES)
    monkeypatch.setattr(flash, "machine_of", lambda name: machine)
    monkeypatch.setattr(flash.Device, "write", unplugged)
    assert flash.main(["--board", "x", "--port", board.port]) == 1
    assert capsys.readouterr().err == (
        "flash: the board was lost ([Errno 5] Input/output error): call it again\n"
    )


# req: HAL-02
def test_a_uf2_file_has_the_data_at_its_place():
    data = bytes(range(256)) * 2 + b"rest"
    blocks = flash_image.uf2(data, 0x100A0000)
    assert len(blocks) == 3 * 512
    found = b""
    for n in range(3):
        block = blocks[512 * n : 512 * (n + 1)]
        head = struct.unpack("<8I", block[:32])
        assert head == (
            0x0A324655,
            0x9E5D5157,
            0x2000,
            0x100A0000 + 256 * n,
            256,
            n,
            3,
            0xE48BFF56,
        )
        assert block[-4:] == bytes.fromhex("306fb10a")
        found += block[32:288]
    assert found == data.ljust(768, b"\0")


# req: HAL-02
def test_the_image_of_the_board_holds_its_start_up_files_and_no_simulation():
    files = flash.wanted("pico_bq76952")
    assert {"boot.py", "main.py"} <= set(files)
    assert "boards/pico_bq76952/start.mpy" in files
    assert not [name for name in files if name.endswith(("/circuit.mpy", ".json"))]
    assert all(name.endswith(".mpy") for name in files if name not in ("boot.py", "main.py"))
