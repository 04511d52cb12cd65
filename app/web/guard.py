"""What every request passes before it is believed: a middleware, and the readers of body and query.

The middleware answers only what is wrong with the request's frame (contradicting headers, a foreign Host). Faults of
body and query come after who, may and where in the contract's order, so they are raised where a route, knowing those,
asks for `guarded_json` or `check_query`.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import (
    FieldFault,
    InvalidRequest,
    MalformedRequest,
    PayloadTooLarge,
    Refusal,
    UnsupportedMediaType,
)
from app.domain.unseen import unseen_fault
from app.web.errors import send_problem
from app.web.strict_json import MAX_DIGITS, MAX_FAULTS, parse, pointer

MAX_BODY: Final = 1024 * 1024
JSON: Final = "application/json"
#: Of a body that is too large, so much is read and thrown away: a client that is still sending would see a broken
#: connection instead of the answer.
MAX_DISCARDED: Final = 8 * MAX_BODY
#: An answer of the API is data: nothing in it may run, load or be framed, should a browser open it.
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_PARSED: Final = "failback.json"
#: Headers that mean something here and of which two would contradict each other.
_SINGLE: Final = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"last-event-id",
    }
)
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestGuard:
    """Pure ASGI middleware: refuses a contradicting frame, limits the body as it is read, secures the answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int = MAX_BODY,
        allowed_hosts: tuple[str, ...] = (),
        policies: Mapping[str, str] | None = None,
    ) -> None:
        """Take the app inside.

        Args:
            app: what is guarded.
            max_body: bytes of the largest body taken.
            allowed_hosts: names that Host may give, `*.example.org` for all below one; empty: any.
            policies: Content-Security-Policy by exact path, for pages that need more than the API's.
        """
        self.app = app
        self.max_body = max_body
        self.hosts = frozenset(host.lower() for host in allowed_hosts if not host.startswith("*."))
        self.domains = tuple(host[1:].lower() for host in allowed_hosts if host.startswith("*."))
        self.policies = {path: _security_headers(policy) for path, policy in (policies or {}).items()}
        self.policy = _security_headers(API_POLICY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a sound request on; answer a broken frame with 400."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        extra = self.policies.get(scope["path"], self.policy)
        refusal = self._frame_fault(scope)
        if refusal is not None:
            await send_problem(refusal, send, more_headers=extra)
            return

        async def secured_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                own = {name.lower() for name, _ in given}  # a page knows better what it needs
                message["headers"] = [*given, *(one for one in extra if one[0] not in own)]
            await send(message)

        if scope["method"] not in _BODILESS:
            receive = _limited(receive, headers=scope["headers"], limit=self.max_body)
        await self.app(scope, receive, secured_send)

    def _frame_fault(self, scope: Scope) -> Refusal | None:
        names = [name for name, _ in scope["headers"]]
        if len(set(names)) != len(names) and any(names.count(name) > 1 for name in _SINGLE):
            return MalformedRequest("A header that may be given once is given twice.")
        if (self.hosts or self.domains) and not self._is_ours(dict(scope["headers"]).get(b"host", b"")):
            return MalformedRequest("The Host header does not name this service.")
        return None

    def _is_ours(self, host: bytes) -> bool:
        name = host.decode("latin-1").lower()
        if not name.endswith("]"):  # a bare IPv6 address ends with its bracket, all else may end with a port
            name = name.rpartition(":")[0] or name
        return name in self.hosts or name.endswith(self.domains)


def _security_headers(policy: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]


def _limited(receive: Receive, *, headers: list[tuple[bytes, bytes]], limit: int) -> Receive:
    """Wrap `receive` so that reading more than `limit` bytes of body raises PayloadTooLarge."""
    fields = dict(headers)
    declared = fields.get(b"content-length", b"")
    announced = int(declared) if declared.isdigit() and len(declared) <= MAX_DIGITS else 0
    waits_for_leave = b"expect" in fields  # 100-continue: the body is not on its way yet
    taken = 0

    async def limited_receive() -> Message:
        nonlocal taken
        if announced > limit:
            if announced <= MAX_DISCARDED and not waits_for_leave:
                await _discard(receive, taken=0)
            raise PayloadTooLarge
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            if message.get("more_body"):
                await _discard(receive, taken=taken)
            raise PayloadTooLarge
        return message

    return limited_receive


async def _discard(receive: Receive, *, taken: int) -> None:
    while taken <= MAX_DISCARDED:
        message = await receive()
        taken += len(message.get("body", b""))
        if not message.get("more_body"):  # the end, or the client has gone
            return


async def guarded_json(request: Request) -> Any:
    """Give the JSON value of the request's body, read and checked once; call it only for somebody who may.

    Raises:
        PayloadTooLarge: it is larger than the guard takes.
        UnsupportedMediaType: it is not application/json in UTF-8, or it is encoded.
        MalformedRequest: it cannot be read.
        InvalidRequest: it holds what is never taken, with a pointer to each place.
    """
    if _PARSED in request.scope:
        return request.scope[_PARSED]
    _, body = await guarded_bytes(request, JSON)
    value = parse(body)
    request.scope[_PARSED] = value
    return value


async def guarded_bytes(request: Request, *taken: str) -> tuple[str, bytes]:
    """Give the media type of a body, one of those taken, and the body as it came; call it only for somebody who may.

    Raises:
        PayloadTooLarge: it is larger than the guard takes.
        UnsupportedMediaType: it is of another type, not in UTF-8 as far as it says, or it is encoded.
    """
    body = await request.body()  # first, as the contract has it: too large goes before of the wrong type
    media_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = {parameter.strip().replace('"', "") for parameter in parameters} - {""}
    plain = request.headers.get("content-encoding", "identity").strip().lower() == "identity"
    if not plain or media_type.strip() not in taken or not charsets <= {"charset=utf-8", "charset=utf8"}:
        raise UnsupportedMediaType(f"The body has to be {' or '.join(taken)} in UTF-8, without any content encoding.")
    return media_type.strip(), body


def check_query(scope: Scope, *, known: frozenset[str] | None = None) -> None:
    """Refuse a query that is not UTF-8, holds what cannot be seen, or a name not `known`; call it only for who may.

    A name mistyped would be a filter left out, and the list longer than who asked believes.

    Raises:
        InvalidRequest: with `/query/NAME` for each parameter at fault.
    """
    raw: bytes = scope["query_string"]
    try:
        unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest(FieldFault("/query", "is not UTF-8")) from None
    faults: list[FieldFault] = []
    for name, value in parse_qsl(raw.decode("utf-8"), keep_blank_values=True):
        fault = unseen_fault(name) or unseen_fault(value)
        if fault is None and known is not None and name not in known:
            fault = f"is not known here; there is: {', '.join(sorted(known))}"
        if fault is not None:
            faults.append(FieldFault(pointer(("query", name)), fault))
    if faults:
        raise InvalidRequest(*faults[:MAX_FAULTS])
