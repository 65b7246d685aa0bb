# SPDX-License-Identifier: Apache-2.0
"""How bytes travel: serial, USB printer, network socket, PC/SC, pins, video; unplugging."""
