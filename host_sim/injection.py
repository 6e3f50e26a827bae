"""Fault injection by name, also while running. One row a fault: what it is, on, off.

`on(pack, **arguments)` may return a function that undoes it; a fault without one is an event.
Every change of the circuit goes through `pack.hal.change`, so that it happens at its time.
"""

from host_sim import injection_board, injection_circuit, injection_sensors

FAULTS = {**injection_sensors.FAULTS, **injection_circuit.FAULTS, **injection_board.FAULTS}


# what an argument may be, by its name
RANGES = {
    "amps": (0, 5000),
    "bit": (0, 31),
    "celsius": (-60, 200),
    "ma": (-2_000_000, 2_000_000),
    "ms": (0, 60_000),
    "mv": (0, 6000),
    "n": (1, 1000),
    "ohm": (0.0001, 1_000_000),
    "probability": (0, 1),
    "volts": (0, 200),
    "watts": (0, 1_000_000),
}


def names():
    """All names with their descriptions, sorted."""
    return [(name, FAULTS[name][0]) for name in sorted(FAULTS)]


def inject(pack, name, args):
    """Switch a fault on; one that stands is first cleared. ValueError for an unknown name or
    wrong arguments."""
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name}: {', '.join(sorted(FAULTS))}")
    _check_arguments(name, args)
    if name in pack.injected:
        clear(pack, name)
    try:
        undo = FAULTS[name][1](pack, **args)
    except TypeError as error:
        given = ", ".join(f"{key}={value}" for key, value in args.items())
        raise ValueError(f"{name} does not take {given}; {FAULTS[name][0]}") from error
    if undo is not None:
        pack.injected[name] = undo


def _check_arguments(name, args):
    for key, value in args.items():
        if key not in RANGES:
            continue
        low, high = RANGES[key]
        if not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{name}: {key}={value}: allowed are {low}..{high}")


def clear(pack, name):
    """Switch a fault off; no effect when it does not stand. ValueError for an unknown name."""
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name}: {', '.join(sorted(FAULTS))}")
    undo = pack.injected.pop(name, None)
    if undo is not None:
        undo()
