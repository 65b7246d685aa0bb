# SPDX-License-Identifier: Apache-2.0
"""Judges of the emulated printer, written by others; see scripts/prove-strangers."""
