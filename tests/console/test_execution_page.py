"""The page of an execution without any script: walked, refused, late, hostile; nothing typed is lost."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from app.domain.events import Role
from app.services import clock
from app.services.document import document as document_of
from tests.console.visitor import Visitor, read, signed_in
from tests.http.clients import PARAMETERS, World

FENCE = "fail-over-vmm.fence-primary"
COMMIT = "fail-over-workloads.commit-workloads"


def opened(world: World, who: str, document: dict[str, Any], **headers: str) -> Visitor:
    """Give somebody's browser with an execution's page open."""
    visitor = signed_in(world, who, **headers)
    assert visitor.get(f"/executions/{document['id']}").status_code == 200
    return visitor


def test_a_step_is_walked_by_two_people_without_a_script(world: World) -> None:
    document = world.declare()
    ann, ben = opened(world, "ann", document), opened(world, "ben", document)
    assert "Make sure the primary site is down or isolated" in ann.page.text
    assert "Get-VM -Name 'vmm01' -ComputerName 'pri-hv01'" in ann.page.text
    assert "form-confirm" not in ben.page.forms
    assert "Confirming is for an operator" in ben.page.text
    answer = ann.send("form-confirm")
    assert answer.status_code == 422
    assert "Needed here: say how you know." in ann.page.text
    assert 'href="#confirm-comment"' in answer.text
    ann.did("form-confirm", comment="Power is cut; Léa saw it", performed_by="Léa")
    assert "Recorded as line 2" in ann.page.text
    assert "Fail the VMM VM over, unplanned" in ann.page.text
    ann.did("form-confirm", recovery_label="vmm - 02:00", recovery_time="2026-11-23T01:00")
    ann.did("form-confirm")
    assert "Signing off is for an approver" in ann.page.text
    ben.get(f"/executions/{document['id']}")
    assert "Power is cut; Léa saw it" in ben.page.text
    ben.did("form-sign_off", comment="Seen")
    found = world.read(document)
    assert found["position"] == "fail-over-workloads.verify-vmm"
    assert found["steps"][0]["signed_off_by"][0]["name"] == "ben"
    lines = [line["performed_by"] for line in world.ask("ann", f"/executions/{document['id']}/events").json()["items"]]
    assert lines[1] == "Léa"


def test_the_second_person_authorizes_and_a_failure_is_accepted_or_retried(quick: World) -> None:
    document = quick.at(COMMIT)
    ann, ben = opened(quick, "ann", document), opened(quick, "ben", document)
    assert "Waits for a second person" in ann.page.text
    assert "What becomes impossible" in ben.page.text
    ben.did("form-authorize", tick=["sql01"])
    ann.get(f"/executions/{document['id']}")
    assert "Authorized by ben" in ann.page.text
    assert ann.page.forms["form-confirm"].fields["workloads"] == ["sql01"]
    ann.did("form-confirm", tick=["sql01"])
    ann.did("form-report_failure", tick=["web01"], symptom="F08")
    assert "blocked" in ann.page.text
    ann.did("form-retry", comment="The job has ended")
    ben.get(f"/executions/{document['id']}")
    ben.did("form-authorize")
    ann.get(f"/executions/{document['id']}")
    ann.did("form-confirm")
    assert quick.read(document)["position"] == "fail-over-workloads.sign-off"


def test_whoever_authorized_does_not_confirm(quick: World) -> None:
    quick.tokens["both"] = quick.token("both", Role.OPERATOR, Role.APPROVER)
    document = quick.at(COMMIT)
    both = opened(quick, "both", document)
    both.did("form-authorize")
    assert "somebody else has to confirm it" in both.page.text
    assert "form-confirm" not in both.page.forms


def test_of_two_tabs_the_stale_one_signs_nothing_and_learns_who_was_faster(world: World) -> None:
    document = world.declare()
    ann, other = opened(world, "ann", document), opened(world, "operator", document)
    ann.did("form-confirm", comment="Power is cut")
    answer = other.send("form-confirm", comment="I also saw it & <b>more</b>")
    assert answer.status_code == 409
    assert re.search(r"ann confirmed at \d\d:\d\d:\d\d UTC \(line 2\) while you were reading", other.page.text)
    assert "You are now at step 1: Fail the VMM VM over" in other.page.text
    assert "I also saw it & <b>more</b>" in other.page.text, "kept to be read"
    assert other.page.forms["form-confirm"].fields["comment"] == [""], "but not for the next action"
    assert world.read(document)["version"] == 2


def test_a_note_in_between_voids_no_form(world: World) -> None:
    document = world.declare()
    ann = opened(world, "ann", document)
    for number in range(7):
        world.accepted("ben", document, type="note", comment=f"Look at {number}")
    ann.did("form-confirm", comment="Power is cut")
    assert world.read(document)["position"] == "fail-over-vmm.fail-over-vmm-vm"


def test_two_people_confirm_different_workloads_from_pages_of_the_same_moment(quick: World) -> None:
    document = quick.at("fail-over-workloads.fail-over-workload-vms")
    one, two = opened(quick, "ann", document), opened(quick, "operator", document)
    one.did("form-confirm", tick=["sql01"])
    two.did("form-confirm", tick=["web01"])
    assert quick.read(document)["position"] == "fail-over-workloads.check-workloads"


def test_what_was_shown_has_to_hold_still(quick: World) -> None:
    """Somebody chose another recovery point after the approver's page was made: what it says is no longer so."""
    document = quick.at("fail-over-workloads.check-workloads")
    ann, ben = opened(quick, "ann", document), opened(quick, "ann", document)
    here = {"at": document["position"], "workloads": ["web01"]}
    point = {"label": "web01 - 02:00", "time": "2026-11-23T01:00:00Z"}
    quick.accepted("ann", document, type="choose_recovery_point", recovery_point=point, **here)
    answer = ann.send("form-confirm", comment="all well")
    assert answer.status_code == 412
    assert "What you saw has changed" in ann.page.text
    assert "ann chose another recovery point" in ann.page.text
    assert quick.read(document)["version"] == document["version"] + 1
    assert ben.send("form-note", comment="a note is about no position").status_code == 303


