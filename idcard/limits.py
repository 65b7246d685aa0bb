# SPDX-License-Identifier: Apache-2.0
"""How large a sealed part may be, in bytes: the booth checks before it stores, the counter again.

One table for both sides, so that no application is refused for its size after the citizen has left.
Each is the largest record `idcard.records` allows, in JSON with base64, plus head and tag of the
seal, with room to spare.
"""

from idcard.records import Part

SEALED_LIMITS: dict[Part, int] = {
    Part.IDENTITY: 16 * 1024,
    Part.PORTRAIT: 96 * 1024,
    Part.FINGERPRINTS: 128 * 1024,
    Part.EVIDENCE: 128 * 1024,
}
