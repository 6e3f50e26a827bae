"""The keyboard of the live run: what each key does to the pack."""

import os

READ_BYTES = 64
SMALL_A = 10.0
LARGE_A = 50.0
MAX_A = 2000.0
HOLD_S = 3.5  # longer than the 3 s that switch off (PWR-01)

# key: (fault, its arguments); pressed again it ends
FAULTS = {
    "s": ("short_circuit", {}),
    "o": ("over_temperature", {}),
    "w": ("open_wire", {"cell": 2}),
    "h": ("cell_high", {}),
    "l": ("cell_low", {}),
    "i": ("i2c_silence", {}),
}
HELP_ROWS = (
    (
        ("c d", "charge, discharge 10 A more"),
        ("C D", "50 A more"),
        ("0", "no current"),
        ("1-4", "DIP switch"),
        ("r", "RST"),
    ),
    (
        ("s", "short circuit"),
        ("o", "over-temperature"),
        ("w", "open wire"),
        ("h l", "cell high, low"),
        ("i", "I2C silence"),
        ("f", "end all"),
    ),
    (("p", "press the key"), ("P", "hold it 3.5 s"), ("?", "keys"), ("q", "quit")),
)
HELP_SHORT = (("?", "keys"), ("q", "quit"))


class Keyboard:
    """Keys from a terminal, or from a test through `press`. `current_a` is the forced current."""

    def __init__(self, pack, log, quit_fn, fd=None):
        self._pack = pack
        self._log = log
        self._quit = quit_fn
        self._fd = fd
        self.current_a = pack.plant.sources.current_a
        self.help = True
        self._actions = {
            "c": lambda: self._current(SMALL_A),
            "C": lambda: self._current(LARGE_A),
            "d": lambda: self._current(-SMALL_A),
            "D": lambda: self._current(-LARGE_A),
            "0": lambda: self._current(None),
            "p": lambda: self._key(0.3),
            "P": lambda: self._key(HOLD_S),
            "r": self._reset,
            "f": self._clear,
            "?": self._help,
            "q": quit_fn,
        }
        for bit in range(4):
            self._actions[str(bit + 1)] = lambda bit=bit: self._dip(1 << bit)
        for key, (fault, arguments) in FAULTS.items():
            self._actions[key] = lambda f=fault, a=arguments: self._fault(f, a)

    def fileno(self):
        """For select."""
        return self._fd

    def on_ready(self):
        """Keys were pressed; a terminal that is gone ends the run."""
        try:
            data = os.read(self._fd, READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._quit()
        for letter in data.decode("ascii", "replace"):
            self.press(letter)

    def press(self, letter):
        """Do what a key does; others do nothing."""
        action = self._actions.get(letter)
        if action is not None:
            action()

    def _current(self, more_a):
        amps = 0.0 if more_a is None else self.current_a + more_a
        self.current_a = min(max(amps, -MAX_A), MAX_A)
        self._pack.set_current(self.current_a)
        self._log.note(f"current at the port: {self.current_a:+.0f} A wanted")

    def _key(self, seconds):
        self._pack.press(seconds)
        self._log.note(f"key pressed for {seconds:g} s")

    def _reset(self):
        self._pack.press_reset()
        self._log.note("RST pressed")

    def _dip(self, weight):
        self._pack.set_dip(self._pack.hal.panel.dip_bits ^ weight)

    def _fault(self, name, arguments):
        if name in self._pack.injected:
            self._pack.clear(name)
            self._log.note(f"fault ended: {name}")
        else:
            self._pack.inject(name, **arguments)
            self._log.note(f"fault injected: {name}")

    def _clear(self):
        for name in list(self._pack.injected):
            self._pack.clear(name)
        self._log.note("all injected faults ended")

    def _help(self):
        self.help = not self.help
