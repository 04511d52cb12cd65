"""What routes depend on: the service, who asks (deny by default), in which language."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.domain.errors import RoleRequired, TooManyRequests, Unauthenticated
from app.domain.events import Actor, Role
from app.services.identity import authenticate, token_id
from app.services.service import Service
from app.web.guard import check_query
from app.web.headers import language_of

FAILURES = RateLimitItemPerMinute(10)


class FailedAttempts:
    """Counts failed authentication by address and by token id; a valid token is never locked out by it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def note(self, request: Request, token: str) -> None:
        """Count a failure; raises TooManyRequests for who fails too often."""
        address = request.client.host if request.client else "unknown"
        keys = [("address", address)]
        claimed = token_id(token)
        if claimed is not None:
            keys.append(("token", claimed))
        counted = [self._limiter.hit(FAILURES, *key) for key in keys]
        if not all(counted):
            raise TooManyRequests(retry_after=60)


class Permission:
    """Who may call a route. Every route has one, or a test fails."""

    def __init__(self, *roles: Role, public: bool = False) -> None:
        """Take the roles of which one is needed; none: any valid token."""
        self.roles = frozenset(roles)
        self.public = public

    async def __call__(self, request: Request) -> Actor | None:
        """Give who asks; raises Unauthenticated, TooManyRequests or RoleRequired."""
        if self.public:
            return None
        service: Service = request.app.state.service
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        try:
            if not token:
                raise Unauthenticated("Send a token: Authorization: Bearer fbk_….")
            actor = await service.database.read(lambda connection: authenticate(connection, token))
        except Unauthenticated:
            request.app.state.failed_attempts.note(request, token)
            raise
        if self.roles and not self.roles & actor.roles:
            wanted = sorted(self.roles)
            raise RoleRequired(f"This needs one of the roles {', '.join(wanted)}.", required=wanted)
        check_query(request.scope)
        return actor


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


ANYONE = Permission(public=True)
READER = Permission()
SPEAKER = Permission(Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)
DECLARER = Permission(Role.COORDINATOR)

Reader = Annotated[Actor, Depends(READER)]
Speaker = Annotated[Actor, Depends(SPEAKER)]
Declarer = Annotated[Actor, Depends(DECLARER)]
Public = Annotated[Any, Depends(ANYONE)]
TheService = Annotated[Service, Depends(service_of)]
Language = Annotated[str, Depends(language)]
