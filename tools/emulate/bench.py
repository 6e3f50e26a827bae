"""`make emulate-bench`: times and heap of a board's image on the emulated RP2040.

The image as it is, from power-on to closed MOSFETs, then with its ports asked all the time and
the answers timed on the wire; its heap (heap.py); the firmware from the prompt, with its parts
timed on the board itself; CAN and serial protocols alone.
"""

from tools import can_table, image
from tools.emulate import bench_page, heap, load
from tools.emulate.board import pack_on
from tools.emulate.chip import Chip
from tools.emulate.flash import write_board
from tools.emulate.heap import CELLS
from tools.emulate.milestones import milestones
from tools.emulate.repl import Repl

TARGET = ("tools/emulate/target.py", "tools/emulate/target_watch.py")
CAN = ("tests/fakes", "tests/runtimes/cost.py", "tests/runtimes/can_cost.py",
       "tools/emulate/target_can.py")  # fmt: skip


def board_of(options):
    """A board with a pack of CELLS cells."""
    return pack_on(options.board, cell_count=CELLS, soc=60.0, current_a=-20.0)


def numbers(output):
    """The `name value` lines of a measurement."""
    lines = (line.split() for line in output.splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


def start_up(options, scratch):
    """What happens when, from power-on and from a reset with the front end still configured; then
    answers on the serial ports."""
    board = pack_on(options.board)
    files = scratch / "files"
    sizes = write_board(files, options.board, board.files())
    found = {"mpy_bytes": sum(sizes.values()), "mpy_files": len(sizes)}
    with Chip(options.uf2, scratch, files, board) as chip:
        found |= milestones("power_on", chip, board)
        chip.run_until(chip.now_us + 5_000_000)
        found |= load.answers(chip, board)
        chip.press_reset()
        chip.run_while(lambda: board.hal.afe.gates() != 0, 1_000_000)
        found |= milestones("reset", chip, board)
    return found


def parts(options, scratch):
    """The firmware from the prompt, its ports busy."""
    board = board_of(options)
    files = scratch / "files"
    write_board(files, options.board, board.files(), TARGET)
    (files / "main.py").unlink(missing_ok=True)
    with Chip(options.uf2, scratch, files, board) as chip:
        repl = Repl(chip)
        host = load.Load(board)
        source = (
            "from tools.emulate import target\n"
            f"target.main({options.board!r}, {CELLS}, {options.seconds})"
        )
        output = repl.run(source, (3 * options.seconds + 120) * 1_000_000)
        found = numbers(output)
        found["asked"], found["answered"] = host.counts()
        found["erases"] = round(chip.erases)
    return found


def memory(options, scratch):
    """The heap of the board as it starts by itself."""
    return heap.busy(options, scratch, board_of(options))


def can(options, scratch):
    """Time of a set of frames of each CAN protocol."""
    files = scratch / "files"
    image.build(files, ("firmware", "hal", *CAN))
    keys = can_table.protocols()
    with Chip(options.uf2, scratch, files) as chip:
        repl = Repl(chip)
        return numbers(repl.run(f"from tools.emulate import target_can as t\nt.main({keys!r})"))


def serial(options, scratch):
    """Time of the longest answers of each serial protocol."""
    files = scratch / "files"
    image.build(files, ("firmware", "hal", "tests/fakes", "tools/emulate/target_serial.py"))
    with Chip(options.uf2, scratch, files) as chip:
        repl = Repl(chip)
        return numbers(repl.run("from tools.emulate import target_serial as t\nt.main()"))


def main(options, scratch):
    """Measure, print the table, renew the page."""
    if options.soak:
        return heap.soak(options, scratch, board_of(options))
    found = {"seconds": options.seconds}
    for work in (start_up, memory, parts, can, serial):
        folder = scratch / work.__name__
        folder.mkdir()
        part = work(options, folder)
        bench_page.show(bench_page.rows(part))
        found |= part
    rows = bench_page.rows(found)
    if not options.print:
        bench_page.renew(rows, found)
    return 0
