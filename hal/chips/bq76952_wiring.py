"""Which inputs of a BQ769x2 carry a cell (Settings:Configuration:Vcell Mode, TRM and SLUAA11B).

The first cells sit on VC1, VC2, ..., the last one at the top input (VC16, VC10 on a BQ76942); the
unused inputs below the top are tied to the one below them. 8 cells on 16 inputs: VC1..VC7 and
VC16, mask 0x807F. Input n (1..16) is bit n - 1, here and in the balancing commands.
"""


def mask(cells, inputs):
    """Vcell Mode for a number of cells; 0 (= the chip's default, every input) for no cells."""
    if not cells:
        return 0
    return (1 << cells - 1) - 1 | 1 << inputs - 1


def input_of(cell, cells, inputs):
    """Input (0-based) that carries a cell (0-based, ascending)."""
    return inputs - 1 if cell == cells - 1 else cell


def cells_of(mode, inputs):
    """Number of cells that a Vcell Mode stands for; 0 for one that `mask` does not make."""
    for cells in range(3, inputs + 1):
        if mask(cells, inputs) == mode:
            return cells
    return 0
