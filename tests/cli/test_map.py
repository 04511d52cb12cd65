"""The map in `app/__init__.py` shows the tree as it is."""

import app
from tests.cli.running import ROOT


def shown() -> set[str]:
    """Give the modules that the map names."""
    found: set[str] = set()
    folders: list[str] = []
    for line in (app.__doc__ or "").splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        name = line.split()[0] if line.startswith("    ") else ""
        if name.endswith("/"):
            folders[depth - 1 :] = [name]
        elif name:
            found.add("".join(folders[: depth - 1]) + name)
    return found


def test_the_map_names_every_module_and_no_other() -> None:
    tree = {path.relative_to(ROOT / "app").as_posix() for path in (ROOT / "app").rglob("*.py")}
    described = {name for name in tree if not name.endswith("__init__.py")} | {"cli/__init__.py"}
    assert shown() == described
