# SPDX-License-Identifier: Apache-2.0
"""The console's page of booths: how each is, and whose slip is still to be handed out."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from counter.booths import BoothStanding, open_slips, settle_slip, standings
from counter.console_pages import SEE_ALL, Console
from counter.moves import CASE_ROLES
from counter.staff import Login
from counter.words import Words


def booth_routes(console: Console) -> APIRouter:
    """Pages under /booths."""
    router = APIRouter(prefix="/booths")
    office = console.office

    @router.get("", response_class=HTMLResponse)
    def show_booths(request: Request) -> Response:
        login = console.need_login(request)
        words: Words = request.state.words
        station = _station(login)
        case_post = login.role in CASE_ROLES
        partial = request.headers.get("hx-request") == "true"
        booths = standings(office, station)
        slips = open_slips(office, station) if case_post else []
        response = console.page(
            request,
            "_booths.html" if partial else "booths.html",
            booths=booths,
            slips=slips,
            case_post=case_post,
            say=_say,
            span=lambda age: span(words, age),
            place=lambda code: office.settings.station_for(code).name or code,
            refresh_s=office.settings.console.refresh_s,
        )
        response.headers["Vary"] = "HX-Request, Cookie"
        return response

    @router.post("/slips/{application_id}/settle")
    def settle(
        request: Request, application_id: UUID, csrf: Annotated[str, Form()] = ""
    ) -> Response:
        login = console.need_case_login(request, csrf=csrf)
        if not settle_slip(office, application_id, login.name, _station(login)):
            raise HTTPException(404)
        return RedirectResponse("/booths", status_code=303)

    return router


def _station(login: Login) -> str | None:
    return None if login.role in SEE_ALL else login.unit


def _say(booth: BoothStanding, key: str, language: str) -> str:
    """The booth's own words for a key; "" when it sent none."""
    wording = booth.report.words.get(key) if booth.report else None
    return getattr(wording, language) if wording else ""


def span(words: Words, age: timedelta) -> str:
    """A time span in its largest whole unit: "3 min"."""
    seconds = int(age.total_seconds())
    for name, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= length:
            return words(f"booths.{name}", n=seconds // length)
    return words("booths.seconds", n=seconds)