def test_the_same_form_twice_counts_once(world: World) -> None:
    document = world.declare()
    ann = opened(world, "ann", document)
    first, again = ann.page.forms["form-confirm"], dict(ann.page.forms)
    assert ann.send("form-confirm", comment="Power is cut").status_code == 303
    ann.page.forms = again
    answer = ann.send("form-confirm", comment="Power is cut")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/executions/{document['id']}?said=2")
    ann.page.forms = again
    answer = ann.send("form-confirm", comment="Power is really cut")
    assert answer.status_code == 422
    assert "recorded already, with another text" in ann.page.text
    assert world.read(document)["version"] == 2
    assert first.fields["key"] != ann.page.forms["form-confirm"].fields["key"]


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(quick: World) -> None:
    document = quick.at("fail-over-workloads.fail-over-workload-vms")
    ann = opened(quick, "ann", document)
    answer = ann.send("form-confirm", tick=["web01"], performed_at="2199-01-01T00:00", comment="typed & kept")
    assert answer.status_code == 422
    assert "Lies in the future" in ann.page.text
    fields = ann.page.forms["form-confirm"].fields
    assert fields["comment"] == ["typed & kept"]
    assert fields["performed_at"] == ["2199-01-01T00:00"]
    assert fields["workloads"] == ["web01"]
    assert 'aria-invalid="true"' in answer.text
    answer = ann.send("form-confirm", tick=[], performed_at="")
    assert "Tick at least one workload." in ann.page.text
    answer = ann.send("form-confirm", tick=["sql01"], performed_at="yesterday", zone="nonsense")
    assert "Is not a time." in ann.page.text
    answer = ann.send("form-confirm", tick=["sql01"], comment="zero\u200bwidth")
    assert "cannot be seen (U+200B)" in ann.page.text


def test_local_times_are_taken_in_the_zone_the_browser_names(quick: World) -> None:
    document = quick.declare(outage_started_at="2026-01-01T00:00:00Z")
    ann = opened(quick, "ann", document)
    ann.did("form-confirm", comment="dark", performed_at="2026-02-01T10:00:05", zone="60")
    ann.did("form-confirm", performed_at="2026-02-01T10:00", zone="-5000")
    ann.did("form-confirm", performed_at="2026-02-01T10:00", zone="-570")
    lines = quick.ask("ann", f"/executions/{document['id']}/events").json()["items"]
    assert [line["performed_at"] for line in lines[1:]] == [
        "2026-02-01T09:00:05.000000Z",
        "2026-02-01T10:00:00.000000Z",
        "2026-02-01T19:30:00.000000Z",
    ]


