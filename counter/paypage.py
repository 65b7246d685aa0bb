# SPDX-License-Identifier: Apache-2.0
"""The test gateway's page, opened on a phone from the code on the booth's screen.

No login: the address holds 128 random bits and the page shows an amount and nothing of a person.
Scripts post to the same addresses with `Accept: application/json`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from counter.console_pages import Console
from counter.payments import Gateway
from counter.refusals import RefusedError
from idcard.records import Payment, PaymentState

_BUTTONS = {"pay": PaymentState.PAID, "decline": PaymentState.DECLINED}


def pay_routes(console: Console, gateway: Gateway) -> APIRouter:
    """`GET /testpay/{id}`, `POST /testpay/{id}/pay` and `/decline`."""
    router = APIRouter(prefix="/testpay")

    @router.get("/{payment_id}")
    def look(request: Request, payment_id: str) -> Response:
        try:
            payment = gateway.look(payment_id)
        except RefusedError:
            return _unknown(console, request)
        return _answer(console, request, payment)

    @router.post("/{payment_id}/{button}")
    def press(request: Request, payment_id: str, button: str) -> Response:
        wanted = _BUTTONS.get(button)
        if wanted is None:
            return _unknown(console, request)
        try:
            payment = gateway.settle(payment_id, wanted)
        except RefusedError:
            return _unknown(console, request)
        if _wants_json(request):
            return _answer(console, request, payment)
        return RedirectResponse(f"/testpay/{payment_id}", status_code=303)

    return router


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _answer(console: Console, request: Request, payment: Payment) -> Response:
    if _wants_json(request):
        return Response(payment.model_dump_json(), media_type="application/json")
    return console.page(request, "pay.html", payment=payment)


def _unknown(console: Console, request: Request) -> Response:
    if _wants_json(request):
        return JSONResponse({"detail": "unknown_payment"}, status_code=404)
    return console.page(request, "pay.html", status=404, payment=None)
