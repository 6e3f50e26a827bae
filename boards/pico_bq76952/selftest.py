"""Tests the board in service mode and names what is wrong in words. Both MOSFETs stay off: the
kill line is pulled all the while. Lamps walk and contacts click, so that an eye can check them.
"""

import gc
import sys

from boards.pico_bq76952 import board as pins
from firmware import parameter_ids as p
from firmware.parameters import Parameters
from hal import contract as c
from hal import parts as hp
from hal.chips import ds3231, mcp23017
from hal.chips.bq76952_bus import ADDRESS as AFE_ADDRESS
from hal.panel_expander import DIP_SHIFT, OUTPUTS, PULL_UPS

LEAST_RAM = 40_000
LEAST_FLASH = 65_536  # an upgrade writes a file before it deletes the old one
LEAST_SUPPLY_MV = 4_500
GAP_US = 5_000  # longest pause of a loop that does nothing
LAMP_MS = 120
TEST_ID = 0x7FF  # the lowest priority, and no inverter's
BIT_RATE = 500_000


class Report:
    """Writes lines; `failed` counts."""

    def __init__(self, out):
        self._out = out
        self.failed = 0

    def ok(self, text):
        self._out("ok    " + text)

    def note(self, text):
        """Worth a look, no fault of the board."""
        self._out("note  " + text)

    def fail(self, text):
        self.failed += 1
        self._out("FAIL  " + text)


def run(board, machine, time, out):
    """All tests; True when none failed."""
    report = Report(out)
    if not right_image(report, sys.platform):
        return False
    kill_line(board, report)
    bus(board.afe_bus, "front end", pins.AFE_SDA, pins.AFE_SCL, report)
    front_end(board, machine, time, report)
    bus(board.panel_bus, "panel", pins.PANEL_SDA, pins.PANEL_SCL, report)
    if panel(board, report):
        dip(board, report)
        walk(board, time, report)
    clock(board, report)
    can(board, time, report)
    supply(board, report)
    memory(report)
    flash(board, report)
    lateness(time, report)
    out("self-test: %s" % ("%d FAILED" % report.failed if report.failed else "passed"))
    return not report.failed


def right_image(report, platform):
    """The program is for a RP2040."""
    if platform in ("rp2", "linux"):  # linux: the simulation
        report.ok("image %s on %s" % (pins.NAME, platform))
        return True
    report.fail("wrong image: %s is for a RP2040, this is %s" % (pins.NAME, platform))
    return False


def kill_line(board, report):
    board.kill_line.set(True)
    if board.kill_line.is_on():
        report.ok("kill line is high: both MOSFETs off")
    else:
        report.fail("kill line (GP%d) does not follow: short to ground?" % pins.KILL)


def bus(i2c, name, sda, scl, report):
    """Both lines are high while nobody talks."""
    if i2c.lines_high():
        return
    where = "GP%d (SDA), GP%d (SCL)" % (sda, scl)
    report.fail("%s bus is stuck low at %s: short, no pull-ups, or a chip without supply"
                % (name, where))  # fmt: skip


def front_end(board, machine, time, report):
    """Chip, cells, sensors."""
    afe, sample = board.afe, c.Sample()
    if not afe.start():
        report.fail(missing(machine, "BQ76952", AFE_ADDRESS, pins.AFE_SDA, pins.AFE_SCL))
        return
    report.ok("front end BQ769x2 with %d inputs" % afe.inputs)
    time.sleep_ms(500)
    if afe.mosfets() != 0:
        report.fail("front end says that a MOSFET is on")
    if afe.read(sample) != c.OK:
        report.fail("front end measures nothing: is the lowest cell wired, and the top one?")
        return
    cells(sample, report)
    for i in range(c.TEMPERATURES):
        sensor(sample.temp_dc[i], "MOSFET" if i == c.MOS_SENSOR else "T%d" % (i + 1), report)


def cells(sample, report):
    wanted, found = Parameters().values[p.CELL_COUNT], sample.cells_found
    low, high = min(sample.cell_mv[:found]), max(sample.cell_mv[:found])
    if found != wanted:
        report.fail(
            "front end finds %d cells, %d are set: wiring, or the setting" % (found, wanted)
        )
    else:
        report.ok("%d cells, %d .. %d mV, current %d mA" % (found, low, high, sample.current_ma))


