# SPDX-License-Identifier: Apache-2.0
"""The API against what nobody thought of, through its own description."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from counter.app import booth_openapi

KNOWN = {
    "malformed_request",
    "content_hash_differs",
    "not_sealed_for_this",
    "unknown_application",
    "not_a_manifest",
    "not_a_booth_report",
    "does_not_open",
    "not_a_payment_question",
    "unknown_payment",
    "wrong_content_type",
    "too_large",
    "amount_too_large",
    "Not Found",
    "Method Not Allowed",
}
OPERATIONS = [
    (path, method) for path, methods in booth_openapi()["paths"].items() for method in methods
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_any_request_gets_an_answer_and_every_no_is_a_known_word(
    api: Any, path: str, method: str
) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", api.app)

    @given(case=schema[path][method.upper()].as_strategy())
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    def ask(case: schemathesis.Case) -> None:
        response = case.call()
        case.validate_response(response, checks=[not_a_server_error])
        if response.status_code >= 400:
            assert response.json()["detail"] in KNOWN

    ask()
