"""A pack circuit for the tests of the plant."""

from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit


def pack(cells=8, soc=0.5, on=True, **options):
    circuit = Circuit(RcCells(cells, soc=soc, **options))
    circuit.standby_a = 0.0
    if on:
        circuit.set_gates(True, True)
        circuit.take_inrush()
    return circuit


def run(circuit, seconds, dt_s=0.1):
    for _ in range(round(seconds / dt_s)):
        circuit.step(dt_s)


def force(circuit, **values):
    for name, value in values.items():
        setattr(circuit.sources, name, value)
    circuit.solve()
