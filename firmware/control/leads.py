"""What the resistance of the balance leads does to the readings of the cells (MEA-05)."""

from firmware.control.ledger import RECEIVED_PCT

MOST_MV = 200  # corrected at most
MOST_MOHM = 9_999


def correct_leads(cell_mv, balance):
    """Take the drop in the leads of donor and receiver out of a sample, mV. An unknown resistance
    corrects nothing; the balancer asks for no current that drops more than a bit over MOST_MV."""
    donor, receiver, ma = balance.donor, balance.receiver, min(abs(balance.current_ma), 20_000)
    if donor is None:
        return
    mohm = balance.lead_mohm[donor]
    if mohm:
        drop_mv = min(ma * min(mohm, MOST_MOHM) // 1000, MOST_MV)
        cell_mv[donor] = min(cell_mv[donor] + drop_mv, 65535)
    mohm = balance.lead_mohm[receiver]
    if mohm:
        drop_mv = ma * RECEIVED_PCT // 100 * min(mohm, MOST_MOHM) // 1000
        drop_mv = min(drop_mv, MOST_MV)
        cell_mv[receiver] = max(cell_mv[receiver] - drop_mv, 0)