def test_evidence_is_taken_as_paste_link_and_file(quick: World) -> None:
    document = quick.declare()
    ann = opened(quick, "ann", document)
    ann.did("form-note", comment="see", evidence_content='{"State": "Off"}\r\n', evidence_href="https://wiki.example/x")
    form = opened(quick, "ann", document).page.forms["form-note"]
    files = {"evidence_file": ("état.txt", "State : Off\r\n".encode("utf-16"), "text/plain")}
    assert ann.post(form.action, form.fields, files=files).status_code == 303
    lines = quick.ask("ann", f"/executions/{document['id']}/events").json()["items"]
    assert [one["kind"] for one in lines[1]["evidence"]] == ["output", "link"]
    assert lines[2]["evidence"][0]["name"] == "état.txt"
    assert lines[2]["evidence"][0]["content"] == "State : Off\r\n"
    bad = {"evidence_file": ("x.bin", b"\xff\x00\xff", "application/octet-stream")}
    answer = ann.post(form.action, {**form.fields, "key": ["other"]}, files=bad)
    assert answer.status_code == 422
    assert "Cannot be read as text" in answer.text
    answer = ann.post(form.action, form.fields, files={"evidence_file": ("x", b"a" * 1_200_000, "text/plain")})
    assert answer.status_code == 413
    assert "More than 1 MiB" in answer.text


def test_a_second_disaster_asks_for_the_title(quick: World) -> None:
    document = quick.at("confirm-access.vmm-at-secondary", title="Flooded  datacenter")
    ann = opened(quick, "ann", document)
    answer = ann.send("form-abort", comment="The building stands again", title="Flooded")
    assert answer.status_code == 422
    assert "Type the title exactly" in ann.page.text
    assert ann.page.forms["form-abort"].fields["comment"] == ["The building stands again"]
    assert quick.read(document)["status"] == "in_progress"
    ann.did("form-abort", comment="The building stands again", title="flooded datacenter")
    assert quick.read(document)["status"] == "aborted"
    assert "It was ended where it stood" in ann.page.text


def test_hold_hand_over_waive_profile_undo_correct(quick: World) -> None:
    document = quick.at("fail-over-workloads.fail-over-workload-vms")
    ann = opened(quick, "ann", document)
    ann.did("form-hold", comment="Lunch")
    assert "Nothing goes on until the coordinator resumes" in ann.page.text
    ann.did("form-resume")
    ann.did("form-hand_over", to=quick.ids["coordinator"])
    assert quick.read(document)["coordinator"]["name"] == "coordinator"
    ann.did("form-waive", tick=["web01"], comment="Not needed")
    ann.did("form-retry-waived", tick=["web01"])
    ann.did("form-change_profile", command_profile="asr", comment="The vault is there")
    ann.did("form-change_profile", command_profile="hyper-v-replica", comment="No, it is not")
    ann.did("form-confirm", tick=["sql01"])
    form = next(name for name in ann.page.forms if name.startswith("form-undo"))
    ann.did(form, tick=["sql01"], comment="Wrong point")
    ann.did("form-correct", corrects="2", comment="It was the generator")
    assert "line 2" in ann.page.text
    found = quick.read(document)
    assert found["position"] == "fail-over-workloads.fail-over-workload-vms"


def test_a_step_is_sent_back_and_a_look_is_taken_back(quick: World) -> None:
    document = quick.at("fail-over-vmm.sign-off")
    ben = opened(quick, "ben", document)
    ben.did("form-reject", to="fail-over-vmm.start-vmm-vm", comment="It does not answer")
    assert quick.read(document)["position"] == "fail-over-vmm.start-vmm-vm"
    assert "sent back" in ben.page.text
    document = quick.at("fail-over-vmm.fail-over-vmm-vm")
    ann = opened(quick, "ann", document)
    ann.did("form-retry-look", comment="It hums again")
    assert quick.read(document)["position"] == FENCE


def test_glass_is_broken_with_a_reason(quick: World) -> None:
    document = quick.at(COMMIT)
    ann = opened(quick, "ann", document)
    assert ann.send("form-authorize-glass").status_code == 422
    ann.did("form-authorize-glass", comment="Nobody answers the telephone")
    assert "glass broken" in ann.page.text
    ann.did("form-confirm")
    ann.did("form-sign_off-glass", comment="Still nobody")
    assert quick.read(document)["steps"][1]["signed_off_by"][0]["break_glass"] is True


