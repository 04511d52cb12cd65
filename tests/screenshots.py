"""Pictures of every page, wide and narrow, light and dark: `make screenshots` writes them for the documents."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.storage import upkeep
from tests.console.site import chromium, serving
from tests.http.clients import World

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"wide": (1440, 1080), "phone": (390, 844)}
THEMES = ("light", "dark")
#: What the README shows: not the whole page, but what is seen when it opens.
SHOWN = {("execution", "wide", "light"): "console.png", ("execution", "phone", "dark"): "console-phone.png"}
THREE = [{"name": "sql01"}, {"name": "web01"}, {"name": "file01"}]


def disaster(world: World) -> dict[str, Any]:
    """Declare a disaster and take it to the commit of the workloads, with a failure on the way."""
    step = "fail-over-workloads"
    at = world.at(f"{step}.fail-over-workload-vms", workloads=THREE, targets={"rto_minutes": 240, "rpo_minutes": 15})
    here = {"at": at["position"]}
    world.accepted("ann", at, type="confirm", workloads=["sql01", "web01"], **here)
    world.accepted("ann", at, type="report_failure", workloads=["file01"], symptom="F04", **here)
    world.accepted("ann", at, type="retry", workloads=["file01"], comment="The rights on the disk are back", **here)
    at = world.accepted("ann", at, type="confirm", workloads=["file01"], **here)
    at = world.accepted("ann", at, type="confirm", at=at["position"])
    world.accepted("ben", at, type="authorize", at=at["position"], workloads=["sql01", "web01"])
    return world.accepted("ann", at, type="confirm", at=at["position"], workloads=["sql01"])


def scenes(world: World) -> Mapping[str, Callable[[], str]]:
    """Give the pages by name, each with what makes its address."""
    live = disaster(world)
    gate = world.declare(title="Storm in Lyon", workloads=THREE)
    signing = world.at("fail-over-vmm.sign-off", title="Yearly exercise", mode="drill")
    failed = world.at("fail-over-vmm.fail-over-vmm-vm", title="Fire in the north hall")
    world.accepted("ann", failed, type="report_failure", at=failed["position"], symptom="F03")
    world.accepted("ann", world.declare(title="False alarm"), type="abort", comment="The link is back")
    checklist = world.declare(runbook="prepare-hyper-v-hosts", title="Hosts of Lyon", workloads=[], parameters={})
    return {
        "sign-in": lambda: "/sign-in",
        "overview": lambda: "/",
        "declare": lambda: "/declare?runbook=standalone-vmm&mode=live",
        "execution": lambda: f"/executions/{live['id']}",
        "gate": lambda: f"/executions/{gate['id']}",
        "sign-off-in-a-drill": lambda: f"/executions/{signing['id']}",
        "failure": lambda: f"/executions/{failed['id']}",
        "checklist": lambda: f"/executions/{checklist['id']}",
        "kiosk": lambda: f"/executions/{live['id']}?kiosk",
        "journal": lambda: f"/executions/{live['id']}/journal?verify",
        "line": lambda: f"/executions/{live['id']}/journal?line=1",
        "offline-runbook": lambda: f"/executions/{checklist['id']}/offline?show",
        "runbooks": lambda: "/runbooks",
        "runbook": lambda: "/runbooks/prepare-vmm-servers",
        "problem": lambda: "/problems/position-moved",
        "nothing-there": lambda: "/nothing-there",
    }


def main(wanted: list[str], *, who: str = "ann") -> None:
    """Write the pictures of the pages named, all of them by default."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, chromium() as browser:
        url = f"sqlite:///{directory}/failback.db"
        upkeep.upgrade(url)
        with serving(url) as (world, address):
            made = scenes(world)
            for size, (width, height) in SIZES.items():
                for theme in THEMES:
                    context = browser.new_context(
                        base_url=address,
                        viewport={"width": width, "height": height},
                        color_scheme="dark" if theme == "dark" else "light",
                        locale="en-GB",
                        timezone_id="Europe/Paris",
                    )
                    page = context.new_page()
                    page.goto("/sign-in")
                    for name in [name for name in made if not wanted or name in wanted]:
                        if name != "sign-in" and page.url.endswith("/sign-in"):
                            page.fill("#token", world.tokens[who])
                            page.click("main button.primary")
                        page.goto(made[name]())
                        page.screenshot(path=FOLDER / f"{name}-{size}-{theme}.png", full_page=True)
                        if (name, size, theme) in SHOWN:
                            page.screenshot(path=FOLDER / SHOWN[name, size, theme])
                    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
