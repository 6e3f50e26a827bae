"""The JK settings registers: which parameter stands where.

Generated from tables/parameters.toml by tools/generate_jk.py; edit the table, not this file.
"""

# register, struct codes, parameter ids (code b: degC, the parameter is in 0.1 degC)
# fmt: off
RUNS = (
    (0x1000, b"IIIIIIIIIIIIIIIIIIIiiiiiiiiIIIIIII", b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x17\x18\x19\x1a\x1b\x1c\x22\x3d\x28\x29\x2a\x2b\x2c\x2d\x30\x31\x38\x3a\x3b\x3c\x39\x21\x0c"),
    (0x110C, b"II", b"\x42\x24"),
    (0x1116, b"bb", b"\x32\x33"),
    (0x1118, b"B", b"\x4d"),
    (0x1122, b"bb", b"\x2e\x2f"),
    (0x14B2, b"BB", b"\x5f\x60"),
    (0x14D4, b"BxxxxxxxxxxxxxxxBBBxiiiiiiIBBxB", b"\x61\x50\x51\x52\x53\x54\x55\x56\x57\x58\x63\x64\x65\x4e"),
)
# fmt: on
# the control word: parameter id of bits 0..15, 0 = none
CONTROL = 0x1114
CONTROL_BITS = b"\x43\x44\x00\x00\x45\x00\x46\x47\x48\x49\x4a\x4b\x4c\x00\x00\x00"
