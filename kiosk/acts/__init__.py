# SPDX-License-Identifier: Apache-2.0
"""What the conductor does with each command: the only place where commands meet devices."""
