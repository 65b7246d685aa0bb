# SPDX-License-Identifier: Apache-2.0
"""What the emulated printer knows by heart: commands that only set something, and its names."""

LINE_DOTS = 30  # default line spacing of font A at 203 dots an inch

# Commands of two bytes and so many parameter bytes that print nothing by themselves. What the
# picture shows of them is looked up when something is printed.
SETTINGS = {
    0x1B: {
        0x20: 1, 0x21: 1, 0x24: 2, 0x25: 1, 0x2D: 1, 0x33: 1, 0x3D: 1, 0x45: 1, 0x47: 1, 0x4D: 1,
        0x52: 1, 0x54: 1, 0x55: 1, 0x56: 1, 0x57: 8, 0x5C: 2, 0x61: 1, 0x63: 2, 0x70: 3, 0x72: 1,
        0x74: 1, 0x7B: 1, 0x32: 0,
    },
    0x1C: {0x21: 1, 0x26: 0, 0x2E: 0, 0x2D: 1, 0x43: 1, 0x53: 2, 0x57: 1},
    0x1D: {
        0x21: 1, 0x24: 2, 0x42: 1, 0x48: 1, 0x4C: 2, 0x50: 2, 0x57: 2, 0x5C: 2, 0x62: 1, 0x66: 1,
        0x68: 1, 0x77: 1, 0x7C: 1,
    },
}  # fmt: skip
AT_LINE_START = frozenset({(0x1B, 0x61), (0x1B, 0x7B), (0x1D, 0x4C), (0x1D, 0x57)})
"""Obeyed only before anything stands on the line (Epson's guide)."""
LONG_NAMES = frozenset({0x41, 0x44, 0x45, 0x48, 0x4B})
"""`GS ( x` that set or test something: D real-time commands, E and K the machine, H answers."""
FS_LONG_NAMES = frozenset({0x41, 0x43, 0x45})
"""`FS ( x`: A the Chinese font, C the way letters are coded, E what every slip begins with."""
_NAMES = {65: b"1.0", 66: b"EMULATED", 67: b"RASTER-80", 68: b"000000", 69: b"CHINA GB18030"}


def identity(n: int) -> bytes:
    """The answer to `GS I n`: a name, or a byte that tells what the model has."""
    if n in _NAMES:
        return b"\x5f" + _NAMES[n] + b"\0"
    return {1: b"\x20", 49: b"\x20", 2: b"\x03", 50: b"\x03"}.get(n, b"\x01")


def realtime_length(start: bytes) -> int:
    """How long the real-time command that begins with these three bytes is; 0: it is none."""
    if start[1] == 0x14:
        return {1: 5, 2: 5, 8: 10}.get(start[2], 0)
    return 3 if start[1] in (4, 5) else 0
