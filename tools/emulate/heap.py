"""The heap of an emulated board that runs as its own start runs it, its ports asked meanwhile.

`make emulate-bench` looks behind the start and at the end of a run; with `--soak MINUTES` only
that, every ten minutes, each port asked about once a second.
"""

from host_sim.asker import BLOCK, STATUS, Asker
from tools.emulate import load
from tools.emulate.chip import Chip
from tools.emulate.flash import write_board
from tools.emulate.repl import Repl

CELLS = 16
TARGET = "tools/emulate/target_heap.py"
BOOT_S = 15  # everything is loaded
EVERY_S = 600
QUESTIONS = {"rs485_1": STATUS, "rs485_2": BLOCK, "rs232": STATUS}
PAUSE_US = 900_000
STEP_US = 1_000_000
OWN = """
import gc
gc.collect()
free = gc.mem_free()
from tools.emulate import target_heap
gc.collect()
print("own", free - gc.mem_free())
"""


def askers(board):
    """{port: one that asks there about once a second}."""
    made = {}
    for seed, (port, question) in enumerate(QUESTIONS.items()):
        one = Asker(board.world, load.PORTS[port], *question, pause_us=PAUSE_US, seed=seed)
        made[port] = getattr(board.pack.hal, port).bus.attach(one)
        one.start()
    return made


def heap(options, scratch, board, seconds, out=lambda text: None):
    """{name: number} as target_heap.py prints it at each of `seconds`; "own" bytes of it are the
    measuring program's. `out` gets what comes, as it comes. RuntimeError when it ends early."""
    files = scratch / "files"
    write_board(files, options.board, board.files(), (TARGET,), ("target_heap",))
    (files / "main.py").unlink(missing_ok=True)
    with Chip(options.uf2, scratch, files, board) as chip:
        repl = Repl(chip)
        said = repl.run(OWN)
        repl.start(f"target_heap.main({options.board!r}, {CELLS}, {tuple(seconds)})")
        end_us = chip.now_us + 1_000_000 * (seconds[-1] + 60)
        while b"\x04" not in chip.output and chip.now_us < end_us:
            text = chip.take_output().decode().replace("\r", "")
            said += text
            out(text)
            chip.run_until(chip.now_us + STEP_US)
        text = chip.take_output().decode().replace("\r", "").replace("\x04", "\n")
        out(text)
        found = dict(line.split() for line in (said + text).splitlines() if len(line.split()) == 2)
        if "over" not in found or chip.resets:
            raise RuntimeError(f"the board did not run to the end: {text or said}")
        return {name: int(value) for name, value in found.items()} | {"erases": round(chip.erases)}


def busy(options, scratch, board):
    """Free heap in bytes behind the start and behind a run with all ports busy; the collection."""
    load.Load(board)
    end_s = BOOT_S + options.seconds
    found = heap(options, scratch, board, (BOOT_S, end_s))
    return {
        "boot_free": found[f"free_{BOOT_S}"] + found["own"],
        "end_free": found[f"free_{end_s}"] + found["own"],
        "collect_us": found["collect_us"],
    }


def soak(options, scratch, board):
    """Print it every ten minutes, and how the ports were served."""
    asked = askers(board)
    end_s = 60 * options.soak
    seconds = [BOOT_S, *range(EVERY_S, end_s, EVERY_S), end_s]
    found = heap(options, scratch, board, seconds, lambda text: print(text, end="", flush=True))
    print(f"free, without the measuring program: {found[f'free_{end_s}'] + found['own']} bytes")
    for port, one in asked.items():
        print(f"{port}: {len(one.last_ms)} answers, {one.failed} missing or short")
    print(f"{found['erases']} flash sectors erased")
    return 0
