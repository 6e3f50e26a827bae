"""The hardware contract: what every HAL offers to the firmware, and what happens on failure.

A HAL is one object with the attributes of `Hal`. Nothing here raises in normal operation: a
failure is a return value, because the control cycle must go on and open the MOSFETs. Units are
in the names: mV, mA (positive charges the pack), 0.1 degC (`dc`), ms, us.

A new board subclasses these classes (or offers the same methods); `tests/hal/contract.py` is the
test suite that it must pass. Optional parts are `None` where the board has none; a feature that
needs an absent part is refused with a sentence, never ignored.
"""

from array import array

MAX_CELLS = 16
TEMPERATURES = 5  # T1..T4 on the battery, then the MOSFETs
MOS_SENSOR = 4

# Afe.read() and other bus results
OK = 0
BUS_ERROR = 1  # no acknowledge, time-out, wrong checksum: tried again in the next cycle
NOT_READY = 2  # the chip has no new scan yet

# special temperatures: what the converter sees, not a guess of the driver
SENSOR_OPEN, SENSOR_SHORT = -32768, 32767

# MOSFET bits of Afe.mosfets()
CHARGE_ON, DISCHARGE_ON = 1, 2

# latch bits of Afe.latches(): trips of the chip's own hardware protection
LATCH_DISCHARGE_SHORT = 1
LATCH_CHARGE_SHORT = 2
LATCH_CHARGE_OC = 4
LATCH_DISCHARGE_OC = 8
LATCH_CELL_OV = 16
LATCH_CELL_UV = 32
LATCH_WATCHDOG = 64  # the host was silent for too long
LATCH_RESET = 128  # the chip lost its configuration (power-on, brown-out)
LATCH_ALL = 255

# lamps of PanelIo.set_leds()
LED_ON_OFF, LED_RUN, LED_ALM, LED_LINK = 1, 2, 4, 8
LED_L1 = 16  # L1..L6 = 16 << 0..5
LED_ALL = 1023

DRY1, DRY2 = 1, 2

KEY_ACTIVATE, KEY_RESET = 1, 2

# reset causes
RESET_POWER_ON, RESET_PIN, RESET_WATCHDOG, RESET_BROWN_OUT, RESET_SOFT = range(5)

TICKS_PERIOD = 1 << 30  # every HAL clock wraps here (ms)


class Sample:
    """One measurement, allocated once by the firmware and filled by `Afe.read`."""

    def __init__(self):
        self.cell_mv = array("H", [0] * MAX_CELLS)
        self.cells_found = 0  # inputs that carry a cell
        self.current_ma = 0  # + charges; saturates at the sensor's range
        self.temp_dc = array("h", [SENSOR_OPEN] * TEMPERATURES)
        self.scan = 0  # the chip's scan counter, any integer; it proves that data is fresh
        self.pack_mv = -1  # pack tap, -1 where the board has none
        self.port_mv = -1  # load side of the MOSFETs, -1 where the board has none


class HardwareLimits:
    """Thresholds of the chip's own protection. 0 = off. `Afe.read_back` gives the values that the
    chip really applies (quantised towards the safe side)."""

    FIELDS = tuple(
        "cell_ov_mv cell_ov_delay_ms cell_uv_mv cell_uv_delay_ms charge_oc_ma charge_oc_delay_ms "
        "discharge_oc_ma discharge_oc_delay_ms short_ma short_delay_us watchdog_ms cells".split()
    )

    def __init__(self):
        self.clear()

    def clear(self):
        """Everything off."""
        self.cell_ov_mv = 0
        self.cell_ov_delay_ms = 0
        self.cell_uv_mv = 0
        self.cell_uv_delay_ms = 0
        self.charge_oc_ma = 0
        self.charge_oc_delay_ms = 0
        self.discharge_oc_ma = 0
        self.discharge_oc_delay_ms = 0
        self.short_ma = 0
        self.short_delay_us = 0
        self.watchdog_ms = 0
        self.cells = 0


class Capabilities:
    """What the front end and the board declare (plain numbers and booleans, fixed at start)."""

    def __init__(self):
        self.period_ms = 100  # control period = scan period of the front end
        self.name = "base"
        # cells per chemistry: (min, max) for LFP, Li-ion, LTO; (0, 0) = chemistry not supported
        self.cells_lfp = (3, 16)
        self.cells_li_ion = (3, 16)
        self.cells_lto = (3, 16)
        self.current_range_ma = 750_000
        self.host_watchdog = True  # the chip opens both MOSFETs when the host is silent
        self.charge_short = True  # a charge short-circuit comparator of its own
        self.ocp_min_ma = 1_000  # settable range of the over-current limits on this board
        self.ocp_max_ma = 1_200_000
        self.balance_max_ma = 2_000


