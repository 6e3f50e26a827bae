"""The files that go into a board's flash: its image, its start-up files, its memory."""

import shutil

from firmware.settings.loading import LOADED
from tools import image

START_UP = ("boot.py", "main.py")  # MicroPython runs these two, as they are
NOT_ON_BOARD = ("circuit.py",)  # what is soldered around the chip, for the simulation


def parts(board):
    """Folders and files of the program of a board."""
    folder = image.ROOT / "boards" / board
    own = [path for path in sorted(folder.glob("*.py")) if path.name not in NOT_ON_BOARD]
    names = [f"boards/{board}/{path.name}" for path in own if path.name not in START_UP]
    return ("firmware", "hal", "boards/__init__.py", *names)


def roots(board):
    """Modules that a board loads at start, in their order: before its first control cycle, then
    step by step behind it."""
    return (f"boards.{board}.board", "firmware.main", *behind())


def behind():
    """Those that come behind the first control cycle."""
    return tuple(module for _, module in LOADED if isinstance(module, str))


def write_board(target, board, memory=None, extra=(), kept=()):
    """All of it below `target`; {name: bytes of .mpy}. `memory`: {name: bytes} of further files;
    `extra`: more parts of the program, `kept`: names of theirs that stay."""
    sizes = image.build(target, (*parts(board), *extra), roots(board), kept)
    kept_names = image.ROOT / "build" / f"{board}.{image.NAMES}"  # to read tracebacks with
    kept_names.parent.mkdir(exist_ok=True)
    shutil.move(target / image.NAMES, kept_names)
    for name in START_UP:
        path = image.ROOT / "boards" / board / name
        if path.exists():
            shutil.copy(path, target / name)
    for name, data in (memory or {}).items():
        (target / name).write_bytes(data)
    return sizes
