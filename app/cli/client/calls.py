"""Calls to the service: base URLs in turn, and a lost answer asked for again with the same key."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx2

from app.cli.client.codes import UNREACHABLE
from app.cli.client.contexts import API, Context
from app.cli.client.refused import Refused
from app.cli.said import Stop

JSON: Final = "application/json"
CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 20.0
PAUSE: Final = 0.3  # seconds before the first repetition; twice as long before each next one
LONGEST_PAUSE: Final = 5.0
#: Answers after which the same request, with the same key, is sent again: not now, or not from there.
AGAIN: Final = frozenset({500, 502, 503, 504})


class Unreachable(Stop):
    """No base URL answers."""

    key: str | None = None  # with which the same can be asked again

    def __init__(self, troubles: Mapping[str, str]) -> None:
        """Take what is wrong with each base URL."""
        lines = [f"  {url}: {trouble}" for url, trouble in troubles.items()]
        super().__init__("\n".join(["The service cannot be reached.", *lines]), code=UNREACHABLE)


class Calls:
    """One person's line to the service, kept open for a command."""

    def __init__(
        self,
        context: Context,
        *,
        language: str | None = None,
        patience: float,
        transport: httpx2.BaseTransport | None = None,
        on_answer: Callable[[str], None] | None = None,
    ) -> None:
        """Take who speaks to whom, and for how many seconds a request is repeated.

        `on_answer` is told each base URL that answers where the one before no longer does.
        """
        self.urls = sorted(context.urls, key=lambda url: url != context.answered)  # tried in this order
        self._patience = patience
        self._on_answer = on_answer
        headers = {"Authorization": f"Bearer {context.token}", "User-Agent": "failback"}
        if language is not None:
            headers["Accept-Language"] = language
        self._client = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            # Reading a machine's certificates takes longer than all else; without https nothing would be held to them
            verify=True if any(url.startswith("https:") for url in self.urls) else SSLContext(PROTOCOL_TLS_CLIENT),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read a document; query members that are None are left out. Raises Refused, Unreachable."""
        return _read(self._ask("GET", path, query=query))

    def everything(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Give every item of a list, page by page."""
        following: str | None = None
        while True:
            page = self.get(path, **query, limit=200, cursor=following)
            yield from page["items"]
            following = page["next"]
            if following is None:
                return

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Any:
        """Post a body under an idempotency key and give the answer's document, also where it was lost at first.

        Raises Refused, Unreachable; either says with which key the same can be asked again.
        """
        key = key or str(uuid4())
        headers = {"Idempotency-Key": key, "Content-Type": JSON}
        try:
            return _read(self._ask("POST", path, content=json.dumps(body).encode(), headers=headers))
        except (Unreachable, Refused) as end:
            end.key = key if isinstance(end, Unreachable) or end.status in AGAIN else None
            raise

    @contextmanager
    def streamed(self, path: str, *, seconds: float, **headers: str) -> Iterator[httpx2.Response]:
        """Open an answer that comes bit by bit, at the first base URL that gives one; raises Refused, Unreachable.

        `seconds` is how long nothing may come before the line counts as dead; header names are written with `_`.
        """
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        timeout = httpx2.Timeout(seconds, connect=CONNECT_SECONDS)
        response = self._turn("GET", path, stream=True, headers=fields, timeout=timeout)
        try:
            yield response
        finally:
            response.close()

    def _ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send a request until it is answered; raises Refused where the answer is no."""
        ends = time.monotonic() + self._patience
        pause = PAUSE
        while True:
            try:
                return self._turn(method, path, **request)
            except (Unreachable, Refused) as trouble:
                again = not isinstance(trouble, Refused) or trouble.status in AGAIN or trouble.in_flight
                wait = max(pause, trouble.retry_after) if isinstance(trouble, Refused) else pause
                if not again or time.monotonic() + wait > ends:
                    raise
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _turn(
        self, method: str, path: str, *, stream: bool = False, query: Mapping[str, Any] | None = None, **request: Any
    ) -> httpx2.Response:
        """Try each base URL once; raises Refused with the last refusal, or Unreachable where nothing answered."""
        troubles: dict[str, str] = {}
        refused: Refused | None = None
        params = {name: value for name, value in (query or {}).items() if value is not None}
        for url in list(self.urls):
            built = self._client.build_request(method, url + API + path, params=params, **request)
            try:
                response = self._client.send(built, stream=stream)
                if response.status_code >= 300:  # noqa: PLR2004 - the classes of HTTP statuses
                    response.read()
            except httpx2.RequestError as error:
                troubles[url] = str(error) or type(error).__name__
                continue
            trouble = _odd(response)
            if trouble is not None:
                troubles[url] = trouble
                response.close()
                continue
            if response.status_code < 300:  # noqa: PLR2004 - the classes of HTTP statuses
                self._answered(url)
                return response
            refused = Refused(_read(response), url=url)
            if refused.status not in AGAIN:
                self._answered(url)
                raise refused
        raise refused or Unreachable(troubles)

    def _answered(self, url: str) -> None:
        if url == self.urls[0]:
            return
        self.urls.remove(url)
        self.urls.insert(0, url)
        if self._on_answer is not None:
            self._on_answer(url)


def _read(response: httpx2.Response) -> Any:
    """Give an answer's document; raises Unreachable where it is none."""
    try:
        return response.json()
    except ValueError:
        raise Unreachable({str(response.request.url): "answers with JSON that cannot be read"}) from None


def _odd(response: httpx2.Response) -> str | None:
    """Say what is wrong with an answer that no Failback gives: a proxy's page, a redirect, somebody else's service."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    status = response.status_code
    if status >= 300:  # noqa: PLR2004 - the classes of HTTP statuses
        return None if media_type == "application/problem+json" else f"answers {status} and is not Failback"
    wanted = response.request.headers.get("accept", "*/*")
    known = {JSON, "application/x-ndjson", "text/csv", "text/event-stream"}
    if media_type not in (known if wanted == "*/*" else {wanted}):
        return f"answers with {media_type or 'nothing'} where Failback would not"
    return None
