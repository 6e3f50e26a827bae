"""Decodes our CAN frames with cantools and DBC files written by hand from the documents."""

from functools import cache

import cantools

from tools import runtimes

FOLDER = runtimes.ROOT / "tests" / "data" / "dbc"
# a later file stands in the place of what the earlier ones say about an identifier
FILES = {
    "pylontech": ("pylontech",),
    "deye": ("pylontech", "extremes_c"),
    "goodwe": ("pylontech", "extremes_c"),
    "seplos": ("pylontech", "extremes_c", "seplos"),
    "luxpower": ("pylontech", "luxpower"),
    "solark": ("pylontech", "solark"),
    "growatt": ("growatt",),
    "victron": ("victron",),
    "sma": ("victron", "sma"),
    "sofar": ("victron", "sofar"),
    "jk250": ("jk",),
    "jk500": ("jk",),
    "deye_pcs": ("deye_pcs",),
}
# of the Victron list these two send a part only
BASIC = {0x351, 0x355, 0x356, 0x35A, 0x35E, 0x35F}
PARTS = {"sma": BASIC, "sofar": BASIC | {0x359}}
POLLS = {"seplos": (0x1F000100, "00" * 8, True), "jk500": (0x18FF50E5, "00" * 8, True)}


@cache
def messages(key):
    """{(identifier, extended): message} of a protocol."""
    found = {}
    for name in FILES[key]:
        for message in cantools.database.load_file(FOLDER / f"{name}.dbc").messages:
            if message.frame_id in PARTS.get(key, (message.frame_id,)):
                found[message.frame_id, message.is_extended_frame] = message
    return found


def frames(bench, key):
    """{(identifier, extended): bytes} of all that is sent, also what is sent when asked only."""
    if key in POLLS:
        bench.hear(*POLLS[key])
    return bench.frames()


def raw(bench, key):
    """[(message, signal, count)] of all frames that are sent."""
    out = []
    for identifier, data in frames(bench, key).items():
        message = messages(key)[identifier]
        counts = message.decode(data, scaling=False, decode_choices=False)
        out += [(message, signal, counts[signal.name]) for signal in message.signals]
    return out
