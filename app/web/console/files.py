"""The console's own files: two style sheets, one module, one icon; named by their content, so that they can be kept."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Depends, Response

from app.domain.errors import NotFound
from app.web.deps import ANYONE

router = APIRouter(include_in_schema=False, dependencies=[Depends(ANYONE)])

TYPES: Final = {
    "console.css": "text/css; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def content(name: str) -> bytes:
    """Give a file's bytes."""
    return files("app.web.console").joinpath("static", name).read_bytes()


@cache
def address(name: str) -> str:
    """Give a file's address, which changes with its content."""
    return f"/files/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


@router.get("/files/{name}")
async def read_file(name: str) -> Response:
    """Give one of the files; a browser may keep what it once had under this address."""
    if name not in TYPES:
        raise NotFound
    return Response(content(name), 200, {"Cache-Control": "public, max-age=31536000, immutable"}, TYPES[name])
