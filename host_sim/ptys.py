"""A pseudo terminal for a simulated port: any serial program opens its link like a real port.

The other side may close and open it at will, or never read: nothing here waits for it.
"""

import contextlib
import os
import select
import tty
from pathlib import Path

FOLDER = Path("run/ports")
CHUNK = 4096


class PtyPort:
    """One pty with a symbolic link `folder/name` to it. A context manager.

    `dropped` counts bytes that nobody took, because no program has the port open or because it
    does not read. Raises OSError when the folder or the pty cannot be made.
    """

    def __init__(self, name, folder=FOLDER):
        self.dropped = 0
        self.link = Path(folder) / name
        self._master, slave = os.openpty()
        try:
            self.device = os.ttyname(slave)
            tty.setraw(slave)  # stays, although the slave is closed until a program opens it
            os.set_blocking(self._master, False)
            self._make_link()
        except OSError:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self._poll = select.poll()
        self._poll.register(self._master, 0)

    def _make_link(self):
        self.link.parent.mkdir(parents=True, exist_ok=True)
        if self.link.is_symlink():  # of a run that was killed
            self.link.unlink()
        self.link.symlink_to(self.device)

    @property
    def is_open(self):
        """True while a program has the port open."""
        return not any(event & select.POLLHUP for _, event in self._poll.poll(0))

    def fileno(self):
        """For select: readable when the other side has sent something."""
        return self._master

    def read(self):
        """What has arrived; b"" when there is nothing or nobody."""
        try:
            return os.read(self._master, CHUNK)
        except BlockingIOError:
            return b""
        except OSError:  # EIO: closed on the other side
            return b""

    def write(self, data):
        """Hand over what is taken at once; the number of bytes taken, the rest is dropped."""
        taken = 0
        if self.is_open:
            with contextlib.suppress(OSError):
                taken = os.write(self._master, data)
        self.dropped += len(data) - taken
        return taken

    def close(self):
        """End the pty and remove the link when it is still ours. May be called twice."""
        if self._master is None:
            return
        if self.link.is_symlink() and os.readlink(self.link) == self.device:
            self.link.unlink()
        os.close(self._master)
        self._master = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
