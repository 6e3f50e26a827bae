"""Classes that only say what others have to offer: not in the image, nothing else changed."""

from tools.interfaces import without_interfaces

CONTRACT = '''
"""What a board offers."""


class Switch:
    """On or off."""

    pass


class Heater(Switch):
    pass


class Clock:
    def ticks_diff(self, later, earlier):
        return later - earlier


class Refused(ValueError):
    """Not empty: what it stands on says something."""


class Named:
    """Said elsewhere than as a base."""
'''
PINS = """
from pack import contract as c
from pack.contract import Heater, Named, Refused


class Output(c.Switch):
    def set(self, on):
        return on


class Both(Output, Heater):
    pass


class Ticks(c.Clock, c.Heater):
    kinds = (Named, Refused)


def made():
    return Both(), Ticks()
"""


def images():
    return without_interfaces({"pack.contract": CONTRACT, "pack.pins": PINS})


# req: HAL-01
def test_empty_classes_are_gone_and_others_stay():
    contract = images()["pack.contract"]
    assert "Switch" not in contract and "Heater" not in contract
    for name in ("Clock", "Refused(ValueError)", "Named"):
        assert f"class {name}:" in contract


# req: HAL-01
def test_drivers_stand_on_what_is_left():
    pins = images()["pack.pins"]
    for header in ("class Output:", "class Both(Output):", "class Ticks(c.Clock):"):
        assert header in pins
    assert "from pack.contract import Named, Refused" in pins


# req: HAL-01
def test_a_class_that_something_else_names_stays():
    texts = {"pack.a": "class Empty:\n    pass\n\n\nMADE = Empty()\n", "pack.b": "N = 1\n"}
    assert "class Empty" in without_interfaces(texts)["pack.a"]


# req: HAL-01
def test_the_program_runs_without_them():
    texts = images()
    space = {}
    exec(texts["pack.contract"], space)
    rest = "".join(line for line in texts["pack.pins"].splitlines(True) if "import" not in line)
    space["c"] = type("contract", (), {"Clock": space["Clock"]})
    exec(rest, space)
    both, ticks = space["made"]()
    assert both.set(3) == 3 and ticks.ticks_diff(5, 2) == 3