def test_a_drill_is_marked_and_its_end_attested(quick: World) -> None:
    document = quick.at("fail-back-workloads.sign-off", mode="drill", title="Exercise")
    ben = opened(quick, "ben", document)
    assert 'class="band"' in ben.get(f"/executions/{document['id']}").text
    answer = ben.send("form-sign_off")
    assert answer.status_code == 422
    ben.did("form-sign_off", drill_outcome="passed", comment="It took an hour")
    assert "Passed: the procedure works" in ben.page.text
    assert "It took an hour" in ben.page.text


def test_the_wall_shows_and_offers_nothing_to_press(quick: World) -> None:
    document = quick.at(COMMIT)
    viewer = signed_in(quick, "viewer")
    viewer.get(f"/executions/{document['id']}?kiosk")
    assert [name for name in viewer.page.forms if name.startswith("form-")] == []
    assert "an approver to authorize" in viewer.page.text


def test_a_viewer_is_told_why_there_is_nothing_to_press(quick: World) -> None:
    document = quick.declare()
    viewer = opened(quick, "viewer", document)
    assert [name for name in viewer.page.forms if name.startswith("form-")] == []
    assert "Confirming is for an operator" in viewer.page.text
    assert "This is for the role" in viewer.page.text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "%(who)s %s %d",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "]]><svg/onload=alert(1)>",
    "&lt;b&gt; &amp;amp;",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_stays_text(quick: World, payload: str) -> None:
    """T33, as far as markup goes; a real browser looks at more of it elsewhere."""
    document = quick.declare(title=payload, workloads=[{"name": payload[:40]}])
    quick.accepted("ann", document, type="confirm", at=FENCE, comment=payload)
    quick.accepted("ann", document, type="report_failure", at="fail-over-vmm.fail-over-vmm-vm", comment=payload)
    ann = signed_in(quick, "ann")
    for path in (f"/executions/{document['id']}", f"/executions/{document['id']}?kiosk", "/", "/?q=" + payload[:20]):
        answer = ann.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "<img" not in answer.text
    ann.get(f"/executions/{document['id']}")
    assert payload in ann.page.text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": "declare"},
        {"type": "confirm"},
        {"type": "nonsense", "form": "nonsense"},
        {"type": "confirm", "at": "no.where", "form": "confirm"},
        {"type": "confirm", "at": FENCE, "attempt": "one"},
        {"type": "confirm", "at": FENCE, "attempt": "9" * 30, "comment": "x"},
        {"type": "correct", "corrects": "-1", "comment": "x"},
        {"type": "confirm", "at": FENCE, "comment": "x" * 4001},
        {"type": "confirm", "at": FENCE, "comment": "x", "workloads": ["nobody"]},
        {"type": "note", "comment": "x", "key": "\u00e9"},
        {"type": "note", "comment": "\x00"},
        {"type": "hand_over", "to": "nobody"},
        {"type": "undo", "action": "no.where", "comment": "x", "at": FENCE},
        {"type": "waive", "at": FENCE, "comment": "x"},
    ],
)
def test_what_no_page_sends_is_refused_as_a_page(quick: World, fields: dict[str, Any]) -> None:
    document = quick.declare()
    ann = signed_in(quick, "ann")
    answer = ann.post(f"/executions/{document['id']}", fields)
    assert answer.status_code in {409, 412, 422}
    assert "Nothing was recorded" in answer.text
    assert quick.read(document)["version"] == 1


def test_what_is_no_form_at_all_is_refused_as_a_page(quick: World) -> None:
    document = quick.declare()
    ann = signed_in(quick, "ann")
    path = f"/executions/{document['id']}"
    same = {"sec-fetch-site": "same-origin"}
    ann.cookies.setdefault("x", "y")
    for kind, body in (("application/json", b"{}"), ("multipart/form-data; boundary=x", b"--x\r\nrubbish"), ("", b"")):
        answer = ann._ask("POST", path, headers={**same, "content-type": kind}, content=body)
        assert answer.status_code in {400, 422}, kind
        assert "<h1>" in answer.text
    assert ann.get("/executions/nothing").status_code == 404
    assert "There is nothing at this address" in ann.page.text
    assert ann.get("/?mode=dream").status_code == 422


