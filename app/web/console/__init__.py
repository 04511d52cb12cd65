"""The console: pages for people, made of the same services as the API."""

from fastapi import APIRouter

from app.web.console import declare, execution, files, journal_page, live, offline, overview, runbook_page, signing_in

__all__ = ["console"]

console = APIRouter()
for _part in (signing_in, overview, declare, execution, journal_page, offline, runbook_page, live, files):
    console.include_router(_part.router)