class Afe:
    """Analog front end: cells, current, temperatures, MOSFET drive, hardware protection.

    All methods take under 2 ms on the bus. After power-on both MOSFETs are off and stay off until
    `set_mosfets`. A tripped chip opens its MOSFETs by itself; it never closes one by itself.
    """

    def start(self):
        """Bring the chip to a known state, both MOSFETs off: without limits, or one that proves to
        run with all our settings as it is. True when it answers."""
        raise NotImplementedError

    def read(self, sample):
        """Fill `sample`; OK, BUS_ERROR or NOT_READY. On error the sample is left as it was."""
        raise NotImplementedError

    def set_mosfets(self, charge, discharge):
        """Ask for both MOSFETs at once. False on a bus error: the state is then unknown."""
        raise NotImplementedError

    def mosfets(self):
        """What the gate drivers do now: CHARGE_ON | DISCHARGE_ON, or -1 on a bus error."""
        raise NotImplementedError

    def configure(self, limits):
        """Write the hardware limits. Only with both MOSFETs off (else False, nothing written)."""
        raise NotImplementedError

    def read_back(self, limits):
        """Fill `limits` with the values that the chip applies. False on a bus error."""
        raise NotImplementedError

    def quantise(self, limits):
        """Round `limits` in place to what `configure` would make of them (safe side, no bus)."""
        raise NotImplementedError

    def latches(self):
        """LATCH_ bits of trips that stand, or -1 on a bus error."""
        raise NotImplementedError

    def clear_latches(self, bits):
        """Clear trips whose cause is gone. False on a bus error."""
        raise NotImplementedError


class PanelIo:
    """Lamps, contacts, DIP switch and keys. In reset and without power every output is off and
    both contacts are open."""

    def set_leds(self, bits):
        """Drive the LED_ bits; the others go dark."""
        raise NotImplementedError

    def set_contacts(self, bits):
        """Close the DRY1 | DRY2 contacts given, open the others."""
        raise NotImplementedError

    def dip(self):
        """Raw DIP switch, 0..15, not debounced; -1 when a line floats or the bus fails."""
        raise NotImplementedError

    def keys(self):
        """KEY_ bits that are pressed now, not debounced."""
        raise NotImplementedError


class Serial:
    """One UART, non-blocking. RS485 direction is the HAL's own business (decision 12).

    The port that serves it sets `wanted`: as soon as so many bytes wait, a whole frame may be
    there. A HAL that wakes its ports early does it then.
    """

    def set_baud(self, baud):
        """8N1 at `baud`; takes effect when the transmitter is idle."""
        raise NotImplementedError

    def read_into(self, buffer):
        """Copy received bytes into `buffer`; their number, 0 when there are none."""
        raise NotImplementedError

    def write(self, buffer, n):
        """Queue the first `n` bytes; True when all were taken, else nothing was."""
        raise NotImplementedError

    def sending(self):
        """True while bytes are on the wire."""
        raise NotImplementedError

    def overruns(self):
        """Bytes lost in the receiver since start."""
        raise NotImplementedError

    def quiet_ms(self):
        """Time since the last byte was received; -1 where the board does not measure it."""
        return -1


class Clock:
    """Ticks that wrap at 2**30 ms, and a real-time clock."""

    def ticks_ms(self):
        """0 .. 2**30 - 1, never jumps except at the wrap."""
        raise NotImplementedError

    def ticks_diff(self, later, earlier):
        """Signed ms between two ticks, -2**29 .. 2**29 - 1."""
        half = TICKS_PERIOD >> 1
        return (later - earlier + half & TICKS_PERIOD - 1) - half

    def rtc_s(self):
        """Seconds since 2020-01-01 00:00:00, or None while the clock is not set."""
        raise NotImplementedError

    def set_rtc(self, seconds):
        """Set the real-time clock."""
        raise NotImplementedError


class Nvm:
    """Small non-volatile records in numbered slots; a write cut by a power loss may leave its slot
    torn or empty, never another one (records carry a CRC, each has two slots)."""

    SLOTS = 7
    SIZE = 512

    def read(self, slot, buffer):
        """Copy the slot into `buffer`; bytes read, 0 when empty or unreadable."""
        raise NotImplementedError

    def write(self, slot, buffer, n):
        """Replace the slot by the first `n` bytes. False when it failed. Up to 60 ms."""
        raise NotImplementedError


class Watchdog:
    """Hardware watchdog: cannot be stopped once started."""

    def start(self, timeout_ms):
        """Begin; a missing feed resets the controller with both MOSFETs off."""
        raise NotImplementedError

    def feed(self):
        """Start the time-out anew."""
        raise NotImplementedError


class Hal:
    """Everything a board offers. Attributes set to None are absent."""

    def __init__(self):
        self.capabilities = Capabilities()
        self.afe = None
        self.panel = None
        self.rs485_1 = None
        self.rs485_2 = None
        self.rs232 = None
        self.can = None
        self.clock = None
        self.nvm = None
        self.watchdog = None
        # optional
        self.kill_line = None  # Switch: on = both MOSFETs forced off, independent of the bus
        self.precharge = None  # Switch
        self.heater = None  # Heater
        self.charge_limiter = None  # Switch
        self.charger_sense = None  # ChargerSense
        self.load_detect = None  # LoadDetect
        self.buzzer = None  # Switch
        self.balancer = None
        self.display = None
        self.power_latch = None  # PowerLatch
        self.reset_cause = None  # one of RESET_*, or None where the board cannot tell
        self.brown_out = None  # function() -> True while the supply is falling
        self.built = None  # function(), called once when the firmware's objects are all there

    def bring(self, name):
        """Build the port with this name (rs485_1, rs485_2, rs232, can), where a board has not done
        so at once: the drivers of ports need not be there when the first control cycle runs."""

    def reset(self):
        """Restart the controller as the RST key does. Returns where it cannot happen at once."""
        raise NotImplementedError

    def lock_heap(self, on):
        """No allocation, and no collection, until it is unlocked. Where that is not possible
        nothing happens."""
