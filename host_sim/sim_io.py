"""Simulated inputs and outputs beside the front end: panel, clock, memory, watchdog, switches.

Every output has its reset state in `clear()`; the HAL calls that in every reset.
"""

from hal import contract as c
from hal import parts as hp


class SimPanelIo(c.PanelIo):
    """Inputs `dip_bits`, `key_bits`; outputs `leds`, `contacts`. `floating` is a fault."""

    def __init__(self, dip=1):
        self.dip_bits = dip
        self.key_bits = 0
        self.floating = False
        self.leds = 0
        self.contacts = 0

    def clear(self):
        """Lamps dark, contacts open."""
        self.leds = self.contacts = 0

    def set_leds(self, bits):
        self.leds = bits & c.LED_ALL

    def set_contacts(self, bits):
        self.contacts = bits & (c.DRY1 | c.DRY2)

    def dip(self):
        return -1 if self.floating else self.dip_bits & 15

    def keys(self):
        return self.key_bits


class SimClock(c.Clock):
    """World time. The RTC runs on through resets once it is set (`rtc_set`)."""

    def __init__(self, world, rtc_s=None):
        self._world = world
        self._rtc_at_0 = rtc_s  # RTC seconds at world time 0

    def ticks_ms(self):
        return self._world.ticks_ms

    def rtc_s(self):
        if self._rtc_at_0 is None:
            return None
        return self._rtc_at_0 + self._world.now_us // 1_000_000

    def set_rtc(self, seconds):
        self._rtc_at_0 = seconds - self._world.now_us // 1_000_000


class SimNvm(c.Nvm):
    """Survives everything. Faults: `fails` (writes refused), `unreadable`, `tear_next` (that
    many bytes of the next write reach the slot, as when the supply dies)."""

    WRITE_US = 4_000

    def __init__(self, processor):
        self._processor = processor
        self.slots = {}
        self.fails = False
        self.unreadable = False
        self.tear_next = None
        self.writes = 0

    def read(self, slot, buffer):
        data = self.slots.get(slot)
        if data is None or self.unreadable:
            return 0
        n = min(len(data), len(buffer))
        buffer[:n] = data[:n]
        return n

    def write(self, slot, buffer, n):
        if self.fails or not 0 <= slot < self.SLOTS or n > self.SIZE:
            return False
        if self._processor.in_slice:
            self._processor.charge(self.WRITE_US)
        data = bytes(memoryview(buffer)[:n])
        if self.tear_next is not None:
            self.slots[slot] = data[: self.tear_next]
            self.tear_next = None
            return False
        self.slots[slot] = data
        self.writes += 1
        return True


class SimWatchdog(c.Watchdog):
    """Calls `bite()` when it was not fed in time."""

    def __init__(self, world, bite):
        self._world = world
        self._bite = bite
        self._timeout_us = 0
        self._fed_us = 0
        self._epoch = 0

    def clear(self):
        """Stopped, as after a reset."""
        self._timeout_us = 0
        self._epoch += 1

    def start(self, timeout_ms):
        self.clear()
        self._timeout_us = timeout_ms * 1000
        self.feed()
        self._world.after(self._timeout_us, self._check, self._epoch)

    def feed(self):
        self._fed_us = self._world.now_us

    def _check(self, epoch):
        if epoch != self._epoch or not self._timeout_us:
            return
        due_us = self._fed_us + self._timeout_us
        if self._world.now_us >= due_us:
            self.clear()
            self._bite()
        else:
            self._world.at(due_us, self._check, epoch)


class SimSwitch(hp.Switch):
    """An output; `apply(on)` tells the plant. `rest` is its state in reset."""

    def __init__(self, apply=None, rest=False):
        self._apply = apply
        self._rest = rest
        self._on = rest

    def clear(self):
        """The state in reset."""
        self.set(self._rest)

    def set(self, on):
        self._on = bool(on)
        if self._apply is not None:
            self._apply(self._on)

    def is_on(self):
        return self._on


class SimHeater(SimSwitch, hp.Heater):
    """The heating mats, with their own shunt."""

    def __init__(self, hal):
        SimSwitch.__init__(self, lambda on: hal.change(lambda: hal.plant.set_heater(on)))
        self._plant = hal.plant

    def is_on(self):
        return self._on or self._plant.heater_stuck

    def current_ma(self):
        return round(self._plant.heater_a() * 1000)


class SimChargerSense(hp.ChargerSense):
    def __init__(self, hal):
        self._hal = hal

    def voltage_mv(self):
        return round(self._hal.plant.charger_v() * 100) * 10


class SimLoadDetect(hp.LoadDetect):
    def __init__(self, hal):
        self._hal = hal

    def load_present(self):
        return self._hal.plant.load_present()


class SimBalancer(hp.Balancer):
    """An energy-transfer balancer of at most `capabilities.balance_max_ma`."""

    def __init__(self, hal):
        self._hal = hal

    def clear(self):
        """Stopped."""
        self.transfer(0, 0, 0)

    def transfer(self, donor, receiver, ma):
        ma = max(0, min(ma, self._hal.capabilities.balance_max_ma))
        plant = self._hal.plant
        self._hal.change(lambda: plant.set_balance(donor, receiver, ma / 1000))

    def current_ma(self):
        return round(self._hal.plant.balance_a() * 1000)


class SimPowerLatch(hp.PowerLatch):
    """`cut()` takes the controller's supply away."""

    def __init__(self, cut):
        self._cut = cut
        self.deep = False

    def clear(self):
        """Awake."""
        self.deep = False

    def off(self):
        self._cut()

    def sleep(self, deep):
        self.deep = bool(deep)
