"""The contract suite on an emulated Pico: the same checks, run there over its prompt, with the
board's own code on the chip and the models of its chips around it. Needs PICO_UF2."""

import os
import shutil
from pathlib import Path

import pytest

from host_sim.chips.bq76952_window import crc8
from tests.hal import contract
from tools import image
from tools.emulate.board import pack_on
from tools.emulate.chip import Chip
from tools.emulate.repl import BoardError, Repl

NAME = "pico_bq76952"
PARTS = (
    "hal",
    "boards/__init__.py",
    f"boards/{NAME}/__init__.py",
    f"boards/{NAME}/board.py",
    "tests/__init__.py",
    *(f"tests/hal/{name}.py" for name in
      ("__init__", "board_bench", "contract", "contract_afe", "contract_io", "contract_mosfets")),
)  # fmt: skip
KEPT = ("CHECKS", "BoardBench", "hal", "afe", "afe_bus")  # the prompt asks for them
PORTS = {"rs485_1": 9600, "rs485_2": 9600, "rs232": 9600}
NAMES = [check.__name__ for check in contract.CHECKS]
LIMIT_US = 90_000_000


class Subject:
    """An emulated board, and what its bench asks for."""

    def __init__(self, uf2, scratch, files):
        self.board = pack_on(NAME)
        self.hosts = {name: self.board.pack.host(name, baud) for name, baud in PORTS.items()}
        self.chip = Chip(uf2, scratch, files, self.board)
        self.deaf = False  # what the bench asks for is not done

    def run(self, number):
        """A check on the board behind a press of its RST; BoardError with the board's traceback
        when it does not hold."""
        self.board.hal.afe.silent = False
        for host in self.hosts.values():
            host.take()
        self.chip.press_reset()
        self.chip.run_until(self.chip.now_us + 50_000)
        repl = Repl(self.chip)
        repl.start(f"from tests.hal import board_bench as b\nb.main({NAME!r}, {number})")
        end_us = self.chip.now_us + LIMIT_US
        while b"\x04>" not in self.chip.output:
            assert self.chip.now_us < end_us, bytes(self.chip.output[-300:])
            self.chip.run_until(self.chip.now_us + 1_000)
            self._serve()
        output, error, _ = self.chip.take_output().decode().split("\x04")
        if error:
            raise BoardError(error.replace("\r", ""))
        assert output.split()[-1] == "passed"

    def _serve(self):
        output = self.chip.output
        start = output.find(b"? ")
        end = output.find(b"\n", start)
        if start >= 0 and end >= 0:
            what, *arguments = bytes(output[start + 2 : end]).decode().split()
            del output[start : end + 1]
            answer = "" if self.deaf else getattr(self, f"_{what}")(*arguments)
            self.chip.type(answer.encode() + b"\n")

    def _break(self, on):
        self.board.hal.afe.silent = on == "1"
        return ""

    def _feed(self, port, data):
        self.hosts[port].send(bytes.fromhex(data))
        return ""

    def _sent(self, port):
        return self.hosts[port].take().hex()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The board's code and the checks, compiled as for the board but with their assertions."""
    folder = tmp_path_factory.mktemp("contract") / "files"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image, "OPTIONS", ("-march=armv6m",))  # -O3 drops them
        image.build(folder, PARTS, (f"boards.{NAME}.board",), KEPT)
    (folder / image.NAMES).unlink()
    shutil.copy(image.ROOT / "boards" / NAME / "boot.py", folder)
    return folder


@pytest.fixture
def subject(need, files, tmp_path):
    uf2 = os.environ.get("PICO_UF2")
    if not uf2:
        pytest.skip("PICO_UF2 names no MicroPython image for the RPI_PICO")
    made = need(Subject, Path(uf2).resolve(), tmp_path, files)
    yield made
    made.chip.close()


# req: HAL-01, HAL-02, PRT-21, PRT-22
@pytest.mark.parametrize("number", range(len(contract.CHECKS)), ids=NAMES.__getitem__)
def test_contract(subject, number):
    subject.run(number)


# req: HAL-02, MEA-06
def test_a_byte_that_is_not_acknowledged_is_an_error_there(subject):
    """MicroPython itself only returns a smaller number for it."""
    wrong = bytes((0x3E, 0x01, crc8((0x10, 0x3E, 0x01)) ^ 1))
    subject.chip.press_reset()
    repl = Repl(subject.chip)
    repl.run(
        f"from tests.hal.board_bench import BoardBench\nhal = BoardBench({NAME!r}).hal\n"
        "print(hal.afe.start())\n"
        "from machine import I2C, Pin\nbus = I2C(0, scl=Pin(9), sda=Pin(8), freq=400000)"
    )
    assert repl.run(f"print(bus.writeto(8, {wrong!r}))") == "2\n"
    with pytest.raises(BoardError, match="EIO"):
        repl.run(f"hal.afe_bus.writeto(8, {wrong!r})")


def test_a_check_can_fail_there(subject):
    subject.deaf = True  # the front end goes on answering
    with pytest.raises(BoardError, match="AssertionError"):
        subject.run(NAMES.index("check_bus_errors_are_values"))
