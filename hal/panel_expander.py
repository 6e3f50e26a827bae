"""Lamps, contacts and DIP switch behind a 16-bit port expander, the key at a pin of its own.

The expander's reset input is held low by a resistor until the program starts: in every reset of
the controller all lamps are dark and both contacts open.
"""

from hal import contract as c

LAMPS = 10  # pins 0..9, in the order of the LED_ bits
DIP_SHIFT = 10  # pins 10..13, to ground when ON, with pull-ups
CONTACT_SHIFT = 14  # pins 14, 15
OUTPUTS = c.LED_ALL | 3 << CONTACT_SHIFT
PULL_UPS = 15 << DIP_SHIFT


class ExpanderPanel(c.PanelIo):
    """`expander` has write(word) and read() (OUTPUTS, PULL_UPS); `key` is a pin, low = pressed."""

    def __init__(self, expander, key):
        self._expander = expander
        self._key = key
        self._word = 0
        expander.write(0)

    def set_leds(self, bits):
        self._word = self._word & ~c.LED_ALL | bits & c.LED_ALL
        self._expander.write(self._word)

    def set_contacts(self, bits):
        self._word = self._word & c.LED_ALL | (bits & (c.DRY1 | c.DRY2)) << CONTACT_SHIFT
        self._expander.write(self._word)

    def dip(self):
        word = self._expander.read()
        return word if word < 0 else ~word >> DIP_SHIFT & 15

    def keys(self):
        return 0 if self._key.value() else c.KEY_ACTIVATE
