"""What an emulated board does when, behind power-on or a reset."""

from host_sim.asker import STATUS
from host_sim.fake_machine import pads

WAIT_US = 10_000_000
KILL, BOTH = 11, 3
PORT, BAUD = "rs485_2", 115_200
ASK_US = 30_000


class Caller:
    """Asks again and again until a whole answer has come."""

    def __init__(self, board):
        self._world = board.world
        self._question, self._missing = STATUS
        self._node = board.pack.host(PORT, BAUD, self._hear)
        self.answered = self._heard = False
        self._ask()

    def _ask(self):
        if not self._heard:
            self._node.send(self._question)
            self._world.after(ASK_US, self._ask)

    def _hear(self, data):
        self._heard = True
        self._missing -= len(data)
        self.answered = self._missing <= 0


def milestones(name, chip, board):
    """{name: us from now on} of what comes first, what last."""
    caller, hal, start = Caller(board), board.hal, chip.now_us
    kill = hal.machine.pads[KILL]
    waiting = {
        "kill": lambda: kill.mode == pads.OUT,
        "first": hal.afe.gates,
        "both": lambda: hal.afe.gates() == BOTH,
        "lamps": lambda: hal.panel.leds,
        "answer": lambda: caller.answered,
    }
    found = {}

    def look():
        for key in [key for key, reached in waiting.items() if reached()]:
            found[f"{name}_{key}_us"] = round(chip.now_us - start)
            del waiting[key]
        return waiting

    chip.run_while(look, WAIT_US)
    return found
