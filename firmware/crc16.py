"""CRC-16/Modbus (polynomial 0xA001 reflected, start 0xFFFF), by two tables of bytes: half the
memory of one table of numbers, and as fast. And the plain sum of other frames."""

try:
    from hal.native import crc16 as _fast
    from hal.native import total as _fast_total
except (ImportError, SyntaxError, ValueError):
    _fast = _fast_total = None


def _table(shift):
    table = bytearray(256)
    for i in range(256):
        crc = i
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
        table[i] = crc >> shift & 255
    return bytes(table)


_LOW = _table(0)
_HIGH = _table(8)


def crc16(buffer, start, end, crc=0xFFFF):
    """CRC of buffer[start:end]; pass the former result as `crc` to go on."""
    if _fast is not None:
        return _fast(buffer, start, end, crc, _LOW, _HIGH)
    table_low, table_high = _LOW, _HIGH
    low, high = crc & 255, crc >> 8
    for i in range(start, end):
        x = low ^ buffer[i]
        low = high ^ table_low[x]
        high = table_high[x]
    return high << 8 | low


def total(buffer, end):
    """Sum of buffer[:end]."""
    if _fast_total is not None:
        return _fast_total(buffer, end)
    return sum(memoryview(buffer)[:end])
