# SPDX-License-Identifier: Apache-2.0
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from counter.office import Office
from counter.payments import Gateway
from counter.refusals import RefusedError
from counter.settings import Payments

APPLICATION = UUID("0193b3a0-0000-7000-8000-000000000001")


def open_payment(api: TestClient, fen: int = 2000, application: UUID = APPLICATION) -> Any:
    return api.post(
        "/api/v1/payments", json={"application_id": str(application), "amount_fen": fen}
    )


def state(api: TestClient, payment: dict[str, Any]) -> str:
    return api.get(f"/api/v1/payments/{payment['payment_id']}").json()["state"]


def press(page: TestClient, payment: dict[str, Any], button: str) -> dict[str, Any]:
    path = f"/testpay/{payment['payment_id']}/{button}"
    return page.post(path, headers={"Accept": "application/json"}).json()


def test_a_payment_waits_three_minutes_behind_a_page_address(api: TestClient, clock: Any) -> None:
    answer = open_payment(api)
    payment = answer.json()
    assert answer.status_code == 201
    assert payment["state"] == "waiting"
    assert payment["qr"] == f"http://127.0.0.1:8080/testpay/{payment['payment_id']}"
    assert payment["expires_at"] == "2026-12-01T02:03:00Z"
    clock.pass_time(seconds=179)
    assert state(api, payment) == "waiting"
    clock.pass_time(seconds=1)
    assert state(api, payment) == "expired"


@pytest.mark.parametrize(("button", "after"), [("pay", "paid"), ("decline", "declined")])
def test_the_button_pressed_first_stands(
    api: TestClient, browser_client: TestClient, button: str, after: str
) -> None:
    payment = open_payment(api).json()
    assert press(browser_client, payment, button)["state"] == after
    press(browser_client, payment, "decline")
    press(browser_client, payment, "pay")
    api.post(f"/api/v1/payments/{payment['payment_id']}/cancel")
    assert state(api, payment) == after


def test_paying_too_late_takes_nothing(
    api: TestClient, browser_client: TestClient, clock: Any
) -> None:
    payment = open_payment(api).json()
    clock.pass_time(seconds=200)
    assert press(browser_client, payment, "pay")["state"] == "expired"


def test_a_cancelled_payment_cannot_be_paid(api: TestClient, browser_client: TestClient) -> None:
    payment = open_payment(api).json()
    cancelled = api.post(f"/api/v1/payments/{payment['payment_id']}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert press(browser_client, payment, "pay")["state"] == "cancelled"


def test_a_repeated_request_opens_no_second_payment(
    api: TestClient, browser_client: TestClient
) -> None:
    first, again = open_payment(api), open_payment(api)
    assert again.status_code == 200
    assert first.json()["payment_id"] == again.json()["payment_id"]
    press(browser_client, first.json(), "pay")
    assert open_payment(api).json()["state"] == "paid"
    assert open_payment(api, fen=4000).json() == {"detail": "paid_otherwise"}


def test_after_a_decline_a_new_payment_may_be_opened(
    api: TestClient, browser_client: TestClient
) -> None:
    first = open_payment(api).json()
    press(browser_client, first, "decline")
    second = open_payment(api)
    assert second.status_code == 201
    assert second.json()["payment_id"] != first["payment_id"]


def test_another_booths_payment_is_unknown(office: Office, api: TestClient) -> None:
    payment = open_payment(api).json()
    with pytest.raises(RefusedError) as no:
        Gateway(office, "").look(payment["payment_id"], "B04")
    assert no.value.status == 404


def test_unknown_payments_and_buttons_are_told_plainly(
    api: TestClient, browser_client: TestClient
) -> None:
    assert api.get(f"/api/v1/payments/{'0' * 32}").status_code == 404
    assert browser_client.get(f"/testpay/{'0' * 32}").status_code == 404
    payment = open_payment(api).json()
    assert browser_client.post(f"/testpay/{payment['payment_id']}/steal").status_code == 404


@pytest.mark.parametrize("fen", [0, -1, 10_001, 20.5, "2000"])
def test_amounts_that_no_card_costs_are_refused(api: TestClient, fen: Any) -> None:
    assert open_payment(api, fen=fen).status_code == 422


def test_a_closed_gateway_says_so(office: Office, api: TestClient) -> None:
    shut = office.settings.model_copy(update={"payments": Payments(test_gateway=False)})
    object.__setattr__(office, "settings", shut)
    assert open_payment(api).status_code == 503


def test_the_page_works_without_script_and_says_it_is_a_test(
    api: TestClient, browser_client: TestClient
) -> None:
    payment = open_payment(api).json()
    path = f"/testpay/{payment['payment_id']}"
    page = browser_client.get(path).text
    assert "测试网关" in page
    assert "20 元" in page
    after = browser_client.post(f"{path}/pay")
    assert "已支付" in after.text
    assert '<button class="primary huge"' not in after.text
