# SPDX-License-Identifier: Apache-2.0
"""The officers' console and the pay page: pages that work without script, livelier with it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

from counter import staff
from counter.booth_pages import booth_routes
from counter.console_pages import COOKIE, Console, case_routes
from counter.faults import log_fault
from counter.office import Office
from counter.payments import Gateway
from counter.paypage import pay_routes
from counter.words import LANGUAGES, Words

_HERE = Path(__file__).parent
LANGUAGE_COOKIE = "counter_language"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_console_app(office: Office, gateway: Gateway) -> FastAPI:
    """The console of one office and its gateway's pay pages."""
    app = FastAPI(title="ID Booth counter: console", openapi_url=None)
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    console = Console(office, Jinja2Templates(env=environment))
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.include_router(_login_routes(console))
    app.include_router(case_routes(console))
    app.include_router(booth_routes(console))
    app.include_router(pay_routes(console, gateway))

    @app.middleware("http")
    async def guard(request: Request, go_on: RequestResponseEndpoint) -> Response:
        request.state.words = Words(request.cookies.get(LANGUAGE_COOKIE, ""))
        request.state.login = None
        if request.method not in ("GET", "HEAD") and not _same_origin(request):
            response: Response = console.fault(request, 403, "stale_form")
        else:
            response = await go_on(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.url.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.exception_handler(HTTPException)
    async def refused(request: Request, no: HTTPException) -> Response:
        word = {401: "login", 403: "forbidden", 404: "not_found", 419: "stale_form"}
        if no.status_code == 401 and request.headers.get("hx-request") == "true":
            return Response(headers={"HX-Redirect": "/login"})
        if no.status_code == 401:
            return RedirectResponse("/login", status_code=303)
        status = 403 if no.status_code == 419 else no.status_code
        return console.fault(request, status, word.get(no.status_code, "failed"))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, _wrong: RequestValidationError) -> Response:
        return console.fault(request, 404, "not_found")

    @app.exception_handler(Exception)
    async def broken(request: Request, why: Exception) -> Response:
        log_fault("console_request_failed", why)
        return console.fault(request, 500, "failed")

    return app


def _login_routes(console: Console) -> Any:
    from fastapi import APIRouter, Form

    router = APIRouter()

    @router.get("/login", response_class=HTMLResponse)
    def show_login(request: Request) -> Response:
        return console.page(request, "login.html", failed=False, name="")

    @router.post("/login", response_class=HTMLResponse)
    def log_in(
        request: Request, name: str = Form("", max_length=64), password: str = Form("")
    ) -> Response:
        address = request.client.host if request.client else ""
        token = staff.log_in(console.office, name, password, address)
        if token is None:
            return console.page(request, "login.html", status=422, failed=True, name=name)
        response = RedirectResponse("/applications", status_code=303)
        response.set_cookie(
            COOKIE,
            token,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path="/",
        )
        return response

    @router.post("/logout")
    def log_out(request: Request, csrf: str = Form("")) -> Response:
        login = console.need_login(request, csrf=csrf)
        staff.log_out(console.office, login)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    @router.get("/language/{language}")
    def choose_language(
        request: Request,
        language: str,
        next: str = "/applications",  # noqa: A002
    ) -> Response:
        target = next if next.startswith("/") and not next.startswith(("//", "/\\")) else "/"
        response = RedirectResponse(target, status_code=303)
        if language in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, language, samesite="lax", httponly=True)
        return response

    @router.get("/")
    def front() -> Response:
        return RedirectResponse("/applications", status_code=303)

    return router


def _same_origin(request: Request) -> bool:
    """Browsers name where a form came from; another place's form is refused."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc == request.headers.get("host", "")
