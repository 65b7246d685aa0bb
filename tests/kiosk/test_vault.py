# SPDX-License-Identifier: Apache-2.0
"""Pictures are there by name until they are dropped, and then they are not."""

from kiosk.vault import Vault


def test_what_is_dropped_is_gone_and_nothing_else_is() -> None:
    vault = Vault()
    for name in ("take-1", "take-2", "slip"):
        assert vault.put(name, name.encode()) == name
    assert vault.drop("take-") == 2
    assert (vault.get("take-1"), vault.get("take-2"), vault.get("slip")) == (b"", b"", b"slip")


def test_the_wipe_leaves_nothing() -> None:
    vault = Vault()
    vault.put("take-1", b"picture")
    vault.put("slip", b"paper")
    assert vault.drop("") == 2
    assert vault.drop("") == 0
