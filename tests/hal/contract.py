"""The contract test suite that every HAL must pass (HAL-01, HAL-03).

`run(make)` runs all checks; `make()` returns a fresh Bench. No pytest: it runs on MicroPython as
well. A bench says how time passes and how a restart of the controller happens on that HAL.
"""

from tests.hal import contract_afe, contract_io, contract_mosfets

CHECKS = contract_mosfets.CHECKS + contract_afe.CHECKS + contract_io.CHECKS


class Bench:
    """What a HAL's own test provides. Subclass it and override everything."""

    def __init__(self, hal):
        self.hal = hal  # as it is before the firmware's first step

    def pass_ms(self, ms):
        """Let time pass; scans happen."""
        raise NotImplementedError

    def restart(self):
        """Reset the controller; the HAL is as in reset afterwards."""
        raise NotImplementedError

    def break_bus(self, on):
        """The front end stops answering, or answers again."""
        raise NotImplementedError

    def feed(self, port, data):
        """Bytes arrive at a serial port (an object of the HAL)."""
        raise NotImplementedError

    def sent(self, port):
        """Bytes that have left a serial port so far."""
        raise NotImplementedError


def run(make):
    """Every check on a fresh bench; the names of those that ran."""
    names = []
    for check in CHECKS:
        check(make())
        names.append(check.__name__)
    return names
