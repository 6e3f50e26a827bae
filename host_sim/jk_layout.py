"""Names of the fields in the JK register areas, to decode blocks and answers of any JK pack on the
PC (protocols page, 1.5 and 1.6).

A register address is an area's base plus a byte offset. FC03 carries quantities big-endian, the
300-byte blocks little-endian; single bytes stand at the same offset in both. `order` is ">" or
"<".
The settings stand in tables/parameters.toml.
"""

import struct

# offset, struct codes, names; a name with *n is n values
STATUS_GROUPS = (
    (0x00, "32H", "cell_mv*32"),
    (0x40, "IHHBB", "cell_mask average_mv difference_mv max_cell min_cell"),
    (0x4A, "32H", "lead_mohm*32"),
    (
        0x8A,
        "hIIIihhIhBB",
        "mos_dc lead_alarms pack_mv power_mw current_ma t1_dc t2_dc alarms balance_ma"
        " balance_state soc_pct",
    ),
    (
        0xA8,
        "iIIIBBHIBBH",
        "remaining_mah full_mah cycles cycle_mah soh_pct precharging user_alarms run_time_s"
        " charge_mos discharge_mos user_alarms2",
    ),
    (
        0xC4,
        "6HBBHHHHHf",
        "release_s*6 sensors heating reserved_d2 emergency_s discharge_correction"
        " charge_sensor_mv discharge_sensor_mv voltage_correction",
    ),
    (
        0xE0,
        "HHHh3BB4BIIhhhH",
        "charge_pwm discharge_pwm pack_cv heater_ma flags_e8*3 started flags_ec*4 ticks_ds"
        " pvd_ds t3_dc t4_dc t5_dc charge_correction",
    ),
    (
        0x100,
        "IIIBBHHBB",
        "rtc_s log_count sleep_in_s limiting chemistry reserved_10e charge_state_s charge_state"
        " outputs",
    ),
    (0x119, "12s", "valid_fields"),
)

INFO_GROUPS = (
    (0x00, "15sB8s8sII", "model max_cells hardware software run_time_s starts"),
    (
        0x28,
        "16s16s8s16s16s16s16s32s",
        "device_name pin manufacture_date serial_number user_data password user_data2 commands",
    ),
    (0xB0, "HBB4s", "agency rs485_1_protocol can_protocol rs485_1_mask"),
    (0xB8, "12s4s", "options can_mask"),
    (0xD4, "B4s", "rs485_2_protocol rs485_2_mask"),
    (
        0xE4,
        "4B6iI4B",
        "triggers*3 uart_library trigger_values*6 data_period_s times*2 can_library emergency_min",
    ),
    (0x108, "B7sB", "uart3_protocol uart3_mask rebulk_soc_pct"),
    (0x119, "11sB", "valid_fields protocol_version"),
)


def decode(groups, data, at, order):
    """{name: value, tuple of values or bytes} of an area that begins at data[at]."""
    found = {}
    for begin, codes, names in groups:
        values = struct.unpack_from(order + codes, data, at + begin)
        i = 0
        for name in names.split():
            if "*" in name:
                name, count = name.split("*")
                found[name] = values[i : i + int(count)]
                i += int(count)
            else:
                found[name] = values[i]
                i += 1
    return found
