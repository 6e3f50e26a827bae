"""`make flash BOARD=NAME PORT=DEVICE`: renews the program of a board over its USB.

The board goes to service mode first (file "service", reset): both MOSFETs off, no watchdog. Only
files that differ are copied; what the program has stored is left alone. Every file is verified by
its hash on the board before service mode ends; until then no reset starts the firmware.
"""

import argparse
import hashlib
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from pathlib import Path

from tools.emulate.flash import write_board

BOARDS = Path(__file__).resolve().parent.parent / "boards"
LEAST = (1, 27)  # MicroPython
ABOUT = """
import sys
print(sys.implementation[2])
print('%d.%d' % sys.implementation[1][:2])
"""
PROGRAM = ("firmware/", "hal/", "boards/")  # what lies here and is not in the image is removed
SERVICE = "service"
WAIT_S = 15.0
HASHES = """
import os, hashlib, binascii
def walk(folder):
    for entry in (os.ilistdir(folder) if folder else os.ilistdir()):
        name = folder + '/' + entry[0] if folder else entry[0]
        if entry[0] in ('.', '..'):
            continue
        if entry[1] & 0x4000:
            walk(name)
        else:
            sha = hashlib.sha256()
            with open(name, 'rb') as file:
                while True:
                    data = file.read(512)
                    if not data:
                        break
                    sha.update(data)
            print(name + '|' + binascii.hexlify(sha.digest()).decode())
walk('')
"""
RESET = "import time, machine\ntime.sleep_ms(200)\nmachine.reset()"  # behind its acknowledge
SELFTEST = "from boards.{} import start\nprint('passed' if start.selftest() else 'failed')"


class Failed(Exception):
    """It did not work; the text is a sentence."""


def connected(port, wait_s=WAIT_S):
    """A transport at the raw prompt; tries again while the board restarts."""
    from mpremote.transport import TransportError  # noqa: PLC0415 (extra `board`)
    from mpremote.transport_serial import SerialTransport  # noqa: PLC0415

    end_s = time.monotonic() + wait_s
    while True:
        transport = None
        try:
            transport = SerialTransport(port, baudrate=115_200, timeout=2)
            transport.enter_raw_repl(soft_reset=False, timeout_overall=2)
            return transport
        except (TransportError, OSError) as error:
            if transport is not None:
                close(transport)
            if time.monotonic() > end_s:
                raise Failed(f"no prompt at {port}: {error}") from None
            time.sleep(0.3)


def close(transport):
    """Close it; its device may have gone with a reset."""
    with suppress(OSError):
        transport.close()


class Device:
    """A board at a serial port."""

    def __init__(self, port):
        self._port = port
        self._transport = connected(port)

    def run(self, code):
        """What a piece of code prints on the board."""
        return self._transport.exec(code).decode().replace("\r\n", "\n")

    def hashes(self):
        """{file: sha256 in hex} of everything on the board."""
        lines = self.run(HASHES).splitlines()
        return dict(line.split("|") for line in lines if "|" in line)

    def write(self, name, data):
        """Replace a file."""
        folder = ""
        for part in name.split("/")[:-1]:
            folder += part
            self.run(f"import os\ntry:\n os.mkdir({folder!r})\nexcept OSError:\n pass")
            folder += "/"
        self._transport.fs_writefile(name, data)

    def remove(self, name):
        """Remove a file."""
        self.run(f"import os\nos.remove({name!r})")

    def reset(self):
        """Reset the board and wait for its prompt."""
        self.leave()
        time.sleep(0.5)
        self._transport = connected(self._port)

    def leave(self):
        """Reset the board, and let it run."""
        self._transport.exec_raw_no_follow(RESET)
        close(self._transport)


def machine_of(board):
    """What MicroPython calls the machine of a board."""
    return tomllib.loads((BOARDS / board / "wiring.toml").read_text())["machine"]


def check_machine(device, board, wanted):
    """Failed when the program is not for what is at the port."""
    machine, version = device.run(ABOUT).splitlines()
    if machine != wanted:
        raise Failed(f"wrong image: {board} is for a {wanted}, this is a {machine}")
    if tuple(map(int, version.split("."))) < LEAST:
        raise Failed(f"MicroPython {version} is too old: {board} needs 1.27 or later")


def wanted(board):
    """{file: bytes} of a board's flash."""
    with tempfile.TemporaryDirectory() as scratch:
        write_board(Path(scratch), board)
        paths = [path for path in sorted(Path(scratch).rglob("*")) if path.is_file()]
        return {path.relative_to(scratch).as_posix(): path.read_bytes() for path in paths}


def digest(data):
    """As a board tells it."""
    return hashlib.sha256(data).hexdigest()


def renew(device, files, say):
    """Make the program on the board the one of `files`; (written, removed) names."""
    device.run(f"open({SERVICE!r}, 'w').close()")
    say("restarting into service mode: both MOSFETs off")
    device.reset()
    present = device.hashes()
    changed = [name for name, data in files.items() if present.get(name) != digest(data)]
    stale = [name for name in present if name.startswith(PROGRAM) and name not in files]
    for name in stale:
        device.remove(name)
    for number, name in enumerate(changed, 1):
        say(f"  {number}/{len(changed)}  {name}, {len(files[name])} bytes")
        device.write(name, files[name])
    present = device.hashes()
    bad = [name for name, data in files.items() if present.get(name) != digest(data)]
    if bad:
        raise Failed(f"{', '.join(bad)} did not arrive whole; the board stays in service mode")
    say(f"{len(files)} files verified, {len(changed)} written, {len(stale)} removed")
    return changed, stale


def test(device, board, say):
    """Run the self-test of the new program; True when it passed."""
    device.reset()
    lines = device.run(SELFTEST.format(board)).splitlines()
    for line in lines[:-1]:
        say(line)
    return lines[-1:] == ["passed"]


def flash(port, board, files, machine, force=False, say=print):
    """All of it; Failed with a sentence when it does not work."""
    device = Device(port)
    check_machine(device, board, machine)
    renew(device, files, say)
    if not test(device, board, say) and not force:
        device.leave()
        raise Failed("the self-test failed: the board stays in service mode (--force starts it)")
    device.remove(SERVICE)
    device.leave()
    say("the firmware starts")


def main(arguments):
    """Command line; 0 done, 1 failed."""
    from mpremote.transport import TransportError  # noqa: PLC0415 (extra `board`)

    parser = argparse.ArgumentParser(prog="python -m tools.flash", description=__doc__)
    parser.add_argument("--board", default="pico_bq76952", metavar="NAME")
    parser.add_argument("--port", required=True, metavar="DEVICE", help="for example /dev/ttyACM0")
    parser.add_argument("--force", action="store_true", help="start also when the self-test fails")
    options = parser.parse_args(arguments)
    try:
        machine = machine_of(options.board)
        flash(options.port, options.board, wanted(options.board), machine, options.force)
    except Failed as error:
        print(f"flash: {error}", file=sys.stderr)
        return 1
    except (TransportError, OSError) as error:
        print(f"flash: the board was lost ({error}): call it again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
