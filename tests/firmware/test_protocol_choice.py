"""A port's protocol is chosen by its number; what has no translation is refused in words."""

from firmware import parameter_ids as ids
from firmware.parameters import Parameters, Refused


# req: COM-04, COM-05
def test_a_protocol_without_a_translation_is_refused_in_words():
    parameters = Parameters()
    for key, number, text in (
        (ids.RS485_1_PROTOCOL, 2, "rs485_1_protocol = 2 is not implemented: allowed are "),  # NIU
        (ids.RS485_2_PROTOCOL, 11, "rs485_2_protocol = 11 is not implemented"),  # user's own
        (ids.RS232_PROTOCOL, 16, "rs232_protocol = 16 is not implemented"),  # LIN
        (ids.RS485_1_PROTOCOL, 99, "rs485_1_protocol = 99 is not implemented"),
        (ids.CAN_PROTOCOL, 12, "can_protocol = 12 is not implemented: allowed are 0, 1, 2"),
    ):
        try:
            parameters.check_changes({key: number})
        except Refused as refusal:
            assert text in str(refusal), str(refusal)
            continue
        raise AssertionError("accepted: %d" % number)


# req: COM-04, COM-05
def test_what_is_implemented_is_accepted():
    parameters = Parameters()
    for number in (1, 4, 5, 6, 7, 9, 13, 14):
        parameters.check_changes({ids.RS485_1_PROTOCOL: number})
    parameters.check_changes({ids.CAN_PROTOCOL: 100, ids.RS232_PROTOCOL: 13})
