"""The console: pages for people, made of the same services as the API."""

from fastapi import APIRouter

from app.web.console import execution, files, journal_page, live, overview, signing_in

__all__ = ["console"]

console = APIRouter()
for _part in (signing_in.router, overview.router, execution.router, journal_page.router, live.router, files.router):
    console.include_router(_part)
