"""What can be selected on a port: numbers and names as in the manual's lists (COM-04, COM-05).

A table only: nothing is imported here, `firmware/loader.py` does that. Numbers from 100 are ours.
"""

SERIAL = 0
CAN = 1

# how sure a translation is
NOT_IMPLEMENTED = 0
UNVERIFIED = 1  # from other people's clients only
DOCUMENT = 2  # from the vendor's document
VERIFIED_CAPTURE = 3  # byte-exact against captured traffic

SERIAL_NAMES = """4G-GPS Remote module Common protocol V4.2
JK BMS RS485 Modbus V1.0
NIU U SERIES
China tower shared battery cabinet V1.1
PACE_RS485_Modbus_V1.3
PYLON_low_voltage_Protocol_RS485_V3.5
Growatt_BMS_RS485_Protocol_1xSxxP_ESS_Rev2.01
Voltronic_Inverter_and_BMS_485_communication_protocol_20200325
China tower shared battery cabinet V2.0
WOW_RS485_Modbus_V1.3
JK BMS LCD Protocol V2.0
UART1 User customization
UART2 User customization
(9600) JK BMS RS485 Modbus V1.0
(9600) PYLON_low_voltage_Protocol_RS485_V3.5
JK BMS PBxx SERIES LCD Protocol V1.0
JK BMS LIN BUS V1.0
RS485 Protocol 17
RS485 Protocol 18
RS485 Protocol 19
RS485 Protocol 20"""

CAN_NAMES = """JK BMS CAN Protocol (250K) V2.0
Deye Low-voltage hybrid inverter CAN communication protocol V1.0
PYLON-Low-voltage-V1.2
Growatt BMS CAN-Bus-protocol-low-voltage_Rev_05
Victron_CANbus_BMS_protocol_20170717
MEGAREVO_Hybird_BMSCAN_Protocol_V1.0
JK BMS CAN Protocol (500K) V2.0
INVT BMS CAN Bus protocol V1.02
GoodWe LV BMS Protocol (EX/EM/S-BP/BP)
FSS-ConnectingBat-TI-en-10 | Version 1.0
MUST PV1800F-CAN communication Protocol1.04.04
LuxpowerTek Battery CAN protocol V01
CAN BUS User customization 1
CAN BUS User customization 2
CAN BUS Protocol 014"""

# kind, number, module, state, bits per second; every number not listed is NOT_IMPLEMENTED
IMPLEMENTED = (
    (SERIAL, 1, "firmware.protocols.serial.jk_modbus", VERIFIED_CAPTURE, 115200),
    (SERIAL, 13, "firmware.protocols.serial.jk_modbus", VERIFIED_CAPTURE, 9600),
)


def name(kind, number):
    """The name in the manual's list, None for a number that does not exist."""
    names = (SERIAL_NAMES if kind == SERIAL else CAN_NAMES).split("\n")
    return names[number] if 0 <= number < len(names) else None


def find(kind, number):
    """(module, state, bits per second); (None, NOT_IMPLEMENTED, 0) when there is nothing."""
    for row in IMPLEMENTED:
        if row[0] == kind and row[1] == number:
            return row[2], row[3], row[4]
    return None, NOT_IMPLEMENTED, 0


def mask(kind):
    """4 bytes: bit n of byte k = protocol 8k + n can be selected (COM-14)."""
    bits = bytearray(4)
    for row in IMPLEMENTED:
        if row[0] == kind and row[1] < 32:
            bits[row[1] >> 3] |= 1 << (row[1] & 7)
    return bits
