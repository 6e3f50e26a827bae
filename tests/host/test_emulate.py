"""The emulated board: what leads to the chip models, and a whole board when there is an image."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from firmware import parameter_ids as ids
from hal import contract as c
from host_sim.chips.bq76952_window import crc8
from tools.emulate import __main__ as program
from tools.emulate import disk, heap
from tools.emulate.board import block_of_i2c, block_of_uart, pack_on
from tools.emulate.chip import Chip
from tools.emulate.flash import parts, write_board
from tools.emulate.repl import BoardError, Repl

NAME = "pico_bq76952"
AFE, EXPANDER, CLOCK = 0x08, 0x20, 0x68
KILL, KEY, LATCH, CAN_CS = 11, 22, 28, 17
LOW, HIGH, FLOATS = 0, 1, 2
BOTH = c.CHARGE_ON | c.DISCHARGE_ON
FREE_LEAST = 110_000  # bytes of heap
COLLECT_US = 16_000  # twice 12 000 when many objects lie side by side (tools/image.py, JOINT)


# --- without an image ----------------------------------------------------------------------------


def test_without_an_image_it_says_how_to_get_one(monkeypatch, capsys):
    monkeypatch.delenv("PICO_UF2", raising=False)
    assert program.main([]) == 0
    said = capsys.readouterr().out
    assert "PICO_UF2=" in said and "micropython.org" in said and len(said.splitlines()) == 1


def test_an_image_that_is_not_there_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PICO_UF2", str(tmp_path / "none.uf2"))
    assert program.main([]) == 1
    assert "none.uf2" in capsys.readouterr().err


def test_a_file_system_comes_back_as_it_was_packed(tmp_path):
    pytest.importorskip("littlefs", reason="littlefs-python comes with `make emulate`")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "main.py").write_text("print(1)\n")
    image = disk.pack(tmp_path)
    assert len(image) == disk.BLOCKS * disk.BLOCK_SIZE
    assert disk.unpack(image) == {"a/b.bin": bytes(range(256)) * 40, "main.py": b"print(1)\n"}


def test_the_program_of_a_board_has_nothing_of_the_simulation():
    names = parts(NAME)
    assert f"boards/{NAME}/board.py" in names
    assert not [name for name in names if "circuit" in name or name.endswith("/main.py")]


def test_blocks_of_the_chip_by_pin():
    assert [block_of_i2c(pin) for pin in (0, 2, 8, 26)] == [0, 1, 0, 1]
    assert [block_of_uart(pin) for pin in (0, 4, 8, 12, 16, 6)] == [0, 1, 1, 0, 0, None]


@pytest.fixture
def board():
    return pack_on(NAME)


def test_an_i2c_transfer_reaches_the_chip_model(board):
    assert board.i2c == {0: [AFE], 1: [EXPANDER, CLOCK]}
    assert board.i2c_write(50_000, 0, AFE, b"\x3e\x01\x00") is True  # ask for the device number
    answer = board.i2c_read(60_000, 0, AFE, b"\x40")
    assert answer[:2] == b"\x95\x76"


def test_a_cell_voltage_is_that_of_the_plant(board):
    board.order(1_000_000)
    raw = board.i2c_read(1_000_000, 0, AFE, b"\x14")
    shown_mv = raw[0] | raw[1] << 8
    assert abs(shown_mv - 1000 * board.pack.plant.cell_voltages()[0]) < 10


def test_a_missing_acknowledge_and_a_held_bus_look_as_on_a_wire(board):
    bus = board.hal.afe.i2c
    bus.silent = True
    assert board.i2c_write(50_000, 0, AFE, b"\x3e\x01\x00") is False
    assert board.i2c_read(51_000, 0, AFE, b"\x12") is False
    bus.silent, bus.stuck = False, True
    assert board.i2c_write(52_000, 0, AFE, b"\x3e\x01\x00") is None
    assert board.i2c_read(53_000, 0, AFE, b"\x12") is None
    assert board.order(54_000)["pins"][8] == LOW  # the data line


def test_a_wrong_crc_is_not_acknowledged(board):
    assert board.i2c_write(50_000, 0, AFE, b"\x3e\x90\x00")  # CONFIG_UPDATE
    memory = b"\x39\x92\x11"
    total = ~sum(memory) & 0xFF
    assert board.i2c_write(55_000, 0, AFE, b"\x3e" + memory)
    assert board.i2c_write(56_000, 0, AFE, bytes((0x60, total, 5)))
    assert board.i2c_write(60_000, 0, AFE, b"\x3e\x92\x00")
    assert board.i2c_write(65_000, 0, AFE, b"\x3e\xbc\x29")  # CRC from now on
    good = bytes((0x01, crc8((0x10, 0x3E, 0x01)), 0x00, crc8((0x00,))))
    assert board.i2c_write(70_000, 0, AFE, b"\x3e" + good) is True
    assert board.i2c_write(75_000, 0, AFE, b"\x3e" + good[:3] + b"\xff") is False


def test_the_spi_bytes_are_those_of_the_can_controller(board):
    board.order(1_000)
    board.pin(2_000, CAN_CS, LOW)
    sent = [board.spi_byte(2_000 + n, 0, byte) for n, byte in enumerate((0x03, 0x0E, 0))]
    board.pin(2_010, CAN_CS, HIGH)
    assert sent[2] == 0x80  # CANSTAT: configuration mode after a reset


def test_a_pin_reaches_what_is_soldered_to_it(board):
    hal = board.hal
    assert hal.kill_line.is_on()  # the resistor on the board
    board.pin(1_000, KILL, LOW)
    assert not hal.kill_line.is_on()
    board.pin(2_000, KILL, FLOATS)
    assert hal.kill_line.is_on()


def test_levels_are_told_once(board):
    assert board.order(1_000)["pins"][KEY] == HIGH
    assert KEY not in board.order(2_000)["pins"]
    board.hal.panel.key_bits |= c.KEY_ACTIVATE
    assert board.order(3_000)["pins"] == {KEY: LOW}


def test_a_reset_takes_the_outputs_away(board):
    board.pin(1_000, KILL, LOW)
    board.pack.processor.stalled = True
    assert board.order(2_000)["hung"]
    board.reset(3_000, 1)
    assert board.hal.kill_line.is_on()
    assert not board.order(4_000)["hung"]


def test_the_latch_cuts_the_supply(board):
    board.pin(1_000, LATCH, HIGH)
    assert board.powered
    board.pin(2_000, LATCH, LOW)
    board.order(3_000)
    assert not board.powered


def test_bytes_travel_over_the_simulated_line(board):
    host = board.pack.host("rs485_1", 9600)
    board.baud("0", 9600.2)
    board.sent(1_000, "0", 0x55)
    board.order(5_000)
    assert host.take() == b"\x55"
    host.send(b"\x01\x02")
    assert board.order(10_000)["uart"] == {"0": "0102"}


# --- a whole board -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uf2():
    path = os.environ.get("PICO_UF2")
    if not path:
        pytest.skip("PICO_UF2 names no MicroPython image for the RPI_PICO")
    return Path(path).resolve()


@pytest.fixture
def emulated(uf2, need, tmp_path):
    """A board at work: (chip, board), both MOSFETs closed."""
    board = pack_on(NAME)
    files = tmp_path / "files"
    write_board(files, NAME, board.files())
    chip = need(Chip, uf2, tmp_path, files, board)
    with chip:
        assert closed(chip, board, 6), bytes(chip.output[-1000:])
        yield chip, board


def gates(board):
    return board.hal.afe.gates()


def closed(chip, board, seconds):
    """True when both MOSFETs close within the time."""
    return chip.run_while(lambda: gates(board) != BOTH, round(1_000_000 * seconds))


def opened(chip, board, which, seconds):
    """True when one of the MOSFETs `which` opens within the time."""
    return chip.run_while(lambda: gates(board) & which, round(1_000_000 * seconds))


# req: PRT-01, PRT-14, PRT-15
def test_the_image_protects_on_the_emulated_chip(emulated):
    chip, board = emulated
    values = board.pack.parameters.values
    board.pack.inject("cell_high", cell=2, mv=values[ids.CELL_OVP_MV] + 50)
    assert opened(chip, board, c.CHARGE_ON, 4)
    assert gates(board) & c.DISCHARGE_ON
    board.pack.clear("cell_high")
    assert closed(chip, board, 65)  # the retry comes after a minute
    board.pack.inject("i2c_silence")
    chip.run_until(chip.now_us + 3_000_000)
    assert board.hal.kill_line.is_on()
    board.pack.clear("i2c_silence")
    assert closed(chip, board, 15)
    assert not chip.resets


# req: PRT-15
def test_a_watchdog_bite_opens_the_mosfets_and_the_board_comes_back(emulated):
    chip, board = emulated
    board.pack.inject("cpu_stall")
    assert opened(chip, board, BOTH, 2.5)
    chip.run_while(lambda: not chip.resets, 1_000_000)
    assert [reason for _, reason in chip.resets] == [1]
    assert board.hal.kill_line.is_on()
    assert closed(chip, board, 8)


def test_ctrl_c_ends_in_open_mosfets_and_a_prompt(emulated):
    chip, board = emulated
    repl = Repl(chip)
    assert gates(board) == 0
    assert repl.run("print(6 * 7)") == "42\n"
    with pytest.raises(BoardError, match="ZeroDivisionError"):
        repl.run("1 / 0")


# req: HAL-01
def test_the_heap_and_its_collection_keep_within_their_budgets(uf2, tmp_path):
    options = SimpleNamespace(board=NAME, uf2=uf2)
    found = heap.heap(options, tmp_path, pack_on(NAME, cell_count=heap.CELLS), [heap.BOOT_S])
    assert found[f"free_{heap.BOOT_S}"] + found["own"] >= FREE_LEAST
    assert found["collect_us"] <= COLLECT_US
