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
from app.services.protected_sets import GONE
from app.services.service import Service
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
        if self.public:
            return None
        actor = await (follower(request) if self.notes_version else caller(request))
        self.check(actor)
        if request.scope["query_string"]:
            route: APIRoute = request.scope["route"]
            check_query(request.scope, known=frozenset(_query_names(route.dependant)) | {"lang"})
        return actor

    def check(self, actor: Actor) -> None:
        """Raise RoleRequired for who has none of the roles."""
        if self.roles and not self.roles & actor.roles:
            wanted = sorted(self.roles)
            raise RoleRequired(f"This needs one of the roles {', '.join(wanted)}.", required=wanted)


async def caller(request: Request) -> Actor:
    """Give the operator whose token the request shows; raises Unauthenticated or TooManyRequests."""
    service = await service_of(request)
    token = _token(request)
    try:
        actor = await service.database.read(lambda connection: authenticate(connection, token))
    except Unauthenticated:
        request.app.state.failed_attempts.note(request, token)
        raise
    service.known.keep(token, actor)
    return actor


async def follower(request: Request) -> Actor:
    """Give who asks about an execution, with its version in `request.state.version`; raises as `caller` does."""
    service = await service_of(request)
    known = service.known.get(_token(request)) or await caller(request)
    glance = await service.glances.look(known.token or "", _looked_for(request.path_params["execution_id"]))
    request.state.version = glance.version
    return known if glance.valid else await caller(request)


async def speaker(request: Request) -> Actor:
    """Give who posts, if he was recognised before; whether his token still holds is for the transaction to say."""
    service = await service_of(request)
    return service.known.get(_token(request)) or await caller(request)


def _token(request: Request) -> str:
    """Give the token that the request shows; raises Unauthenticated for none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    if not token:  # no attempt at anything, so it is not counted as one
        raise Unauthenticated("Send a token: Authorization: Bearer fbk_….")
    return token


def _looked_for(text: str) -> str:
    """Give the id to look for; one that cannot be an id is found nowhere."""
    try:
        return execution_id_of(text)
    except NotFound:
        return ""


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
    return _id_of(text, "There is no execution of that id.")


def set_id_of(text: str) -> str:
    """Give a protected set's id in its one form; raises NotFound for text that cannot be one."""
    return _id_of(text, GONE)


def _id_of(text: str, nothing: str) -> str:
    try:
        if len(text) == 36:  # noqa: PLR2004 - the canonical form alone
            return str(UUID(text))
    except ValueError:
        pass
    raise NotFound(nothing)


ANYONE = Permission(public=True)
READER = Permission()
FOLLOWER = Permission(notes_version=True)
SPEAKER = Permission(Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)
DECLARER = Permission(Role.COORDINATOR)
PROTECTOR = Permission(Role.COORDINATOR, Role.ADMIN)
PUBLISHER = Permission(Role.ADMIN)

Reader = Annotated[Actor, Depends(READER)]
Follower = Annotated[Actor, Depends(FOLLOWER)]
Speaker = Annotated[Actor, Depends(SPEAKER)]
Declarer = Annotated[Actor, Depends(DECLARER)]
Protector = Annotated[Actor, Depends(PROTECTOR)]
Publisher = Annotated[Actor, Depends(PUBLISHER)]
Public = Annotated[Any, Depends(ANYONE)]
TheService = Annotated[Service, Depends(service_of)]
Language = Annotated[str, Depends(language)]
