"""DS3231 real-time clock with its own crystal and battery (datasheet 19-5170, registers 0x00 to
0x0F). Registers are BCD; the years count from 2000, the contract's seconds from 2020.
"""

ADDRESS = 0x68
SECONDS, STATUS = 0x00, 0x0F
STOPPED = 0x80  # OSF: the oscillator has stood still, the time is worth nothing
DAY_S = 86_400
FIRST_YEAR = 20
# days before each month of a year that is no leap year
BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def _days(year, month, day):
    """Days since 2020-01-01; every fourth year is a leap year until 2099."""
    days = (year - FIRST_YEAR) * 365 + (year - FIRST_YEAR + 3) // 4
    leap = 1 if month > 2 and year % 4 == 0 else 0
    return days + BEFORE[month - 1] + leap + day - 1


def _date(days):
    """(year, month, day) of a number of days."""
    year = FIRST_YEAR
    while days >= _days(year + 1, 1, 1):
        year += 1
    month = 12
    while _days(year, month, 1) > days:
        month -= 1
    return year, month, days - _days(year, month, 1) + 1


def _binary(value):
    return (value >> 4) * 10 + (value & 15)


def _bcd(value):
    return value // 10 << 4 | value % 10


class Ds3231:
    """`i2c` with writeto and readfrom_mem_into. Nothing here raises."""

    def __init__(self, i2c):
        self._i2c = i2c
        self._data = bytearray(7)
        self._status = bytearray(1)

    def state(self):
        """True = running, False = stopped since it was set (no battery), None = no answer."""
        try:
            self._i2c.readfrom_mem_into(ADDRESS, STATUS, self._status)
        except OSError:
            return None
        return not self._status[0] & STOPPED

    def seconds(self):
        """Seconds since 2020-01-01, None when the time is lost or the chip does not answer."""
        if not self.state():
            return None
        data = self._data
        try:
            self._i2c.readfrom_mem_into(ADDRESS, SECONDS, data)
        except OSError:
            return None
        year, month, day = _binary(data[6]), _binary(data[5] & 0x1F), _binary(data[4] & 0x3F)
        if year < FIRST_YEAR or not 1 <= month <= 12 or not 1 <= day <= 31:
            return None
        hours, minutes = _binary(data[2] & 0x3F), _binary(data[1] & 0x7F)
        return _days(year, month, day) * DAY_S + hours * 3600 + minutes * 60 + _binary(data[0])

    def set_seconds(self, seconds):
        """Set the time; False when the chip does not answer."""
        year, month, day = _date(seconds // DAY_S)
        rest = seconds % DAY_S
        out = bytes(
            (
                SECONDS,
                _bcd(rest % 60),
                _bcd(rest // 60 % 60),
                _bcd(rest // 3600),
                1,
                _bcd(day),
                _bcd(month),
                _bcd(year),
            )
        )
        try:
            self._i2c.writeto(ADDRESS, out)
            self._i2c.writeto(ADDRESS, bytes((STATUS, 0)))
        except OSError:
            return False
        return True
