"""Voltage drop in the wires between cells and board that sense and balance at the same time.

n cells have n + 1 wires; wire i is the negative lead of cell i and the positive one of cell i-1.
"""


def drops(lead_ohm, balance_a):
    """What the board measures too much on each cell, V.

    lead_ohm: n + 1 resistances; balance_a: the balancer's current into each cell, A (+ charges).
    The current of a charged cell comes in through wire i + 1 and goes back through wire i, so a
    neighbour sees the drop of the shared wire with the opposite sign.
    """
    n = len(balance_a)
    before = 0.0
    wires = []  # potential of the board's end over the cell's end
    for i in range(n + 1):
        here = balance_a[i] if i < n else 0.0
        wires.append((before - here) * lead_ohm[i])
        before = here
    return [wires[i + 1] - wires[i] for i in range(n)]


def resistances(count, lead_ohm):
    """The n + 1 wires of `count` cells from one number or a list. ValueError: wrong length."""
    if not hasattr(lead_ohm, "__len__"):
        return [float(lead_ohm)] * (count + 1)
    if len(lead_ohm) != count + 1:
        raise ValueError(f"{len(lead_ohm)} leads for {count} cells: one more than cells is needed")
    return [float(ohm) for ohm in lead_ohm]
