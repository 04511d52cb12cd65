"""What routes depend on: the service, who asks (deny by default), in which language, about which execution."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.domain.errors import NotFound, RoleRequired, TooManyRequests, Unauthenticated
from app.domain.events import Actor, Role
from app.services.identity import authenticate, token_id
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.web.guard import check_query
from app.web.headers import language_of

FAILURES = RateLimitItemPerMinute(10)


class FailedAttempts:
    """Counts wrong tokens by address and by the token id they claim; a valid token is never locked out by it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def note(self, request: Request, token: str) -> None:
        """Count a wrong token; raises TooManyRequests for who sends too many of them."""
        address = request.client.host if request.client else "unknown"
        claimed = token_id(token)
        passes = self._limiter.hit(FAILURES, "address", address)
        if passes and claimed is not None:  # in this order an address cannot fill the memory with made-up ids
            passes = self._limiter.hit(FAILURES, "token", claimed)
        if not passes:
            raise TooManyRequests(retry_after=60)


class Permission:
    """Who may call a route. Every route has one, or a test fails."""

    def __init__(self, *roles: Role, public: bool = False, notes_version: bool = False) -> None:
        """Take the roles of which one is needed; none: any valid token.

        `notes_version`: the execution's version (None where there is none) is put into `request.state.version` on the
        same trip to the database, which on PostgreSQL is half the cost of reading an execution.
        """
        self.roles = frozenset(roles)
        self.public = public
        self.notes_version = notes_version

    async def __call__(self, request: Request) -> Actor | None:
        """Give who asks; raises Unauthenticated, TooManyRequests, RoleRequired, or InvalidRequest for the query."""
        return None if self.public else await self.speaker(request)

    async def speaker(self, request: Request) -> Actor:
        """Give who asks where somebody has to; raises as a call does."""
        actor = await caller(request, notes_version=self.notes_version)
        if self.roles and not self.roles & actor.roles:
            wanted = sorted(self.roles)
            raise RoleRequired(f"This needs one of the roles {', '.join(wanted)}.", required=wanted)
        if request.scope["query_string"]:
            route: APIRoute = request.scope["route"]
            check_query(request.scope, known=frozenset(_query_names(route.dependant)) | {"lang"})
        return actor


async def caller(request: Request, *, notes_version: bool = False) -> Actor:
    """Give the operator whose token the request shows; raises Unauthenticated or TooManyRequests."""
    service = await service_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    if not token:  # no attempt at anything, so it is not counted as one
        raise Unauthenticated("Send a token: Authorization: Bearer fbk_….")

    def look(connection: Connection) -> Actor:
        actor = authenticate(connection, token)
        if notes_version:
            request.state.version = _version(connection, request.path_params["execution_id"])
        return actor

    try:
        return await service.database.read(look)
    except Unauthenticated:
        request.app.state.failed_attempts.note(request, token)
        raise


def _version(connection: Connection, text: str) -> int | None:
    """Give the version of the execution with this id; None where there is none, or it cannot be an id."""
    try:
        return queries.version(connection, execution_id_of(text))
    except NotFound:
        return None


def _query_names(dependant: Dependant) -> Iterator[str]:
    """Give the names that a route's query takes, its dependencies' included."""
    yield from (field.alias for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from _query_names(one)


async def service_of(request: Request) -> Service:
    """Give the service that the application was made with (async: a plain function would cost a change of threads)."""
    service: Service = request.app.state.service
    return service


async def language(
    request: Request,
    lang: Annotated[Literal["en", "fr"] | None, Query(description="Language of texts; else Accept-Language.")] = None,
) -> str:
    """Give the language of the answer."""
    return language_of(lang, request.headers.get("accept-language", ""))


def execution_id_of(text: str) -> str:
    """Give an execution's id in its one form; raises NotFound for text that cannot be one."""
    try:
        return str(UUID(text)) if len(text) == 36 else _nothing()  # noqa: PLR2004 - the canonical form alone
    except ValueError:
        return _nothing()


def _nothing() -> str:
    raise NotFound("There is no execution of that id.")


ANYONE = Permission(public=True)
READER = Permission()
FOLLOWER = Permission(notes_version=True)
SPEAKER = Permission(Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)
DECLARER = Permission(Role.COORDINATOR)

Reader = Annotated[Actor, Depends(READER)]
Follower = Annotated[Actor, Depends(FOLLOWER)]
Speaker = Annotated[Actor, Depends(SPEAKER)]
Declarer = Annotated[Actor, Depends(DECLARER)]
Public = Annotated[Any, Depends(ANYONE)]
TheService = Annotated[Service, Depends(service_of)]
Language = Annotated[str, Depends(language)]
