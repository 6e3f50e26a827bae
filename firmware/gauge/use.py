"""Energy in and out, and the time to full and empty at the present current (SOC-06)."""

WH_MWS = 3_600_000
DAY_S = 86_400
SLOWLY = 12  # the current of the forecast is a mean over two minutes of beats


class Use:
    """Writes the energy and time fields of state.gauge."""

    def __init__(self, context):
        self._state = context.state
        self._in = self._out = 0  # mW x s below 1 Wh
        self._day = None
        self._ma = 0

    def beat(self, ma, pack_mv, dt_ms, estimate_mah, capacity_mah):
        """One beat with its means."""
        gauge = self._state.gauge
        self._midnight(gauge)
        # mV x 0.1 A / 10 = mW; in pieces of 1/16 s below 2**30 to 60 kW
        self._count(gauge, ma, pack_mv * (abs(ma) // 100) // 160 * (dt_ms * 16 // 1000))
        self._ma += (ma - self._ma) // SLOWLY
        self._forecast(gauge, estimate_mah, capacity_mah)

    def _count(self, gauge, ma, work):
        if ma > 0:
            wh = (self._in + work) // WH_MWS
            self._in += work - wh * WH_MWS
            gauge.energy_in_wh += wh
            gauge.energy_in_today_wh += wh
        else:
            wh = (self._out + work) // WH_MWS
            self._out += work - wh * WH_MWS
            gauge.energy_out_wh += wh
            gauge.energy_out_today_wh += wh

    def _midnight(self, gauge):
        system = self._state.system
        day = (system.uptime_s if system.rtc_s is None else system.rtc_s) // DAY_S
        if day != self._day:
            if self._day is not None:
                gauge.energy_in_today_wh = gauge.energy_out_today_wh = 0
            self._day = day

    def _forecast(self, gauge, estimate_mah, capacity_mah):
        ma, least_ma = self._ma, max(capacity_mah // 500, 100)
        gauge.time_to_full_min = gauge.time_to_empty_min = None
        if ma > least_ma:
            gauge.time_to_full_min = (capacity_mah - estimate_mah) * 6 // (ma // 10)
        elif ma < -least_ma:
            gauge.time_to_empty_min = estimate_mah * 6 // (-ma // 10)
