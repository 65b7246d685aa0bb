# SPDX-License-Identifier: Apache-2.0
"""A cabinet or dispenser that is silent where booth.toml looks for it may answer elsewhere."""

from collections.abc import Callable
from dataclasses import replace

from drivers.errors import BoothError
from drivers.health import Health


def elsewhere(health: Health, wanted: str, find: Callable[[], tuple[int, ...]]) -> Health:
    """The same health, with the addresses that answer in its detail when the device is silent.

    `wanted`: what booth.toml says; `find` asks every address, moves nothing and takes about the
    device's `reply_s` an address.
    """
    if health.reason != f"{health.device}.silent":
        return health
    try:
        found = ", ".join(map(str, find()))
    except BoothError:
        return health
    if not found:
        return health
    return replace(health, detail=f"answers at address {found}; booth.toml says {wanted}")
