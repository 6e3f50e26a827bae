"""`python -m host_sim COMMAND ...`: the commands of the simulation.

Each command is a module with `main(arguments) -> exit code`, imported only when it is asked for.
"""

import argparse
import sys
from importlib import import_module

# command: (module, what it does)
COMMANDS = {
    "run": ("host_sim.run", "run a simulated pack in real time, with ports and a live panel"),
    "scenario": ("host_sim.scenario", "run scenario files and check what they expect"),
    "faults": ("host_sim.run_faults", "list the faults that can be injected"),
    "protocols": ("host_sim.protocols", "list the protocols that the ports can speak"),
    "soc-replay": ("host_sim.soc_replay", "feed recorded sensor data through the gauge"),
    "bench-balance": ("host_sim.bench_balance", "judge balancing on a plant of anybody's"),
    "ocv-table": ("host_sim.ocv_file", "read and compile an open-circuit voltage table"),
    "picture": ("host_sim.live_picture", "write a picture of the live panel (SVG)"),
}


def main(arguments=None):
    """Hand the arguments to a command; its exit code, 2 for an unknown command."""
    listing = "\n".join(f"  {name:<13} {text}" for name, (_, text) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m host_sim",
        description="Packwarden, simulated.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"commands:\n{listing}\n\nCOMMAND --help tells its options.",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.error("which COMMAND? --help lists them")
    options = parser.parse_args(arguments)
    return import_module(COMMANDS[options.command][0]).main(options.arguments)


if __name__ == "__main__":
    sys.exit(main())
