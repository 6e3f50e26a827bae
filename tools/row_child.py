"""One row of `make row-check`, in a copy of the tree: apply the deletion, run the tests.

Argument: a JSON object with `file` (None deletes nothing), `lines` (1-based, both ends included),
`keep_ids` and `tests` ({module: [function, ...]}). Exit code MISSED when a test failed, SURVIVED
when none did.
"""

import json
import re
import sys
from pathlib import Path

from host_sim import tables
from tests.runtimes import runner
from tools import generate

MISSED = 10
SURVIVED = 11
SAME = 12  # the packed tables are unchanged: nothing on the target could notice
CONSTANT = re.compile(r"^[A-Z][A-Z0-9_]* = \d+$", re.M)


def delete(path, lines):
    """Take lines out of a file."""
    first, last = lines
    text = path.read_text().splitlines(keepends=True)
    path.write_text("".join(text[: first - 1] + text[last:]))


def meaning(text):
    """Constants of a generated module, without its layout."""
    space = {}
    exec(text, space)
    return {name: value for name, value in space.items() if not name.startswith("__")}


def generated():
    """The generator's output; only the fault modules when another table needs the lost row."""
    try:
        return generate.outputs()
    except KeyError:
        rows = list(tables.fault_rows().values())
        return {
            "firmware/fault_table.py": generate.fault_table(),
            "firmware/fault_ids.py": generate.ids("faults", "Permanent fault ids.", rows),
        }


def regenerate(keep_ids):
    """Write the generated modules that differ from the present ones; True when any does.
    `keep_ids` leaves the constants of deleted rows in place, so that only behaviour is lost."""
    changed = False
    for name, text in generated().items():
        path = generate.ROOT / name
        if path.suffix != ".py":
            continue
        if name[:-3].replace("/", ".") in sys.modules:  # the tests would see the old one
            raise RuntimeError(f"{name} was imported before it is generated anew")
        old = path.read_text() if path.exists() else ""
        if keep_ids:
            have = set(CONSTANT.findall(text))
            text += "".join(f"{line}\n" for line in CONSTANT.findall(old) if line not in have
                            and not line.startswith(("COUNT", "WORDS")))  # fmt: skip
        if meaning(text) != meaning(old):
            path.write_text(text)
            changed = True
    return changed


def main(argument):
    """Do what the argument says; the exit code is the answer."""
    job = json.loads(argument)
    file = job["file"]
    if file is not None:
        delete(Path(file), job["lines"])
        if file.startswith("tables/") and not regenerate(job["keep_ids"]):
            return SAME
    for module, wanted in job["tests"].items():
        if runner.run_module(module, wanted, verbose=False)[1]:
            return MISSED
    return SURVIVED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
