"""The client in the test's own process against a service in a process of its own: what it says on both streams."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.cli.client.contexts import Context, Contexts, save
from app.domain.events import Role
from tests.processes import Served, people, served

#: Whose tokens there are, and what each may do.
PEOPLE = {
    "ann": (Role.COORDINATOR, Role.OPERATOR),
    "ben": (Role.APPROVER,),
    "cora": (Role.COORDINATOR, Role.OPERATOR),
    "vic": (Role.VIEWER,),
}
DECLARATION = (
    "executions", "declare", "standalone-vmm", "--mode", "live", "-t", "Flooded datacenter", "-p", "vmm_vm=vmm01",
    "-p", "primary_host=pri-hv01", "-p", "secondary_host=sec-hv01", "-w", "sql01", "-w", "web01", "-o", "name",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@dataclass
class Ground:
    """A service and its people's tokens."""

    service: Served
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.service.port}"


def ground_on(file: Path, template: Path) -> Iterator[Ground]:
    """Serve a database of its own until the generator is closed."""
    file.write_bytes(template.read_bytes())
    url = f"sqlite:///{file}"
    tokens = {name: people(url, [name], roles=roles)[0].token for name, roles in PEOPLE.items()}
    with served(url) as (service,):
        yield Ground(service, tokens)
        assert not service.troubles()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Ground]:
    """Give a service that the tests of a module share; each declares executions of its own."""
    yield from ground_on(tmp_path_factory.mktemp("client") / "failback.db", sqlite_template)


@pytest.fixture
def own_ground(tmp_path: Path, sqlite_template: Path) -> Iterator[Ground]:
    """Give a service that this test has for itself."""
    yield from ground_on(tmp_path / "failback.db", sqlite_template)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Say:
    """Give the command line: `say("next", "-c", "ann")`; `given` is stdin, what is in capitals the environment."""
    for name in [name for name in os.environ if name.startswith("FAILBACK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FAILBACK_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def speak(*arguments: str, given: str = "", **settings: Any) -> Said:
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["failback", *arguments])
            here.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
            for name, value in settings.items():
                here.setenv(name, str(value))
            capfd.readouterr()
            code = main()
            out, err = capfd.readouterr()
        return Said(code, out, err)

    return speak


@pytest.fixture
def people_logged_in(say: Say, ground: Ground) -> Say:
    """Give the command line of somebody with a context for each person, ann's the current one."""
    known = {one: Context(name=one, urls=(ground.url,), token=ground.tokens[one]) for one in reversed(PEOPLE)}
    save(Contexts("ann", known))
    return say
