# SPDX-License-Identifier: Apache-2.0
"""The console's pages about applications: the list, one application, its pictures, decisions."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from counter import cases, staff
from counter.acceptance import SequenceUsedUpError
from counter.booths import slip_word
from counter.decisions import (
    FEE_OPEN,
    FEE_SETTLED,
    GROUNDS,
    RECAPTURE_PARTS,
    Decision,
    IncompleteError,
    NotFreshError,
    decide,
)
from counter.events import append
from counter.moves import CASE_ROLES, MoveRefusedError, Role, State, offered
from counter.office import Office
from counter.staff import Login
from counter.tables import Application, Event
from counter.words import Words
from idcard.age import STATION_ZONE
from idcard.masking import masked_name, masked_number
from idcard.numbers import parse_acceptance_number

COOKIE = "counter_session"
PAGE_ROWS = 20
# Posts that see every station; the others see their own.
SEE_ALL = frozenset({Role.SIGNING, Role.SORTER, Role.SUPERVISOR, Role.URGING})
# Looking at the same application again within this time is one look.
_ONE_LOOK = timedelta(minutes=15)
_STATE_TABS = (State.RECEIVED, State.ACCEPTED, State.RECAPTURE, State.REFUSED)


class Console:
    """What every page needs: the office, the templates, who is asking."""

    def __init__(self, office: Office, templates: Jinja2Templates) -> None:
        self.office = office
        self._templates = templates

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        """A page from a template; `t` are the words, `login` the officer or None."""
        words: Words = request.state.words
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        given = {"t": words, "login": request.state.login, "here": here, **values}
        return self._templates.TemplateResponse(request, template, given, status_code=status)

    def fault(self, request: Request, status: int, word: str) -> Response:
        """A page that says what happened and the way on."""
        return self.page(request, "fault.html", status=status, word=word)

    def need_login(self, request: Request, *, csrf: str | None = None) -> Login:
        """The officer, who may open cases. Raises HTTPException 401, 403 or 419 (stale form)."""
        polled = request.headers.get("hx-request") == "true"
        login = staff.who(self.office, request.cookies.get(COOKIE), keep=not polled)
        if login is None:
            raise HTTPException(401)
        request.state.login = login
        if csrf is not None and not staff.csrf_fits(login, csrf):
            raise HTTPException(419)
        return login

    def need_case_login(self, request: Request, *, csrf: str | None = None) -> Login:
        """As `need_login`, and a post that may see cases."""
        login = self.need_login(request, csrf=csrf)
        if login.role not in CASE_ROLES:
            raise HTTPException(403)
        return login


def may_see(login: Login, row: Application) -> bool:
    """Whether an application is one for this officer's eyes."""
    return login.role in SEE_ALL or login.unit == row.station_code


