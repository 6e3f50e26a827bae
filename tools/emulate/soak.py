"""`make emulate-bench ARGS="--soak MINUTES"`: the heap of a board at work, every ten minutes.

Each port is asked about once a second, one of them for the longest answer.
"""

from host_sim.asker import BLOCK, STATUS, Asker
from tools.emulate.chip import Chip
from tools.emulate.flash import write_board
from tools.emulate.load import PORTS
from tools.emulate.repl import Repl

EVERY = 10  # minutes
QUESTIONS = {"rs485_1": STATUS, "rs485_2": BLOCK, "rs232": STATUS}
PAUSE_US = 900_000
CELLS = 16
STEP_US = 1_000_000


def askers(board):
    """{port: one that asks there}."""
    made = {}
    for seed, (port, question) in enumerate(QUESTIONS.items()):
        one = Asker(board.world, PORTS[port], *question, pause_us=PAUSE_US, seed=seed)
        made[port] = getattr(board.pack.hal, port).bus.attach(one)
        one.start()
    return made


def main(options, scratch, board, target):
    """Print what the board says meanwhile, and how the ports were served."""
    files = scratch / "files"
    write_board(files, options.board, board.files(), target, ("soak",))
    (files / "main.py").unlink(missing_ok=True)
    every = min(EVERY, options.soak)
    source = (
        "from tools.emulate import target\n"
        f"target.soak({options.board!r}, {CELLS}, {options.soak}, {every})"
    )
    with Chip(options.uf2, scratch, files, board) as chip:
        repl = Repl(chip)
        asked = askers(board)
        repl.start(source)
        end_us = chip.now_us + 60_000_000 * (options.soak + 1)
        while b"\x04" not in chip.output and chip.now_us < end_us:
            print(chip.take_output().decode().replace("\r", ""), end="", flush=True)
            chip.run_until(chip.now_us + STEP_US)
        print(chip.take_output().decode().replace("\r", "").replace("\x04", "\n"))
        for port, one in asked.items():
            print(f"{port}: {len(one.last_ms)} answers, {one.failed} missing or short")
        print(f"{chip.erases:.0f} flash sectors erased, {len(chip.resets)} resets")
    return 0
