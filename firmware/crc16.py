"""CRC-16/Modbus (polynomial 0xA001 reflected, start 0xFFFF), by table."""


def _make():
    table = [0] * 256
    for i in range(256):
        crc = i
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
        table[i] = crc
    return tuple(table)


_TABLE = _make()


def crc16(buffer, start, end, crc=0xFFFF):
    """CRC of buffer[start:end]; pass the former result as `crc` to go on."""
    table = _TABLE
    for i in range(start, end):
        crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xFF]
    return crc
