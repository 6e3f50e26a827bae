"""The fake board keeps the contract, on CPython and on MicroPython."""

from hal import contract as c
from tests.fakes.hal import FakeHal
from tests.hal import contract


class FakeBench(contract.Bench):
    """Time passes when the clock is moved; a restart is what a reset does to a board."""

    def __init__(self, hal):
        contract.Bench.__init__(self, hal)

    def pass_ms(self, ms):
        self.hal.clock.advance(ms)

    def restart(self):
        hal = self.hal
        for name in ("precharge", "heater", "charge_limiter", "buzzer"):
            if getattr(hal, name) is not None:
                getattr(hal, name).on = False
        hal.afe.mosfet_bits = 0
        if hal.kill_line is not None:
            hal.kill_line.on = True

    def break_bus(self, on):
        self.hal.afe.read_result = c.BUS_ERROR if on else c.OK

    def feed(self, port, data):
        port.received.extend(data)

    def sent(self, port):
        return bytes(port.sent)


def full():
    bench = FakeBench(FakeHal(cells=8))
    bench.hal.clock.rtc = 0
    return bench


def bare():
    bench = full()
    for name in (
        "kill_line",
        "precharge",
        "heater",
        "charge_limiter",
        "charger_sense",
        "load_detect",
        "buzzer",
        "balancer",
        "power_latch",
        "reset_cause",
        "brown_out",
        "can",
        "rs232",
    ):
        setattr(bench.hal, name, None)
    return bench


# req: HAL-01
def test_fake_board_keeps_the_contract():
    assert len(contract.run(full)) == len(contract.CHECKS)


# req: HAL-01
def test_fake_board_without_optional_parts_keeps_the_contract():
    assert len(contract.run(bare)) == len(contract.CHECKS)


# req: HAL-01, PRT-21
def test_suite_notices_a_board_that_starts_with_a_mosfet_on():
    def careless():
        bench = full()
        bench.hal.kill_line = None
        bench.hal.afe.mosfet_bits = c.CHARGE_ON
        return bench

    try:
        contract.run(careless)
    except AssertionError:
        return
    raise AssertionError("a MOSFET on at start was not noticed")


# req: HAL-01, PRT-22
def test_suite_notices_a_front_end_that_hides_its_rounding():
    def careless():
        bench = full()
        bench.hal.afe.quantise = lambda limits: None
        bench.hal.afe.read_back = lambda limits: True
        return bench

    try:
        contract.run(careless)
    except AssertionError:
        return
    raise AssertionError("a wrong read-back was not noticed")
