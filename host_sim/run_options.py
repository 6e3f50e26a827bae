"""The options of `python -m host_sim run`, each with its check."""

import argparse
import math

from firmware import parameter_ids as ids
from firmware.parameters import DEFAULT_PROFILE
from host_sim import protocols, tables
from host_sim.ptys import FOLDER
from host_sim.run_faults import FaultOrder

WRONG_USE = 2  # exit code
WHAT = "A simulated pack in real time, with its ports as ptys."
PROFILE_HELP = f"{', '.join(tables.PROFILES)} (%(default)s)"

# option: (bus, parameter, what stands for the default)
PROTOCOLS = {
    "--can-protocol": ("can", ids.CAN_PROTOCOL, "pylontech"),
    "--rs485-1-protocol": ("serial", ids.RS485_1_PROTOCOL, "jk-modbus"),
    "--rs485-2-protocol": ("serial", ids.RS485_2_PROTOCOL, "jk-modbus"),
    "--rs232-protocol": ("serial", ids.RS232_PROTOCOL, "jk-modbus-9600"),
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message):
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")


def number(low, high, above=False):
    """An argparse type: a number within low..high (above=True: low itself is excluded)."""

    def convert(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if low <= value <= high and not (above and value == low):
            return value
        span = f"above {low:g}, at most {high:g}" if above else f"in {low:g}..{high:g}"
        raise argparse.ArgumentTypeError(f"{text} is not a number {span}")

    return convert


def whole(low, high):
    """An argparse type: a whole number within low..high."""

    def convert(text):
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if low <= value <= high:
            return value
        raise argparse.ArgumentTypeError(f"{text} is not a whole number in {low}..{high}")

    return convert


def profile(text):
    """An argparse type: the name of a profile."""
    if text in tables.PROFILES:
        return text
    known = ", ".join(tables.PROFILES)
    raise argparse.ArgumentTypeError(f"unknown profile {text!r}; there are {known}")


def protocol(bus):
    """An argparse type: the number of a protocol by its key or number."""

    def convert(text):
        number = protocols.number(bus, text)
        if number is not None:
            return number
        why = "is not implemented" if protocols.known(bus, text) else "does not exist"
        raise argparse.ArgumentTypeError(
            f"{text} {why}; `python -m host_sim protocols` lists what can be selected"
        )

    return convert


def fault(text):
    """An argparse type: NAME[:KEY=VALUE,...]@SECONDS."""
    try:
        return FaultOrder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parse(arguments):
    """The options; exits with code 2 and one sentence when they are wrong."""
    parser = Parser(prog="python -m host_sim run", description=WHAT, allow_abbrev=False)
    add = parser.add_argument
    add("--headless", action="store_true", help="lines of text instead of the live panel")
    add("--ports", metavar="DIR", default=str(FOLDER), help="links to the ports (%(default)s)")
    add("--profile", metavar="NAME", type=profile, default=DEFAULT_PROFILE, help=PROFILE_HELP)
    add("--dip", metavar="N", type=whole(0, 15), default=1, help="address, 0..15 (%(default)s)")
    add("--soc", metavar="PERCENT", type=number(0, 100), default=60.0, help="SOC at start (60)")
    add("--current", metavar="AMPS", type=number(-2000, 2000), default=0.0, help="+ charges (0)")
    add("--speed", metavar="X", type=number(0, 1000, True), default=1.0, help="x real time (1)")
    add("--seed", metavar="K", type=whole(0, 2**31 - 1), default=1, help="of the noise (1)")
    add("--duration", metavar="S", type=number(0, 1e9, True), help="end after simulated seconds")
    add(
        "--fault",
        metavar="NAME@SECONDS",
        type=fault,
        action="append",
        default=[],
        help="inject at a simulated time, also NAME:KEY=VALUE@SECONDS; may be repeated; "
        "`python -m host_sim faults` lists the names",
    )
    for option, (bus, _, default) in PROTOCOLS.items():
        text = f"protocol by name or number ({default})"
        add(option, metavar="NAME", type=protocol(bus), help=text)
    add(
        "--can",
        metavar="INTERFACE:CHANNEL",
        help="join a bus of this computer through python-can (socketcan:vcan0) instead of "
        f"offering a dongle (slcan) in {FOLDER}/can",
    )
    return parser.parse_args(arguments)


def settings(options):
    """{parameter id: value} of the protocol options that were given."""
    found = {}
    for option, (_, id, _) in PROTOCOLS.items():
        number = getattr(options, option.removeprefix("--").replace("-", "_"))
        if number is not None:
            found[id] = number
    return found
