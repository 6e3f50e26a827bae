"""Raspberry Pi Pico with a BQ76952: 3 to 16 cells, wired for 8S or 16S (README.md).

The pins stand here and nowhere else: the wiring table and its picture are made from this file.
"""

from hal import contract as c
from hal.chips.bq76952 import Bq76952
from hal.chips.ds3231 import Ds3231
from hal.chips.mcp23017 import Mcp23017
from hal.panel_expander import OUTPUTS, PULL_UPS, ExpanderPanel
from hal.rp2040 import Rp2040
from hal.rp2040_i2c import I2cBus
from hal.rp2040_idle import Idle
from hal.rp2040_pins import Analog, ChargerSense, Heater, Output, PowerLatch, SupplyWatch

NAME = "pico_bq76952"

# pins (GPIO numbers)
RS485_1_TX, RS485_1_RX = 0, 1  # UART0
PANEL_SDA, PANEL_SCL = 2, 3  # I2C1: port expander and clock chip
RS485_2_TX, RS485_2_RX = 4, 5  # UART1
RS232_TX, RS232_RX = 6, 7  # PIO
AFE_SDA, AFE_SCL = 8, 9  # I2C0: the BQ76952 alone
SERVICE_KEY = 10  # low at start: service mode
KILL = 11  # high = both MOSFETs off; the board pulls it up
PRECHARGE, HEATER, LIMITER, BUZZER = 12, 13, 14, 15
CAN_MISO, CAN_CS, CAN_SCK, CAN_MOSI, CAN_INT = 16, 17, 18, 19, 20  # SPI0: MCP2515
PANEL_RESET = 21  # low = lamps dark, contacts open; the board pulls it down
ACTIVATE_KEY = 22  # low = pressed
HEATER_SENSE, CHARGER_SENSE = 26, 27  # ADC0, ADC1
LATCH = 28  # high holds the supply
SUPPLY_SENSE = 29  # ADC3, on the Pico a third of VSYS

SHUNT_UOHM = 200
RANGE_MA = 750_000
HEATER_FULL_MA = 33_000  # 3.3 V: 1 mOhm, amplified 100 times
HEATER_FLOOR_MA = 200
CAN_HZ, CAN_CRYSTAL_MHZ = 10_000_000, 8
CHARGER_FULL_MV = 102_300  # 3.3 V behind 300 kOhm and 10 kOhm
CHARGER_FLOOR_MV = 500
SUPPLY_FULL_MV = 9_900
SUPPLY_LEAST_MV = 4_300

# bits of Controller.wake
WAKE_PANEL, WAKE_RS485_1, WAKE_RS485_2, WAKE_RS232, WAKE_CAN = 1, 2, 4, 8, 16


def capabilities():
    """What this board can do."""
    caps = c.Capabilities()
    caps.name = NAME
    caps.charge_short = False  # the BQ76952 compares discharge only
    caps.current_range_ma = RANGE_MA
    caps.ocp_min_ma = 1_000
    caps.ocp_max_ma = 600_000  # 120 mV over the shunt
    return caps


class Board(Rp2040):
    """The parts in the order in which they make the board safe: kill line, outputs, then the
    rest; the ports later (`bring`). Handed in are MicroPython's modules, its open and os.statvfs.
    """

    def __init__(self, machine, rp2, time, open_file, statvfs):
        self._statvfs = statvfs
        self._modules = machine, rp2, time
        self._brought = []  # names of ports
        kill = Output(machine, KILL, rest=1)
        precharge = Output(machine, PRECHARGE)
        heater = Heater(machine, HEATER, Analog(machine, HEATER_SENSE, HEATER_FULL_MA,
                                                HEATER_FLOOR_MA))  # fmt: skip
        limiter, buzzer = Output(machine, LIMITER), Output(machine, BUZZER)
        latch = PowerLatch(machine, LATCH)
        self.panel_bus = I2cBus(machine, time, 1, PANEL_SDA, PANEL_SCL)
        self.rtc_chip = Ds3231(self.panel_bus)
        Rp2040.__init__(self, machine, time, open_file, self.rtc_chip)
        self.capabilities = capabilities()
        self.kill_line, self.precharge, self.heater = kill, precharge, heater
        self.charge_limiter, self.buzzer, self.power_latch = limiter, buzzer, latch
        self.afe_bus = I2cBus(machine, time, 0, AFE_SDA, AFE_SCL)
        self.afe = Bq76952(self.afe_bus, time.sleep_us, SHUNT_UOHM, RANGE_MA)
        self._build_panel(machine)
        charger = Analog(machine, CHARGER_SENSE, CHARGER_FULL_MV, CHARGER_FLOOR_MV)
        self.charger_sense = ChargerSense(charger)
        self.supply = Analog(machine, SUPPLY_SENSE, SUPPLY_FULL_MV)
        self.brown_out = SupplyWatch(self.supply, SUPPLY_LEAST_MV)
        self._idle = self._build_idle(time)

    def _build_panel(self, machine):
        pin = machine.Pin
        pin(PANEL_RESET, pin.OUT, value=1)
        self.key = pin(ACTIVATE_KEY, pin.IN, pin.PULL_UP)
        self.expander = Mcp23017(self.panel_bus, outputs=OUTPUTS, pull_ups=PULL_UPS)
        self.panel = ExpanderPanel(self.expander, self.key)

    def bring(self, name):
        if name in self._brought:
            return
        self._brought.append(name)
        machine, rp2, time = self._modules
        if name == "can":
            from boards.pico_bq76952.can_port import can  # noqa: PLC0415 (not at start)

            self.can, interrupt = can(machine, time, self.clock)
            interrupt.irq(handler=self._can_frame, trigger=machine.Pin.IRQ_FALLING)
        else:
            from boards.pico_bq76952.serial_ports import serial  # noqa: PLC0415 (not at start)

            setattr(self, name, serial(machine, rp2, time, name))
            self._idle = self._build_idle(time)

    def _can_frame(self, pin):
        """The chip holds two frames only: fetch them at once."""
        self.can.drain()
        self._idle.notice(WAKE_CAN)

    def _build_idle(self, time):
        ports = (
            (WAKE_RS485_1, self.rs485_1),
            (WAKE_RS485_2, self.rs485_2),
            (WAKE_RS232, self.rs232),
        )
        there = [(bit, port) for bit, port in ports if port is not None]
        return Idle(time, there, self.key, WAKE_PANEL)

    def flash_free(self):
        """Bytes that the file system has left."""
        sizes = self._statvfs("/")
        return sizes[0] * sizes[3]

    def idle(self, ms):
        """Wait up to `ms` for something to do; bits of Controller.wake."""
        return self._idle.wait(ms)
