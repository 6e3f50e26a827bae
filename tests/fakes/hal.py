"""A HAL made of plain values: set what the firmware shall measure, look at what it drives.

Runs on CPython and MicroPython. Nothing happens by itself: no time passes, no current flows.
`FakeHal(cells=8)` has every optional part; set an attribute to None to leave it out.
"""

from hal import contract as c
from tests.fakes import parts
from tests.fakes.afe import FakeAfe


class FakeHal(c.Hal):
    """The whole board. `cells` inputs of the front end carry a cell."""

    def __init__(self, cells=8):
        c.Hal.__init__(self)
        self.capabilities.name = "fake"
        self.afe = FakeAfe(self, cells)
        self.panel = parts.FakePanelIo()
        self.rs485_1 = parts.FakeSerial()
        self.rs485_2 = parts.FakeSerial()
        self.rs232 = parts.FakeSerial()
        self.can = parts.FakeCan()
        self.clock = parts.FakeClock()
        self.nvm = parts.FakeNvm()
        self.watchdog = parts.FakeWatchdog()
        self.kill_line = parts.FakeSwitch()
        self.kill_line.on = True  # as in reset (PRT-21): the firmware releases it
        self.precharge = parts.FakeSwitch()
        self.heater = parts.FakeHeater()
        self.charge_limiter = parts.FakeSwitch()
        self.charger_sense = parts.FakeChargerSense()
        self.load_detect = parts.FakeLoadDetect()
        self.buzzer = parts.FakeSwitch()
        self.balancer = parts.FakeBalancer()
        self.power_latch = parts.FakePowerLatch()
        self.reset_cause = c.RESET_POWER_ON
        self.falling = False
        self.brown_out = self._brown_out
        self.resets = 0

    def _brown_out(self):
        return self.falling

    def reset(self):
        self.resets += 1
