# SPDX-License-Identifier: Apache-2.0
"""One byte form for a record, so that a hash or a signature means the same on both sides.

Objects sorted by name, no white space, UTF-8 without escapes beyond JSON's own, no floats: for the
types a signed record may hold (text, whole numbers, booleans, null, lists, objects with ASCII
names) this is the JSON Canonicalization Scheme of RFC 8785. Times are what pydantic writes
(RFC 3339 with offset), dates ISO 8601, bytes base64.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel

# RFC 8785 writes numbers as IEEE 754 doubles; beyond this a whole number has no exact form there.
_LARGEST_WHOLE = 2**53 - 1


def canonical_json(value: BaseModel | dict[str, Any] | list[Any]) -> bytes:
    """The canonical bytes of a record or of plain JSON data.

    Raises ValueError for what has no single form: a float, a whole number beyond ±(2^53-1), an
    object name that is not ASCII text, text that is not valid Unicode.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    _check(plain)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError


def record_bytes(record: BaseModel) -> bytes:
    """A record as compact UTF-8 JSON, as it is sealed; `model_validate_json` reads it back."""
    return record.model_dump_json().encode("utf-8")


def sha256_hex(raw: bytes) -> str:
    """SHA-256 in 64 lower-case hex digits."""
    return hashlib.sha256(raw).hexdigest()


def _check(value: Any) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > _LARGEST_WHOLE:
                raise ValueError("whole number too large for canonical JSON")
        case list() | tuple():
            for item in value:
                _check(item)
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise ValueError("object name is not ASCII text")
                _check(item)
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form")
