"""The other parts of FakeHal: panel, ports, clock, memory and the optional parts."""

from hal import contract as c
from hal import parts as hp


class FakePanelIo(c.PanelIo):
    """Inputs: dip_bits, key_bits. Outputs: leds, contacts."""

    def __init__(self):
        self.dip_bits = 0
        self.key_bits = 0
        self.leds = 0
        self.contacts = 0

    def set_leds(self, bits):
        self.leds = bits

    def set_contacts(self, bits):
        self.contacts = bits

    def dip(self):
        return self.dip_bits

    def keys(self):
        return self.key_bits


class FakeSerial(c.Serial):
    """Put bytes into `received` (bytearray); written bytes collect in `sent`."""

    def __init__(self):
        self.received = bytearray()
        self.sent = bytearray()
        self.writes = 0
        self.baud = 0
        self.busy = False
        self.full = False  # True: write() takes nothing
        self.lost = 0
        self.quiet = 0  # ms

    def set_baud(self, baud):
        self.baud = baud

    def read_into(self, buffer):
        n = min(len(buffer), len(self.received))
        buffer[:n] = self.received[:n]
        self.received = self.received[n:]
        return n

    def write(self, buffer, n):
        if self.full:
            return False
        self.sent.extend(bytes(memoryview(buffer)[:n]))
        self.writes += 1
        return True

    def sending(self):
        return self.busy

    def overruns(self):
        return self.lost

    def quiet_ms(self):
        return self.quiet


class FakeCan(hp.Can):
    """Put (id, extended, bytes) into `received`; sent frames collect in `sent` the same way."""

    def __init__(self):
        self.received = []
        self.sent = []
        self.bitrate = 0
        self.bus_state = hp.Can.ACTIVE
        self.full = False
        self.restarts = 0

    def set_bitrate(self, bitrate):
        self.bitrate = bitrate

    def send(self, id, extended, data, n):
        if self.full or self.bus_state == hp.Can.BUS_OFF:
            return False
        self.sent.append((id, extended, bytes(memoryview(data)[:n])))
        return True

    def receive(self, frame):
        if not self.received:
            return False
        frame.id, frame.extended, data = self.received.pop(0)
        frame.n = len(data)
        frame.data[: frame.n] = data
        return True

    def state(self):
        return self.bus_state

    def restart(self):
        self.restarts += 1
        self.bus_state = hp.Can.ACTIVE


class FakeClock(c.Clock):
    """Set `now` (ms ticks) and `rtc` (seconds or None) at will."""

    def __init__(self):
        self.now = c.TICKS_PERIOD - 60_000
        self.rtc = None

    def ticks_ms(self):
        return self.now

    def rtc_s(self):
        return self.rtc

    def set_rtc(self, seconds):
        self.rtc = seconds

    def advance(self, ms):
        """Let time pass, over the wrap too."""
        self.now = self.now + ms & c.TICKS_PERIOD - 1


class FakeNvm(c.Nvm):
    """`slots` is {slot: bytes}; `fails` makes writes fail, `unreadable` reads."""

    def __init__(self):
        self.slots = {}
        self.fails = False
        self.unreadable = False
        self.writes = 0

    def read(self, slot, buffer):
        data = self.slots.get(slot)
        if data is None or self.unreadable:
            return 0
        n = min(len(data), len(buffer))
        buffer[:n] = data[:n]
        return n

    def write(self, slot, buffer, n):
        if self.fails or n > self.SIZE or not 0 <= slot < self.SLOTS:
            return False
        self.slots[slot] = bytes(memoryview(buffer)[:n])
        self.writes += 1
        return True


class FakeWatchdog(c.Watchdog):
    """Counts: started (ms or None), feeds."""

    def __init__(self):
        self.started = None
        self.feeds = 0

    def start(self, timeout_ms):
        self.started = timeout_ms

    def feed(self):
        self.feeds += 1


class FakeSwitch(hp.Switch):
    """`on` is the output; set `stuck` to True or False to make it report that."""

    def __init__(self):
        self.on = False
        self.stuck = None
        self.sets = 0

    def set(self, on):
        self.on = bool(on)
        self.sets += 1

    def is_on(self):
        return self.on if self.stuck is None else self.stuck


class FakeHeater(FakeSwitch):
    """`draws_ma` flows while the heater is on; `leak_ma` always."""

    def __init__(self):
        FakeSwitch.__init__(self)
        self.draws_ma = 4000
        self.leak_ma = 0

    def current_ma(self):
        return (self.draws_ma if self.is_on() else 0) + self.leak_ma


class FakeChargerSense(hp.ChargerSense):
    def __init__(self):
        self.mv = 0

    def voltage_mv(self):
        return self.mv


class FakeLoadDetect(hp.LoadDetect):
    def __init__(self):
        self.present = False

    def load_present(self):
        return self.present


class FakePowerLatch(hp.PowerLatch):
    def __init__(self):
        self.offs = 0
        self.deep = None  # last call of sleep

    def off(self):
        self.offs += 1

    def sleep(self, deep):
        self.deep = deep


class FakeBalancer(hp.Balancer):
    def __init__(self):
        self.donor = None
        self.receiver = None
        self.ma = 0

    def transfer(self, donor, receiver, ma):
        self.donor, self.receiver, self.ma = donor, receiver, ma

    def current_ma(self):
        return self.ma
