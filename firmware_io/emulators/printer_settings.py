# SPDX-License-Identifier: Apache-2.0
"""What the emulated printer knows by heart: settings it steps over, and its names."""

LINE_DOTS = 30  # default line spacing of font A at 203 dots an inch

# Commands that only set something the picture does not show here: parameter bytes after the two.
SETTINGS = {
    0x1B: {
        0x20: 1, 0x21: 1, 0x24: 2, 0x25: 1, 0x2D: 1, 0x33: 1, 0x3D: 1, 0x45: 1, 0x47: 1, 0x4D: 1,
        0x52: 1, 0x54: 1, 0x55: 1, 0x56: 1, 0x5C: 2, 0x61: 1, 0x63: 2, 0x70: 3, 0x72: 1, 0x74: 1,
        0x7B: 1, 0x32: 0,
    },
    0x1C: {0x21: 1, 0x26: 0, 0x2E: 0, 0x2D: 1, 0x43: 1, 0x53: 2, 0x57: 1},
    0x1D: {
        0x21: 1, 0x42: 1, 0x48: 1, 0x4C: 2, 0x50: 2, 0x57: 2, 0x62: 1, 0x66: 1, 0x68: 1, 0x77: 1,
        0x7C: 1,
    },
}  # fmt: skip
IDENTITY = {65: b"1.0", 66: b"EMULATED", 67: b"RASTER-80", 68: b"000000", 69: b"CHINA GB18030"}
