"""Fault injection by name, also while running. One row a fault: what it is, on, off.

`on(pack, **arguments)` may return a function that undoes it; a fault without one is an event.
Every change of the circuit goes through `pack.hal.change`, so that it happens at its time.
"""

from host_sim import injection_board, injection_circuit, injection_sensors

FAULTS = {**injection_sensors.FAULTS, **injection_circuit.FAULTS, **injection_board.FAULTS}


def names():
    """All names with their descriptions, sorted."""
    return [(name, FAULTS[name][0]) for name in sorted(FAULTS)]


def inject(pack, name, args):
    """Switch a fault on; one that stands is first cleared. ValueError for an unknown name or
    wrong arguments."""
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name}: {', '.join(sorted(FAULTS))}")
    if name in pack.injected:
        clear(pack, name)
    try:
        undo = FAULTS[name][1](pack, **args)
    except TypeError as error:
        given = ", ".join(f"{key}={value}" for key, value in args.items())
        raise ValueError(f"{name} does not take {given}; {FAULTS[name][0]}") from error
    if undo is not None:
        pack.injected[name] = undo


def clear(pack, name):
    """Switch a fault off; no effect when it does not stand. ValueError for an unknown name."""
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name}: {', '.join(sorted(FAULTS))}")
    undo = pack.injected.pop(name, None)
    if undo is not None:
        undo()