def test_the_page_says_what_the_document_says(quick: World) -> None:
    """No rule of its own: what can be sent is what the document allows, for who has the role."""
    assert document_of.__module__ == "app.services.document"
    for position in ("fail-over-vmm.fail-over-vmm-vm", COMMIT, "fail-over-workloads.sign-off"):
        document = quick.at(position)
        quick.tokens["all"] = quick.token("all", Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)
        everyone = opened(quick, "all", document)
        sent = {form.fields["type"][0] for name, form in everyone.page.forms.items() if name.startswith("form-")}
        assert sent == {one["type"] for one in document["allowed"]}


def test_items_of_a_checklist_are_said_something_of_one_by_one(quick: World) -> None:
    document = quick.declare(runbook="prepare-hyper-v-hosts", title="Hosts of Lyon", workloads=[], parameters={})
    ann, ben = opened(quick, "ann", document), opened(quick, "ben", document)
    assert "Do these in any order" in ann.page.text
    assert "What runs where" not in ann.page.text
    assert [name for name in ben.page.forms if name.startswith("form-confirm")] == []
    first, second, third = [name for name in ann.page.forms if name.startswith("form-confirm-")][:3]
    ann.did(second, comment="All hosts of both clusters")
    ann.did(first, comment="Done from the list that was open")
    assert second not in ann.page.forms
    ann.did(third.replace("confirm", "report_failure"), comment="One guest is older")
    assert "blocked" in ann.page.text
    ann.did(third.replace("confirm", "retry"), comment="Upgraded")
    found = quick.read(document)
    assert [item["status"] for item in found["items"]][:3] == ["done", "done", "open"]


