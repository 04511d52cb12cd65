"""What is installed is what was locked, and the image is built so that it can run with few rights."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def locked(name: str) -> dict[str, str]:
    """Give what a lock pins: requirement with its marker, and everything that stands under it (hashes, origins)."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {entry.split("\\\n")[0].strip(): entry for entry in entries if entry.strip()}


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_locked_has_an_exact_version_and_a_hash(lock: str) -> None:
    pins = locked(lock)
    assert pins
    assert [pin for pin, entry in pins.items() if "==" not in pin or "--hash=sha256:" not in entry] == []


def test_the_test_lock_holds_the_service_lock_at_the_same_versions() -> None:
    # The Makefile takes an installed test lock for an installed service lock
    test_pins = {pin.split(";")[0].strip() for pin in locked("requirements-dev.lock")}
    assert {pin.split(";")[0].strip() for pin in locked("requirements.lock")} <= test_pins


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for declared, lock in (
        (project["project"]["dependencies"], "requirements.lock"),
        (project["dependency-groups"]["dev"], "requirements-dev.lock"),
    ):
        names = {pin.split("==")[0].split("[")[0].lower() for pin in locked(lock)}
        wanted = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in declared}
        assert wanted <= names


def test_the_image_starts_without_a_shell_and_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    commands = [line.split(maxsplit=1)[1] for line in lines if re.match(r"(RUN|CMD|ENTRYPOINT)\b", line)]
    assert commands
    assert all(isinstance(json.loads(command), list) for command in commands)
    assert re.fullmatch(r"USER [1-9]\d*:[1-9]\d*", next(line for line in lines if line.startswith("USER")))


def test_the_image_is_given_only_what_it_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^COPY (?!--from)(\S+)", dockerfile, flags=re.MULTILINE)) == allowed
