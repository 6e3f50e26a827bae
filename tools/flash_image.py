"""`make image BOARD=NAME`: a file system for the first flash of a board, build/NAME.img for any
tool and build/NAME.uf2 to be dropped on the Pico's drive behind MicroPython's own.

It replaces everything on the board's file system, also what a firmware has stored there.
"""

import argparse
import struct
import sys
import tempfile
from pathlib import Path

from tools.emulate.disk import BLOCK_SIZE, BLOCKS, pack
from tools.emulate.flash import write_board

ROOT = Path(__file__).resolve().parent.parent
FLASH = 0x10000000
FLASH_BYTES = 2 * 1024 * 1024  # of a Raspberry Pi Pico; the file system lies at its end
PAYLOAD = 256
MAGIC = 0x0A324655, 0x9E5D5157, 0x0AB16F30
FAMILY_PRESENT, RP2040 = 0x2000, 0xE48BFF56


def uf2(data, address):
    """UF2 blocks for the flash of a RP2040."""
    count = -(-len(data) // PAYLOAD)
    blocks = []
    for n in range(count):
        part = data[n * PAYLOAD : (n + 1) * PAYLOAD].ljust(476, b"\0")
        head = struct.pack(
            "<8I", *MAGIC[:2], FAMILY_PRESENT, address + n * PAYLOAD, PAYLOAD, n, count, RP2040
        )
        blocks.append(head + part + struct.pack("<I", MAGIC[2]))
    return b"".join(blocks)


def main(arguments):
    """Write both files."""
    parser = argparse.ArgumentParser(prog="python -m tools.flash_image", description=__doc__)
    parser.add_argument("--board", default="pico_bq76952", metavar="NAME")
    parser.add_argument("--out", default=ROOT / "build", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        sizes = write_board(Path(scratch), options.board)
        data = pack(Path(scratch))
    options.out.mkdir(parents=True, exist_ok=True)
    base = FLASH + FLASH_BYTES - BLOCKS * BLOCK_SIZE
    for name, content in (("img", data), ("uf2", uf2(data, base))):
        path = options.out / f"{options.board}.{name}"
        path.write_bytes(content)
        print(f"{path}: {len(content)} bytes")
    print(f"program: {sum(sizes.values())} bytes in {len(sizes)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
