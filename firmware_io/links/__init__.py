# SPDX-License-Identifier: Apache-2.0
"""How bytes travel: serial port, PC/SC, pins, video; deadlines and unplugging."""
