"""Words for the reasons of a limit: faults, or reasons of firmware/charging.py."""

from host_sim import tables


def text(reason):
    """What a reason means, for people."""
    if not reason:
        return "as set"
    row = tables.fault_rows().get(reason)
    return row["text"] if row else f"reason {reason}"
