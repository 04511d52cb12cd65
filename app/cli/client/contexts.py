"""Contexts: which service, by whose token, about which execution; kept in a file that only its owner reads."""

import json
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import typer

from app.cli.client.codes import FAILED, USAGE, WHO_ARE_YOU
from app.cli.said import Stop, complain

FILE: Final = "contexts.json"
API: Final = "/api/v1"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One place to speak to: base URLs in the order they are tried, whose token, and an execution meant by default."""

    name: str
    urls: tuple[str, ...]
    token: str
    execution: str | None = None
    answered: str | None = None  # the base URL that answered last: it is tried first


@dataclass(slots=True)
class Contexts:
    """All contexts of a person, as the file keeps them."""

    current: str | None = None
    by_name: dict[str, Context] = field(default_factory=dict)

    def keep(self, context: Context) -> None:
        """Put a context in, in the place of one of its name."""
        self.by_name[context.name] = context

    def named(self, name: str) -> Context:
        """Give a context by its name; raises Stop where there is none."""
        if name not in self.by_name:
            known = ", ".join(self.by_name) or "none yet"
            raise Stop(f"There is no context {name!r} ({known}). Make it: failback login {name} --url URL", code=USAGE)
        return self.by_name[name]


def place() -> Path:
    """Give the file: in FAILBACK_CONFIG_DIR, else in the user's configuration directory."""
    folder = os.environ.get("FAILBACK_CONFIG_DIR") or typer.get_app_dir("failback")
    return Path(folder) / FILE


def load() -> Contexts:
    """Read the file, or give no contexts where there is none; raises Stop where it cannot be read."""
    file = place()
    try:
        text = file.read_text(encoding="utf-8")
        if os.name == "posix" and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            complain(f"{file} holds tokens and others may read it. Close it: chmod 600 '{file}'")
        kept = json.loads(text)
        return Contexts(kept["current"], {name: _read(name, one) for name, one in kept["contexts"].items()})
    except FileNotFoundError:
        return Contexts()
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror or error}", code=FAILED) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Stop(f"{file} is not a file of contexts. Move it away and log in again.", code=FAILED) from None


def _read(name: str, kept: dict[str, Any]) -> Context:
    return Context(name=name, **{**kept, "urls": tuple(kept["urls"])})


def save(contexts: Contexts) -> None:
    """Write the file whole and at once, with mode 600 from its first byte; raises Stop where it cannot be written."""
    file = place()
    kept = {name: {key: value for key, value in asdict(one).items() if key != "name"}
            for name, one in contexts.by_name.items()}  # fmt: skip
    new = file.with_suffix(f".{os.getpid()}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            json.dump({"current": contexts.current, "contexts": kept}, stream, indent=1)
        new.replace(file)
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror or error}", code=FAILED) from None


def base_urls(given: Iterable[str]) -> tuple[str, ...]:
    """Give base URLs without the API's path and without what stands twice; raises Stop where one is none."""
    found = []
    for text in given:
        parts = urlsplit(text.strip())
        if not _is_plain(parts):
            raise Stop(f"{text!r} is no base URL; one looks like https://failback.example:8000", code=USAGE)
        found.append(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix(API)}")
    return tuple(dict.fromkeys(found))


def _is_plain(parts: SplitResult) -> bool:
    """Say whether a URL names a scheme, a host and a port that exist, and nothing that belongs elsewhere."""
    try:
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return whole and parts.scheme in {"http", "https"} and not (parts.username or parts.query or parts.fragment)


def travels_in_the_clear(url: str) -> bool:
    """Say whether a token sent there can be read on the way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def token_from_environment() -> str:
    """Give the token of FAILBACK_TOKEN or of the file that FAILBACK_TOKEN_FILE names; empty where neither is set."""
    file = os.environ.get("FAILBACK_TOKEN_FILE")
    if os.environ.get("FAILBACK_TOKEN") or not file:
        return os.environ.get("FAILBACK_TOKEN", "").strip()
    try:
        return Path(file).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"FAILBACK_TOKEN_FILE {file} cannot be read: {error}", code=WHO_ARE_YOU) from None


def token_from_stdin() -> str:
    """Give the first line of stdin."""
    return sys.stdin.readline().lstrip("\ufeff").strip()


def chosen(name: str | None) -> Context:
    """Give the context that a command speaks in: the one named, else the current one.

    FAILBACK_URL (several with commas) and FAILBACK_TOKEN go before what is kept; with both, nothing has to be kept.
    Raises Stop where there is no URL or no token.
    """
    urls = base_urls(filter(None, os.environ.get("FAILBACK_URL", "").replace(",", " ").split()))
    token = token_from_environment()
    if urls and token and name is None:
        return Context(name="", urls=urls, token=token)
    contexts = load()
    name = name or contexts.current
    if name is None:
        raise Stop("You are not logged in. Log in: failback login --url http://127.0.0.1:8000", code=WHO_ARE_YOU)
    kept = contexts.named(name)
    return replace(kept, urls=urls or kept.urls, token=token or kept.token)


def remember_who_answered(context: Context, url: str) -> None:
    """Keep which base URL answered, so that the next command does not wait for a site that is gone."""
    contexts = load()
    kept = contexts.by_name.get(context.name)
    if kept is None or url not in kept.urls:
        return
    contexts.keep(replace(kept, answered=url))
    try:
        save(contexts)
    except Stop:
        return  # nothing depends on it
