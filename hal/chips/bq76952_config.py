"""The settings of a BQ76952 that do not depend on the limits, and how they are written.

Settings are changed in CONFIG_UPDATE mode, which turns both MOSFETs off and stops measurement and
protection; all of them take effect together when it is left (TRM, "configuration update").
"""

import struct

from hal.chips.bq76952_bus import Block

# registers
BATTERY_STATUS = 0x12
ALARM_ENABLE = 0x66
# bits of Battery Status
IN_UPDATE = 0x0001
POWER_ON = 0x0008  # the settings are the defaults
# subcommands
DEVICE_NUMBER = 0x0001
RESET = 0x0012
FET_ENABLE = 0x0022  # a toggle: MFG_STATUS tells whether it is needed
MFG_STATUS = 0x0057
FET_EN = 0x10
SET_CFGUPDATE = 0x0090
EXIT_CFGUPDATE = 0x0092
FET_CONTROL = 0x0097
SWAP_COMM_MODE = 0x29BC
# data memory
CC_GAIN = 0x91A8
POWER_CONFIG = 0x9234
COMM_TYPE = 0x9239
ENABLED = 0x9261
CHARGE_FET_ACTIONS = 0x9265
DISCHARGE_FET_ACTIONS = 0x9269
BODY_DIODE = 0x9273
RECOVERY_TIME = 0x92AF
PINS = 0x92FA
FET_OPTIONS = 0x9308

VCELL_MODE = 0x9304

# which trip opens which MOSFET, in the order A, B, C; these values of A act immediately (TRM)
CHARGE_ACTIONS = b"\x98\xd5\x56"
DISCHARGE_ACTIONS = b"\xe4\xe6\xe2"
CC_GAIN_1MOHM = 7.4768  # of a shunt of 1 mOhm (datasheet; the board's own gain is calibrated)
CAPACITY_GAIN = 298261.6178  # times the gain of the current
BODY_DIODE_MA = 500
POWER = b"\x82\x28"  # as by default, but no SLEEP
I2C_FAST_CRC = 0x12
ALARMS = b"\x82\xf0"  # 0xF082: SSBC, SSA, PF, masks, FULLSCAN, ADSCAN
KILL_PIN = 1  # DFETOFF, as one pin that turns off both MOSFETs
KILL = 0x42
CELL_NTC = 0x07  # 18 kOhm pull-up, 18k model, counts for the cells
FET_NTC = 0x0F
SERIES_FETS = 0x2D  # series FETs, controlled by the host, off after a reset
USER_UNITS = 0x06  # currents in 10 mA, stack, PACK and LD in 10 mV
SETTLE_US = 2_000
POLLS = 10


class Config:
    """Writes settings over a Link. `count_ma` is what one count of a current means."""

    def __init__(self, link, shunt_uohm, count_ma, sensors, kill_pin, crc):
        self._link = link
        self._status = Block(BATTERY_STATUS, 2)
        gain = CC_GAIN_1MOHM * 1000 / shunt_uohm * 10 / count_ma
        self._gains = struct.pack("<ff", gain, gain * CAPACITY_GAIN)
        self._body_diode = struct.pack("<h", BODY_DIODE_MA * 10 // count_ma)
        pins = bytearray(9)
        if kill_pin:
            pins[KILL_PIN] = KILL
        last = len(sensors) - 1
        for i in range(len(sensors)):
            if sensors[i] >= 0:
                pins[sensors[i]] = FET_NTC if i == last else CELL_NTC
        self._pins = bytes(pins) + bytes((USER_UNITS,))
        self._crc = crc
        self.ours = False
        self.mode = self.enabled_a = self.enabled_c = 0

    def status(self):
        """Battery Status, -1 on a bus error."""
        return self._status.word(0) if self._link.bus.read(self._status) else -1

    def enter(self):
        """Into CONFIG_UPDATE mode."""
        return self._link.command(SET_CFGUPDATE) and self._is(IN_UPDATE)

    def leave(self):
        """Out of it; the settings act from now on. Also names the alarms that are latched."""
        link = self._link
        if not link.command(EXIT_CFGUPDATE) or not self._is(0):
            return False
        if self._crc and not link.bus.crc and not self._swap():
            return False
        return link.bus.write(ALARM_ENABLE, ALARMS, 2) and self._enable_fets()

    def _is(self, wanted):
        for _ in range(POLLS):
            status = self.status()
            if status >= 0 and status & IN_UPDATE == wanted:
                return True
            self._link.wait_us(SETTLE_US)
        return False

    def _swap(self):
        """Change over to I2C with CRC: the chip does so only when told."""
        self._link.command(SWAP_COMM_MODE)
        self._link.bus.crc = True
        return self.status() >= 0

    def _enable_fets(self):
        """Out of the FET test mode."""
        link = self._link
        if link.receive(MFG_STATUS) < 1:
            return False
        if link.answer.data[0] & FET_EN:
            return True
        if not link.command(FET_ENABLE) or link.receive(MFG_STATUS) < 1:
            return False
        return link.answer.data[0] & FET_EN != 0

    def write_base(self):
        """All settings but the limits; only in CONFIG_UPDATE mode."""
        send = self._link.send
        return (
            send(CC_GAIN, self._gains, 8)
            and send(POWER_CONFIG, POWER, 2)
            and send(CHARGE_FET_ACTIONS, CHARGE_ACTIONS, 3)
            and send(DISCHARGE_FET_ACTIONS, DISCHARGE_ACTIONS, 3)
            and send(BODY_DIODE, self._body_diode, 2)
            and send(PINS, self._pins, 10)
            and send(FET_OPTIONS, bytes((SERIES_FETS,)), 1)
            and (not self._crc or send(COMM_TYPE, bytes((I2C_FAST_CRC,)), 1))
        )

    def look(self):
        """Read what stands around the limits: `ours` when it is as written, `mode` (Vcell Mode),
        `enabled_a` and `enabled_c`. False on a bus error."""
        link = self._link
        data = link.answer.data
        if link.receive(PINS) < 32:
            return False
        ours = data[FET_OPTIONS - PINS] == SERIES_FETS
        for i in range(10):
            ours = ours and data[i] == self._pins[i]
        self.mode = link.answer.word(VCELL_MODE - PINS)
        if link.receive(ENABLED) < 32:
            return False
        for i in range(3):
            ours = (
                ours and data[4 + i] == CHARGE_ACTIONS[i] and data[8 + i] == DISCHARGE_ACTIONS[i]
            )
        for i in range(2):
            ours = ours and data[BODY_DIODE - ENABLED + i] == self._body_diode[i]
        self.enabled_a, self.enabled_c = data[0], data[2]
        self.ours = ours and data[1] == 0
        return True

    def kept(self):
        """True when also the rest is as `write_base` and `leave` make it: the chip runs with it
        and needs no start. False on a bus error."""
        link, data = self._link, self._link.answer.data
        status = self.status()
        if status < 0 or status & (POWER_ON | IN_UPDATE) or link.bus.crc != self._crc:
            return False
        if link.receive(MFG_STATUS) < 1 or not data[0] & FET_EN or link.receive(CC_GAIN) < 32:
            return False
        for i in range(8):
            if data[i] != self._gains[i]:
                return False
        if link.receive(POWER_CONFIG) < 32 or data[0] != POWER[0] or data[1] != POWER[1]:
            return False
        if self._crc and data[COMM_TYPE - POWER_CONFIG] != I2C_FAST_CRC:
            return False
        return link.bus.write(ALARM_ENABLE, ALARMS, 2)
