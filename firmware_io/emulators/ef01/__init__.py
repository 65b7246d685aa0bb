# SPDX-License-Identifier: Apache-2.0
"""Parts of the emulated EF01 fingerprint module; the command is `..fingerprint`."""
