"""The raw REPL of an emulated board, in emulated time."""

ENTER, INTERRUPT, RUN, LEAVE = b"\r\x01", b"\r\x03\x03", b"\x04", b"\x02"
READY = b"raw REPL; CTRL-B to exit\r\n>"


class BoardError(RuntimeError):
    """Code on the board raised; the text is its traceback."""


class Repl:
    """`chip` is a Chip whose firmware runs no program, or one that Ctrl-C may end."""

    def __init__(self, chip, boot_us=10_000_000):
        self._chip = chip
        if not chip.run_while(lambda: not chip.connected, boot_us):
            raise BoardError("the board shows no USB")
        chip.run_until(chip.now_us + 5_000)  # the host's line state reaches the board
        chip.type(INTERRUPT)
        chip.run_until(chip.now_us + 20_000)
        chip.take_output()
        chip.type(ENTER)
        self._until(READY, boot_us)

    def run(self, source, timeout_us=120_000_000):
        """Output of a piece of Python on the board. BoardError carries its traceback."""
        self._chip.type(source.encode() + RUN)
        self._until(b"OK", timeout_us)
        output = self._until(b"\x04", timeout_us)
        error = self._until(b"\x04>", timeout_us)
        if error:
            raise BoardError((output + error).decode().replace("\r", ""))
        return output.decode().replace("\r", "")

    def start(self, source):
        """Begin what does not end, such as the firmware."""
        self._chip.type(source.encode() + RUN)
        self._until(b"OK", 10_000_000)

    def _until(self, marker, timeout_us):
        chip = self._chip
        if not chip.run_while(lambda: marker not in chip.output, timeout_us):
            raise BoardError(f"no {marker!r} in {bytes(chip.output[-400:])!r}")
        text, _, rest = bytes(chip.output).partition(marker)
        chip.output[:] = rest
        return text
