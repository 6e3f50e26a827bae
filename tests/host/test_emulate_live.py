"""`make emulate` and `make flash` as a user has them: an emulated Pico behind a pseudo terminal,
mpremote and tools.flash as programs of their own. Needs PICO_UF2; times are bounded."""

import os
import re
import subprocess
import sys
import time

import pytest

from tools import flash_image, runtimes

NAME = "pico_bq76952"
CLOSED = "MOSFETs: charge True, discharge True"
OPEN = "MOSFETs: charge False, discharge False"
START_S, COMMAND_S, FLASH_S = 60, 30, 120  # limits for a busy PC; most take a second
SMALL = "firmware/protocols/can/sma.mpy"
STALE = "firmware/old.mpy"


class Live:
    """`python -m tools.emulate` with the image of `make image` in its flash."""

    def __init__(self, folder):
        self.folder = folder
        self.port = str(folder / "ports" / "repl")
        flash_image.main(["--board", NAME, "--out", str(folder)])
        self._log = folder / "log"
        arguments = ["--disk", str(folder / f"{NAME}.img"), "--ports", str(folder / "ports")]
        with self._log.open("wb") as log:
            self.process = self._start(["-u", "-m", "tools.emulate", *arguments], log)
        self._seen = 0

    def _start(self, arguments, out):
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=runtimes.ROOT, stdout=out, stderr=subprocess.STDOUT
        )

    def wait_for(self, text, limit_s=START_S):
        """The emulator says it, later than what was waited for last."""
        end_s = time.monotonic() + limit_s
        while True:
            said = self._log.read_text()
            at = said.find(text, self._seen)
            if at >= 0:
                self._seen = at + len(text)
                return
            assert self.process.poll() is None and time.monotonic() < end_s, said[-1500:]
            time.sleep(0.1)

    def mpremote(self, *arguments):
        """What it prints; it has to succeed."""
        command = [sys.executable, "-m", "mpremote", "connect", self.port, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=COMMAND_S,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.replace("\r", "")

    def flash(self, stop_at=None):
        """Output of tools.flash; with `stop_at` it is killed when it has said that."""
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tools.flash", "--board", NAME, "--port", self.port],
            cwd=runtimes.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        lines = []
        end_s = time.monotonic() + FLASH_S
        for line in process.stdout:
            lines.append(line.rstrip())
            assert time.monotonic() < end_s, lines
            if stop_at and stop_at in line:
                process.kill()
        process.stdout.close()
        assert process.wait() == (-9 if stop_at else 0), lines
        return lines

    def end(self):
        self.process.terminate()
        assert self.process.wait(START_S) == 0


@pytest.fixture
def live(need, tmp_path):
    if not os.environ.get("PICO_UF2"):
        pytest.skip("PICO_UF2 names no MicroPython image for the RPI_PICO")
    need(lambda: runtimes.npm_package("rp2040js", "1.4.1"))
    emulator = Live(tmp_path)
    yield emulator
    emulator.end()


# req: HAL-02, PRT-15
def test_mpremote_works_on_it(live):
    live.wait_for(CLOSED)
    assert "boot.py" in live.mpremote("fs", "ls")
    live.wait_for(OPEN)  # the prompt has opened them
    live.mpremote("fs", "touch", ":service")
    live.mpremote("reset")
    live.wait_for("reset, reason")
    assert live.mpremote("exec", "print(6 * 7)").split() == ["42"]
    live.mpremote("soft-reset")
    assert "service" in live.mpremote("resume", "exec", "import os\nprint(os.listdir())")
    data = bytes(range(256)) * 33
    (live.folder / "there").write_bytes(data)
    live.mpremote("fs", "cp", "there", ":kept.bin")
    live.mpremote("fs", "cp", ":kept.bin", "back")
    assert (live.folder / "back").read_bytes() == data
    live.mpremote("fs", "rm", ":service")
    live.mpremote("reset")
    live.wait_for(CLOSED)


# req: HAL-02, PRT-15
def test_a_program_is_renewed_after_an_interrupted_try(live):
    live.wait_for(CLOSED)
    (live.folder / "junk").write_bytes(b"junk")
    live.mpremote("fs", "touch", ":service", "+", "reset")
    live.wait_for(OPEN)
    live.wait_for("reset, reason")
    for name in (SMALL, STALE, "boot.py", "data.bin"):
        live.mpremote("fs", "cp", "junk", f":{name}")
    lines = live.flash(stop_at="  1/2  ")
    assert lines[0] == "restarting into service mode: both MOSFETs off"
    lines = live.flash()
    verified = next(line for line in lines if "verified" in line)
    written, removed = map(int, re.findall(r"(\d+) (?:written|removed)", verified))
    assert 1 <= written <= 2 and removed == 0  # the first try had removed it
    assert any(line.startswith("ok    front end BQ769x2") for line in lines)
    assert lines[-2:] == ["self-test: passed", "the firmware starts"]
    live.wait_for(CLOSED)
    again = live.flash()
    assert any(re.fullmatch(r"\d+ files verified, 0 written, 0 removed", line) for line in again)
    live.wait_for(CLOSED)
    listing = live.mpremote("fs", "ls")
    assert "data.bin" in listing
    assert "service" not in listing
