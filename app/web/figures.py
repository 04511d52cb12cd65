"""Figures for Prometheus: what one process counts about itself; nothing about an execution."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Anybody can make up a method; each would be a series of its own for ever.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Figures:
    """What /metrics tells; counted by the process that is asked."""

    def __init__(self) -> None:
        """Begin at nought, in a registry of its own."""
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "failback_http_answers", "Answers by method and status.", ["method", "status"], registry=self.registry
        )
        self.streams = Gauge("failback_streams", "Open event streams.", registry=self.registry)
        self.ready = Gauge(
            "failback_ready", "Whether the last look at the database found it fit.", registry=self.registry
        )


class CountAnswers:
    """Pure ASGI middleware: counts answers by method and status."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        """Take the app inside and where to count."""
        self.app = app
        self.figures = figures
        self._counters: dict[tuple[str, int], Counter] = {}  # looking one up by its labels takes a lock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, count its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "other"

        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = (method, message["status"])
                if kind not in self._counters:
                    self._counters[kind] = self.figures.answers.labels(method, str(message["status"]))
                self._counters[kind].inc()
            await send(message)

        await self.app(scope, receive, counting_send)