def case_routes(console: Console) -> APIRouter:
    """Pages under /applications."""
    router = APIRouter(prefix="/applications")
    office = console.office

    @router.get("", response_class=HTMLResponse)
    def show_list(request: Request, state: str = "", q: str = "", page: int = 1) -> Response:
        login = console.need_case_login(request)
        values = _list_values(office, login, state, q[:40], max(1, min(page, 10_000)))
        values["refresh_s"] = office.settings.console.refresh_s
        partial = request.headers.get("hx-request") == "true"
        response = console.page(request, "_rows.html" if partial else "list.html", **values)
        response.headers["Vary"] = "HX-Request, Cookie"
        return response

    @router.get("/{application_id}", response_class=HTMLResponse)
    def show_case(request: Request, application_id: UUID, done: bool = False) -> Response:
        login = console.need_case_login(request)
        row = _find(office, login, application_id)
        _log_look(office, login, row.id, "opened")
        return _case_page(console, request, login, row.id, done=done)

    @router.post("/{application_id}/reveal", response_class=HTMLResponse)
    def reveal(
        request: Request, application_id: UUID, csrf: Annotated[str, Form()] = ""
    ) -> Response:
        login = console.need_case_login(request, csrf=csrf)
        row = _find(office, login, application_id)
        with office.database.write() as session:
            append(session, row.id, login.actor, "revealed", office.clock.now())
        return _case_page(console, request, login, row.id, revealed=True)

    @router.post("/{application_id}/move", response_class=HTMLResponse)
    def move(
        request: Request,
        application_id: UUID,
        to: Annotated[str, Form()],
        version: Annotated[int, Form()],
        csrf: Annotated[str, Form()] = "",
        ground: Annotated[str, Form()] = "",
        part: Annotated[str, Form()] = "",
        fee: Annotated[str, Form()] = "",
        note: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        login = console.need_case_login(request, csrf=csrf)
        row = _find(office, login, application_id)
        if to not in list(State):
            raise HTTPException(400)
        decision = Decision(State(to), version, ground, part, fee, note.strip())
        try:
            decide(office, login, row.id, decision)
        except NotFreshError:
            return _case_page(console, request, login, row.id, status=409, notice="act.changed")
        except MoveRefusedError:
            return _case_page(console, request, login, row.id, status=409, notice="act.not_allowed")
        except SequenceUsedUpError:
            return _case_page(console, request, login, row.id, status=409, notice="act.used_up")
        except IncompleteError as wanted:
            return _case_page(console, request, login, row.id, status=422, notice=wanted.key)
        return RedirectResponse(f"/applications/{row.id}?done=1", status_code=303)

    @router.get("/{application_id}/portrait.jpg")
    def portrait(request: Request, application_id: UUID) -> Response:
        row = _find(office, console.need_case_login(request), application_id)
        return _picture(cases.portrait_of(office, row), "image/jpeg")

    @router.get("/{application_id}/signature.png")
    def signature(request: Request, application_id: UUID) -> Response:
        row = _find(office, console.need_case_login(request), application_id)
        return _picture(cases.signature_of(office, row), "image/png")

    return router


def _find(office: Office, login: Login, application_id: UUID) -> Application:
    row = cases.find_application(office, str(application_id))
    if row is None or not may_see(login, row):
        raise HTTPException(404)
    return row


def _picture(raw: bytes | None, kind: str) -> Response:
    if raw is None:
        raise HTTPException(404)
    return Response(raw, media_type=kind, headers={"Cache-Control": "no-store"})


def _log_look(office: Office, login: Login, application_id: str, what: str) -> None:
    now = office.clock.now()
    with office.database.write() as session:
        seen = session.scalar(
            select(func.count())
            .select_from(Event)
            .where(
                Event.application_id == application_id,
                Event.actor == login.name,
                Event.what == what,
                Event.at > now - _ONE_LOOK,
            )
        )
        if not seen:
            append(session, application_id, login.actor, what, now)


def _list_values(office: Office, login: Login, state: str, text: str, page: int) -> dict[str, Any]:
    wanted = select(Application)
    if login.role not in SEE_ALL:
        wanted = wanted.where(Application.station_code == login.unit)
    with office.database.read() as session:
        by_state = wanted.with_only_columns(Application.state, func.count().label("held"))
        counts = {
            row.state: row.held for row in session.execute(by_state.group_by(Application.state))
        }
        chosen = wanted
        if state in list(State):
            chosen = chosen.where(Application.state == state)
        if text:
            digits = "".join(text.split()).upper()
            chosen = chosen.where(
                Application.acceptance_no.contains(digits, autoescape=True)
                | Application.booth_number.contains(digits, autoescape=True)
            )
        total = session.scalar(chosen.with_only_columns(func.count())) or 0
        rows = session.scalars(
            chosen.order_by(Application.received_at.desc())
            .limit(PAGE_ROWS)
            .offset((page - 1) * PAGE_ROWS)
        ).all()
        return {
            "rows": [_row(office, session, row) for row in rows],
            "counts": counts,
            "all_count": sum(counts.values()),
            "tabs": _STATE_TABS,
            "state": state if state in list(State) else "",
            "q": text,
            "page": page,
            "pages": max(1, -(-total // PAGE_ROWS)),
            "total": total,
            "at": f"{office.clock.now().astimezone(STATION_ZONE):%H:%M:%S}",
        }


def _row(office: Office, session: Session, row: Application) -> dict[str, Any]:
    opened = cases.open_identity(office, session, row)
    station = office.settings.station_for(row.station_code)
    return {
        "id": row.id,
        "state": row.state,
        "number": _grouped(row.acceptance_no),
        "booth_number": row.booth_number,
        "name": masked_name(opened.identity.name) if opened else "—",
        "kind": row.kind,
        "place": station.name or row.station_code,
        "booth_id": row.booth_id,
        "confirmed_at": row.confirmed_at,
        "legal_date": row.legal_date,
        "checks": len(row.checks.split()) if row.state == State.RECEIVED else 0,
    }


def _case_page(
    console: Console,
    request: Request,
    login: Login,
    application_id: str,
    *,
    status: int = 200,
    revealed: bool = False,
    done: bool = False,
    notice: str = "",
) -> Response:
    office = console.office
    with office.database.read() as session:
        row = session.get_one(Application, application_id)
        opened = cases.open_case(office, session, row)
        events = cases.events_of(session, row.id)
        person = opened.identity.identity if opened.identity else None
        shown = None
        if person is not None:
            shown = {
                "name": person.name if revealed else masked_name(person.name),
                "number": person.citizen_no if revealed else masked_number(person.citizen_no),
                "address": person.address if revealed else _masked_address(person.address),
            }
        return console.page(
            request,
            "case.html",
            status=status,
            here=f"/applications/{application_id}",
            row=row,
            number=_grouped(row.acceptance_no),
            station=office.settings.station_for(row.station_code),
            opened=opened,
            person=person,
            shown=shown,
            revealed=revealed,
            parts=cases.parts_of(row),
            slip=slip_word(session, row.id),
            events=events,
            checks=[check.partition(":")[::2] for check in row.checks.split()],
            moves=offered(State(row.state), login.role),
            fee_open=row.fee_state in FEE_OPEN,
            fee_choices=FEE_SETTLED,
            grounds=GROUNDS,
            recapture_parts=RECAPTURE_PARTS,
            done=done,
            notice=notice,
        )


def _masked_address(address: str) -> str:
    return address[:6] + "*" * max(0, len(address) - 6)


def _grouped(acceptance_no: str | None) -> str:
    return parse_acceptance_number(acceptance_no).grouped() if acceptance_no else ""
