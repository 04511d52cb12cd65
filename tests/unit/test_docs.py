"""What the documents say is there: targets, links, settings; and what must not be in any file is not."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOT_OURS = {
    ".git",
    ".hypothesis",
    ".schemathesis",
    ".venv",
    "__pycache__",
    "build",
    "data",
    "dist",
    "htmlcov",
    "secrets",
}
#: Where packages come from is each installation's own business, and paths of one machine help nobody on another.
#: The brackets keep the patterns from finding themselves.
FORBIDDEN = re.compile(
    r"py[p]i\.org|pythonhos[t]ed\.|registry\.npm[j]s|deb\.deb[i]an\.|(^|[^A-Za-z0-9_])/(w[o]rk|f[a]rm)/|/ro[o]t/\.",
    re.MULTILINE,
)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def files_of_the_repository() -> Iterator[Path]:
    """Give every file that could be committed, caches and databases left out."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in NOT_OURS and not name.endswith(("_cache", ".egg-info"))]
        yield from (Path(folder) / name for name in files)


def anchors(document: Path) -> set[str]:
    """Give the anchors that the headings of a Markdown file make, as the usual hosts make them."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+\s+(.+?)\s*$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def makefile_targets() -> list[str]:
    """Give the targets that `make help` lists."""
    return re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("target", makefile_targets())
def test_readme_mentions_the_target(target: str) -> None:
    assert re.search(rf"\bmake {target}\b", README.read_text(encoding="utf-8")), (
        f"the README is silent on `make {target}`"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"(?:`|^\s*)make ([a-z]+)", document.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert named <= set(makefile_targets())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_internal_link_leads_somewhere(document: Path) -> None:
    dead = []
    for link in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_setting_named_in_the_packaging_is_documented() -> None:
    packaging = ["Makefile", "Dockerfile", "docker-compose.yml", "docs/deployment.md", "docs/windows.md"]
    named = {name for path in packaging for name in re.findall(r"FAILBACK_[A-Z_]+", (ROOT / path).read_text("utf-8"))}
    documented = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    missing = sorted(name for name in named if not re.search(rf"{name.removesuffix('_FILE')}\b", documented))
    assert missing == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = []
    for path in files_of_the_repository():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or another binary
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group(0)!r}" for match in FORBIDDEN.finditer(text)]
    assert found == []


def test_the_pattern_of_what_is_forbidden_finds_what_it_should() -> None:
    # Put together here, so that this file does not hold them
    for text in ("https://" + "pypi" + ".org/simple", "see /" + "work/main", " /" + "root/.cache"):
        assert FORBIDDEN.search(text), text
    assert not FORBIDDEN.search("the network/worker, a framework/plugin and homework/x")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_readme_names_every_setting(name: str) -> None:
    assert f"`FAILBACK_{name.upper()}`" in README.read_text(encoding="utf-8")
