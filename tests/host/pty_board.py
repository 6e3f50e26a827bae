"""A board at a pseudo terminal: the prompt of MicroPython for Linux, its files in a folder, and a
`machine.reset()` that starts it anew."""

import os
import pty
import subprocess
import threading
import tty

from tools import runtimes

MACHINE = "import sys\n\ndef reset():\n    sys.exit()\n"


class PtyBoard:
    """`port` is what a program opens; `starts` counts. Close it in the end."""

    def __init__(self, folder, beside):
        self.folder = folder
        folder.mkdir()
        beside.mkdir()
        (beside / "machine.py").write_text(MACHINE)
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = str(beside / "tty")
        os.symlink(os.ttyname(self._slave), self.port)
        self._environment = {**os.environ, "MICROPYPATH": f"{folder}:{beside}"}
        self.starts = 0
        self._process = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._closed:
            self.starts += 1
            self._process = subprocess.Popen(
                [runtimes.command("micropython")],
                cwd=self.folder,
                env=self._environment,
                stdin=self._master,
                stdout=self._master,
                stderr=self._master,
            )
            self._process.wait()

    def files(self):
        """{name: bytes} of what lies on it."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def close(self):
        """Unplug it."""
        self._closed = True
        while self._thread.is_alive():  # it may just be starting the next one
            if self._process is not None:
                self._process.kill()
            self._thread.join(0.1)
        os.close(self._slave)
        os.close(self._master)
