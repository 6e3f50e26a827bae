"""What the keys can say, the stronger ones last (firmware/panel/keys.py finds them), and the one
question about them that comes before everything else."""

from hal import contract

NONE = 0
SHORT_PRESS = 1
HOLD_OFF = 2
RESET = 3
PASSWORD_RESET = 4


def recovery_wanted(hal):
    """True when the key is held while RST is pressed or was just released: start in recovery
    mode. To be asked once, at start, before anything switches.

    A key press that powers the board up is no recovery: there the cause is a power-on.
    """
    keys = hal.panel.keys()
    if not keys & contract.KEY_ACTIVATE:
        return False
    if keys & contract.KEY_RESET:
        return True
    return hal.reset_cause == contract.RESET_PIN or hal.reset_cause == contract.RESET_SOFT
