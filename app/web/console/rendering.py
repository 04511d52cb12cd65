"""Rendering: a template with what every page needs (who, language, theme, assets), under a strict policy."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.domain.events import Actor
from app.domain.runbook import LANGUAGES
from app.services import clock
from app.web.console import files, times, words
from app.web.console.speech import Speech, catalogue
from app.web.console.visitors import visitor_of
from app.web.headers import language_of

LANGUAGE: Final = "failback_language"
THEME: Final = "failback_theme"
THEMES: Final = ("auto", "light", "dark")
#: Nothing but our own files, nothing inline, no frame; markup is never made of text in a browser that can refuse it.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    # Not `no-referrer`: with it a browser sends `Origin: null` with our own forms. Nothing is told to another site.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, and how: nobody where nobody is signed in."""

    actor: Actor | None
    language: str
    theme: str
    here: str  # the page's path with its query, to come back to

    @property
    def speech(self) -> Speech:
        """The reader's language as a voice."""
        return Speech(self.language)


def reader_of(request: Request) -> Reader:
    """Give how the reader wants the page: by the switches' cookies, else by what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE)
    theme = request.cookies.get(THEME, THEMES[0])
    query = f"?{request.url.query}" if request.url.query else ""
    return Reader(
        actor=visitor_of(request),
        language=language_of(chosen if chosen in LANGUAGES else None, request.headers.get("accept-language", "")),
        theme=theme if theme in THEMES else THEMES[0],
        here=request.url.path + query if request.method == "GET" else request.url.path,
    )


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("app.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined] # the i18n extension adds it
    environment.globals |= {"asset": files.address, "words": words.in_language(language), "languages": LANGUAGES}
    environment.globals["span_between"] = times.seconds_between
    environment.filters |= {"clock": times.clock, "moment": times.moment, "span": times.span}
    return environment


def page(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """Answer with a template in the reader's language; `values` are what it shows besides."""
    reader = reader_of(request)
    text = (
        _templates(reader.language)
        .get_template(template)
        .render(reader=reader, now=clock.stamp(clock.now()), themes=THEMES, **values)
    )
    return HTMLResponse(text, status, {**HEADERS, "Content-Language": reader.language, **(headers or {})})