def sensor(dc, name, report):
    if dc == c.SENSOR_OPEN:
        report.note("%s sensor is open or not fitted" % name)
    elif dc == c.SENSOR_SHORT:
        report.fail("%s sensor is shorted" % name)
    else:
        sign, dc = "-" if dc < 0 else "", abs(dc)
        report.ok("%s sensor: %s%d.%d degC" % (name, sign, dc // 10, dc % 10))


def missing(machine, chip, address, sda, scl):
    """Why a chip does not answer: the lines are tried the other way round."""
    pin = machine.Pin
    swapped = machine.SoftI2C(scl=pin(sda), sda=pin(scl), freq=100_000)
    if address in swapped.scan():
        return "%s: SDA and SCL are swapped (GP%d, GP%d)" % (chip, sda, scl)
    return "%s does not answer at 0x%02x: supply, ground, GP%d (SDA), GP%d (SCL)" % (
        chip, address, sda, scl)  # fmt: skip


def panel(board, report):
    """The port expander."""
    if board.expander.read() >= 0:
        report.ok("panel MCP23017")
        return True
    report.fail(
        "panel MCP23017 does not answer at 0x%02x: supply, reset (GP%d), address pins"
        % (mcp23017.ADDRESS, pins.PANEL_RESET)
    )
    return False


def dip(board, report):
    """A line with its resistor, or its closed switch, does not keep what was put on it."""
    floating = floats(board.panel_bus)
    for i in range(4):
        if floating >> i & 1:
            report.fail("DIP switch line %d floats: its pull-up or its wire is missing" % (i + 1))
    address = board.panel.dip()
    if not floating and address >= 0:
        report.ok("DIP switch: address %d" % address)


def floats(bus):
    """Bits of the DIP lines that stay low after a pulse low and high after a pulse high."""
    kept = 15
    for level in (0, 15):
        word = level << DIP_SHIFT
        put(bus, mcp23017.GPPU, 0)
        put(bus, mcp23017.OLAT, word)
        put(bus, mcp23017.IODIR, ~(OUTPUTS | PULL_UPS) & 0xFFFF)
        put(bus, mcp23017.IODIR, ~OUTPUTS & 0xFFFF)
        found = bytearray(2)
        bus.readfrom_mem_into(mcp23017.ADDRESS, mcp23017.GPIO, found)
        read = (found[0] | found[1] << 8) >> DIP_SHIFT & 15
        kept &= ~(read ^ level)
    put(bus, mcp23017.OLAT, 0)
    put(bus, mcp23017.GPPU, PULL_UPS)
    return kept


def put(bus, register, word):
    bus.writeto(mcp23017.ADDRESS, bytes((register, word & 0xFF, word >> 8)))


def walk(board, time, report):
    """Every lamp alone, then both contacts, then the buzzer."""
    shorted = 0
    for bit in range(10):
        board.panel.set_leds(1 << bit)
        board.expander.read()
        shorted |= board.expander.shorted
        time.sleep_ms(LAMP_MS)
    board.panel.set_leds(0)
    for contact in (c.DRY1, c.DRY2):
        board.panel.set_contacts(contact)
        board.expander.read()
        shorted |= board.expander.shorted
        time.sleep_ms(2 * LAMP_MS)
    board.panel.set_contacts(0)
    board.buzzer.set(True)
    time.sleep_ms(LAMP_MS)
    board.buzzer.set(False)
    if shorted:
        report.fail("panel outputs 0x%04x do not follow: shorted" % shorted)
    else:
        report.ok("lamps, contacts and buzzer were driven: look and listen")


def clock(board, report):
    state = board.rtc_chip.state()
    if state is None:
        report.fail("clock DS3231 does not answer at 0x%02x" % ds3231.ADDRESS)
    elif not state:
        report.note("clock has stood still: no battery, or it was never set")
    else:
        report.ok("clock runs")


def can(board, time, report):
    """A frame that nobody acknowledges makes the chip error-passive within milliseconds."""
    board.bring("can")
    can = board.can
    can.set_bitrate(BIT_RATE)
    if can.problem is not None:
        report.fail("CAN: " + can.problem)
        return
    can.send(TEST_ID, False, b"", 0)
    time.sleep_ms(20)
    state = can.state()
    if state == hp.Can.ACTIVE:
        report.ok("CAN: another node acknowledges at %d kbit/s" % (BIT_RATE // 1000))
    else:
        report.note(
            "CAN: nobody acknowledges at %d kbit/s: not connected, another bit rate, CAN_H and "
            "CAN_L swapped, or no terminator" % (BIT_RATE // 1000)
        )
    can.restart()


def supply(board, report):
    mv = board.supply.read()
    if mv < LEAST_SUPPLY_MV:
        report.fail("supply (VSYS) is %d mV, %d are needed" % (mv, LEAST_SUPPLY_MV))
    else:
        report.ok("supply (VSYS) %d mV" % mv)
    report.ok("charger %d mV, heater %d mA, key %s" % (
        board.charger_sense.voltage_mv(),
        board.heater.current_ma(),
        "pressed" if board.panel.keys() else "free",
    ))  # fmt: skip


def memory(report):
    gc.collect()
    free = gc.mem_free() if hasattr(gc, "mem_free") else LEAST_RAM
    good = report.ok if free >= LEAST_RAM else report.fail
    good("RAM: %d bytes free" % free)


def flash(board, report):
    free = board.flash_free()
    if free < LEAST_FLASH:
        report.fail("flash is full: %d bytes free, %d are needed" % (free, LEAST_FLASH))
    else:
        report.ok("flash: %d kB free" % (free // 1024))


def lateness(time, report):
    """The longest pause in a loop without work: interrupts, collection, flash."""
    longest = 0
    last = time.ticks_us()
    for _ in range(2000):
        now = time.ticks_us()
        longest = max(longest, time.ticks_diff(now, last))
        last = now
    good = report.ok if longest < GAP_US else report.fail
    good("longest pause of an idle loop: %d us" % longest)