def test_clocks_stand_beside_the_work_and_lateness_is_a_word(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document = quick.declare(outage_started_at="2026-01-01T00:00:00Z", targets={"rto_minutes": 60}, title="Long gone")
    viewer = opened(quick, "viewer", document)
    assert "missed by" in viewer.page.text
    assert "/ 01:00:00" in viewer.page.text
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    viewer.get(f"/executions/{document['id']}")
    assert "This step" in viewer.page.text
    assert "overdue" in viewer.page.text
    viewer.get("/")
    assert "overdue" in viewer.page.text


def test_the_overview_searches_pages_and_teaches(own_world: World) -> None:
    viewer = signed_in(own_world, "viewer")
    viewer.get("/")
    assert "Nothing is running." in viewer.page.text
    assert "No execution yet." in viewer.page.text
    for number in range(27):
        own_world.declare(title=f"Number {number}", mode="drill" if number % 2 else "live")
    answer = viewer.get("/?q=number+26")
    assert answer.text.count('<th scope="row">') == 1
    assert viewer.get("/?q=nothing+like+it").text.count('<th scope="row">') == 0
    assert "Nothing of that kind." in viewer.page.text
    answer = viewer.get("/?mode=drill&status=in_progress")
    assert answer.text.count('<th scope="row">') == 13
    answer = viewer.get("/")
    assert answer.text.count('<th scope="row">') == 25
    assert answer.text.index("Number 26") < answer.text.index("Number 25"), "live before drill"
    older = re.search(r'rel="next" href="([^"]+)"', answer.text)
    assert older
    assert viewer.get(older[1].replace("&amp;", "&")).text.count('<th scope="row">') == 2


def test_the_overview_says_how_ready_protected_sets_are(quick: World) -> None:
    made = quick.ask("admin", "/protected-sets", json={
        "name": "Paris", "runbook": "standalone-vmm", "parameters": PARAMETERS, "workloads": [{"name": "sql01"}],
        "required_checklists": ["prepare-hyper-v-hosts"], "drill_period_days": 90,
    })  # fmt: skip
    assert made.status_code == 201, made.text
    viewer = signed_in(quick, "viewer")
    viewer.get("/")
    assert "Paris" in viewer.page.text
    assert "not ready" in viewer.page.text


def test_a_disaster_is_declared_and_a_drill_begun_from_the_page(quick: World) -> None:
    ann = signed_in(quick, "ann")
    ann.get("/declare?mode=drill")
    assert "Which runbook?" in ann.page.text
    ann.get("/declare?runbook=standalone-vmm&mode=live")
    answer = ann.send("form-declare", title="Flooded", workloads="vmm\nsql01\nSQL01\n", rto_minutes="soon")
    assert answer.status_code == 422
    assert "Is not a number that fits here." in ann.page.text
    answer = ann.send("form-declare", rto_minutes="240")
    assert answer.status_code == 422
    for sentence in ("This name stands for the VMM server itself.", "Named twice, ignoring case.", "Needed here."):
        assert sentence in ann.page.text
    assert ann.page.forms["form-declare"].fields["title"] == ["Flooded"]
    given = {f"parameter-{name}": value for name, value in PARAMETERS.items()}
    ann.did("form-declare", workloads="sql01\r\n web01 \r\n", outage_started_at="2026-02-01T10:00", zone="60", **given)
    assert "Make sure the primary site is down or isolated" in ann.page.text
    newest = quick.ask("ann", "/executions", params={"limit": "1"}).json()["items"][0]
    assert (newest["title"], newest["mode"]) == ("Flooded", "live")
    assert newest["outage_started_at"] == "2026-02-01T09:00:00.000000Z"
    assert [one["name"] for one in quick.read(newest)["workloads"]] == ["sql01", "web01"]
    assert quick.read(newest)["targets"] == {"rto_minutes": 240, "rpo_minutes": None}
    assert ann.get("/declare?runbook=nothing").status_code == 404


def test_the_same_declaration_twice_counts_once(quick: World) -> None:
    ann = signed_in(quick, "ann")
    ann.get("/declare?runbook=standalone-vmm&mode=drill")
    form = ann.page.forms["form-declare"]
    fields = {**form.fields, "title": ["Once"], "workloads": ["sql01"]}
    fields |= {f"parameter-{name}": [value] for name, value in PARAMETERS.items()}
    places = {ann.post("/declare", fields).headers["location"] for _ in range(2)}
    assert len(places) == 1
    ann.get(places.pop())
    assert "nothing here is a live execution" in ann.page.text


def replication(**members: str) -> str:
    told = {"Name": "vmm01", "State": "FailedOverWaitingCompletion", "Mode": "Replica", "Health": "Normal", **members}
    return json.dumps(told)


def test_the_verdict_is_seen_before_anything_is_sent(quick: World) -> None:
    document = quick.at("fail-over-vmm.fail-over-vmm-vm")
    ann = opened(quick, "ann", document)
    answer = ann.send("form-confirm", check="1", comment="kept", evidence_content=replication())
    assert answer.status_code == 200
    assert "shows what is expected" in ann.page.text
    assert ann.page.forms["form-confirm"].fields["comment"] == ["kept"]
    ann.send("form-confirm", check="1", evidence_content=replication(State="Replicating"))
    assert "does not show what is expected" in ann.page.text
    assert "found Replicating" in ann.page.text
    ann.send("form-confirm", check="1", evidence_content="Name  State\n----  -----")
    assert "not recognised" in ann.page.text
    assert "Attach what this prints" in ann.page.text
    answer = ann.send("form-confirm", check="1", evidence_content="")
    assert answer.status_code == 422
    fields = {**ann.page.forms["form-confirm"].fields, "check": ["1"], "evidence_content": [""]}
    files = {"evidence_file": ("state.json", replication().encode("utf-16"), "application/json")}
    answer = ann.post(f"/executions/{document['id']}", fields, files=files)
    assert "shows what is expected" in answer.text
    assert read(answer).forms["form-confirm"].fields["evidence_content"] == [replication()], "no file to choose again"
    assert quick.read(document)["version"] == document["version"]


def test_required_evidence_is_asked_for_and_waived_by_a_coordinator(quick: World) -> None:
    document = quick.declare(policy={"evidence": "require"})
    quick.accepted("ann", document, type="confirm", at=FENCE, comment="dark", evidence=[
        {"kind": "output", "content": '{"Name": "vmm01", "State": "Off", "AutomaticStartAction": "Nothing"}'}
    ])  # fmt: skip
    ann, otto = opened(quick, "ann", document), opened(quick, "operator", document)
    assert "form-confirm-waived" not in otto.page.forms
    answer = otto.send("form-confirm")
    assert answer.status_code == 409
    assert "The policy requires evidence" in otto.page.text
    ann.did("form-confirm-waived", comment="The console of the host is dead")
    assert quick.read(document)["steps"][0]["actions"][1]["evidence"] == "waived"
