"""What is soldered to the Pico's pins, for the simulation on the PC (not part of the image)."""

from boards.pico_bq76952 import board as b
from hal import contract as c
from hal.chips import ds3231, mcp23017
from hal.panel_expander import CONTACT_SHIFT, DIP_SHIFT
from host_sim.chips.bus import I2cBus, SpiBus
from host_sim.chips.ds3231 import Ds3231Chip
from host_sim.chips.mcp2515_node import Mcp2515Node
from host_sim.chips.mcp23017 import Mcp23017Chip
from host_sim.sim_hal import WAKE

SWITCHES = (
    # pin, resistor, part of the simulated HAL
    (b.KILL, 1, "kill_line"),
    (b.PRECHARGE, 0, "precharge"),
    (b.HEATER, 0, "heater"),
    (b.LIMITER, 0, "charge_limiter"),
    (b.BUZZER, 0, "buzzer"),
)
SUPPLY_V, FALLING_V = 5.0, 4.0


class Panel:
    """The expander with lamps, contacts and DIP switch: `sim.panel` on its far side."""

    def __init__(self, sim):
        self._sim = sim
        self.chip = Mcp23017Chip(self._levels)

    def _levels(self):
        """The four lines of the DIP switch have resistors to 3.3 V; a closed one is low. A
        floating line (the first) has lost its resistor."""
        panel = self._sim.panel
        lines = 15 & ~1 | panel.dip_bits if panel.floating else 15
        return lines << DIP_SHIFT, (~panel.dip_bits & 15) << DIP_SHIFT

    def reset(self, level):
        """The expander's RESET pin."""
        self.chip.reset(not level)
        self.show()

    def show(self):
        """What the outputs do now."""
        pins, panel = self.chip.outputs(), self._sim.panel
        panel.leds = pins & c.LED_ALL
        panel.contacts = pins >> CONTACT_SHIFT


class PanelBus(I2cBus):
    """The bus of the panel; lamps follow every transfer."""

    def __init__(self, clock, devices, panel):
        I2cBus.__init__(self, clock, devices)
        self._panel = panel

    def writeto(self, address, buffer):
        I2cBus.writeto(self, address, buffer)
        self._panel.show()


def connect(sim):
    """Solder the parts of a BoardHal to its pads."""
    pads, machine, clock = sim.machine.pads, sim.machine, sim.afe.clock
    machine.lines.update(
        {b.RS485_1_TX: sim.rs485_1, b.RS485_2_TX: sim.rs485_2, b.RS232_TX: sim.rs232}
    )
    machine.receivers[b.RS232_RX] = sim.rs232
    machine.buses[b.AFE_SDA] = sim.afe.i2c
    panel = Panel(sim)
    sim.clock_chip = Ds3231Chip(clock)
    sim.panel_bus = machine.buses[b.PANEL_SDA] = PanelBus(
        clock, {mcp23017.ADDRESS: panel.chip, ds3231.ADDRESS: sim.clock_chip}, panel
    )
    for number, resistor, name in SWITCHES:
        pads.watch(number, resistor, lambda level, name=name: _switch(sim, name, level))
    pads.watch(b.PANEL_RESET, 0, panel.reset)
    pads.watch(b.LATCH, 1, lambda level: None if level else sim.power_latch.off())
    for bus, data, clk in (
        (sim.afe.i2c, b.AFE_SDA, b.AFE_SCL),
        (sim.panel_bus, b.PANEL_SDA, b.PANEL_SCL),
    ):
        _pull_up(pads, bus, data, clk)
    _can(sim, pads, clock)
    pads[b.SERVICE_KEY].resistor = 1
    pads[b.ACTIVATE_KEY].source = lambda: 0 if sim.panel.key_bits & c.KEY_ACTIVATE else 1
    plant = sim.plant
    pads[b.HEATER_SENSE].volts = lambda: plant.heater_a() * 3300 / b.HEATER_FULL_MA
    pads[b.CHARGER_SENSE].volts = lambda: plant.charger_v() * 3300 / b.CHARGER_FULL_MV
    pads[b.SUPPLY_SENSE].volts = lambda: (FALLING_V if sim.supply_falling else SUPPLY_V) / 3


class Can:
    """`sim.can` on its far side: the chip on the bus, in the place of SimCan."""

    def __init__(self, node):
        self.node = node

    def clear(self):
        """A reset of the controller does not reach the chip."""

    def hold_state(self, state):
        """A fault: bus-off (anything but None)."""
        self.node.disturbed = state is not None


def _can(sim, pads, clock):
    def interrupt():
        if pads[b.CAN_INT].falls is not None:
            pads[b.CAN_INT].falls()
        sim.processor.wake(WAKE["can"])

    node = Mcp2515Node(sim.world, clock, interrupt)
    bus = sim.buses["can"]
    bus.nodes.remove(sim.can.node)
    bus.attach(node)
    sim.can = Can(node)
    spi = sim.machine.spi[b.CAN_SCK] = SpiBus(node, clock.spend)
    pads.watch(b.CAN_CS, 1, spi.cs)
    pads[b.CAN_INT].source = node.interrupt


def _switch(sim, name, level):
    part = getattr(sim, name)
    if part is not None:
        part.set(level)


def _pull_up(pads, bus, data, clk):
    """Both lines of a bus; one that a chip holds is let go after some clocks."""
    pads[data].source = lambda: 0 if bus.stuck else None
    pads[data].resistor = pads[clk].resistor = 1
    pads.watch(clk, 1, bus.clocked)
