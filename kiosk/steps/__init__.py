# SPDX-License-Identifier: Apache-2.0
"""One file a step of a visit. No step touches a device, a clock or a widget."""
