# SPDX-License-Identifier: Apache-2.0
"""The domain that booth and counter share: numbers, records, rules, sealing. Pure."""
