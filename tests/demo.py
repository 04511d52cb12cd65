"""The demo: a whole disaster over HTTP, from the declaration to the verified export, every exchange printed.

`python -m tests.demo` starts a service of its own on a free port, with a database that is thrown away afterwards.
`--url http://host:port` walks against a running one, with the tokens of FAILBACK_TOKEN_ANN and FAILBACK_TOKEN_BEN.
It is the walk of docs/walk.md: ann does the work, ben is the second pair of eyes. The exit code is 0 only if every
answer was the expected one.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.disaster import DECLARATION, WALK, Said

ROOT: Final = Path(__file__).parents[1]
START_SECONDS: Final = 60


class Unexpected(Exception):  # noqa: N818 - it ends the demo and says why
    """An answer was not the expected one."""


class Demo:
    """The walk on its way: who asks, what came, whether it was as expected."""

    def __init__(self, client: httpx2.Client, tokens: Mapping[str, str]) -> None:
        """Take a client of the service and a token a person."""
        self._client = client
        self._tokens = tokens

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request as `who` and print it."""
        print(f"\n{who}  {method} /api/v1{path}" + "".join(f"  {name}: {value}" for name, value in headers.items()))
        if body is not None:
            print(f"     {json.dumps(body, ensure_ascii=False)}")
        headers |= {"Authorization": f"Bearer {self._tokens[who]}"}
        return self._client.request(method, f"/api/v1{path}", json=body, headers=headers)

    def walk(self) -> str:
        """Walk from the declaration to the steady state; give the execution's path."""
        answer = self.ask("ann", "POST", "/executions", DECLARATION)
        expect(answer.status_code == 201, "the declaration is taken", answer.text)
        path = answer.headers["location"].removeprefix("/api/v1")
        document = answer.json()
        tell(answer, document)
        answer = self.ask("ben", "GET", path)
        expect(answer.json() == document, "everybody reads the same document", answer.text)
        show_action(document)
        for said in WALK:
            self.say(path, said)
        return path

    def say(self, path: str, said: Said) -> None:
        """Post one event and hold its answer against what is expected."""
        answer = self.ask(said.who, "POST", f"{path}/events", said.body)
        found = answer.json()
        if said.refused is not None:
            print(f"     {answer.status_code} {found['title']}: {found['detail']}")
            expect(found["type"] == f"/problems/{said.refused}", f"refused as {said.refused}", answer.text)
            return
        expect(answer.status_code == 201, "the event is taken", answer.text)
        tell(answer, found["execution"])
        expect(found["execution"]["position"] == said.leads_to, f"it leads to {said.leads_to}", answer.text)
        offers = found["event"]["data"].get("offers")
        if offers:
            print(f"     the failure table offers: {', '.join(offers)}")

    def prove(self, path: str, file: Path) -> None:
        """Read the journal, verify it here and, from the exported file alone, with the program."""
        lines = self.ask("ben", "GET", f"{path}/events?limit=200").json()["items"]
        for line in lines:
            who, role = line["actor"]["name"], line["actor"]["role"]
            place = line["position_after"]
            print(f"     {line['number']:>3}  {line['recorded_at']}  {who}/{role:<12} {line['type']:<22} {place}")
        proof = self.ask("ben", "GET", f"{path}/verification")
        print(f"     {proof.status_code} {proof.text}")
        found = proof.json()
        expect(found["ok"] and found["events"] == len(lines), "the journal is whole", proof.text)
        export = self.ask("ben", "GET", f"{path}/events", Accept="application/x-ndjson")
        file.write_bytes(export.content)
        print(f"     {export.status_code} {len(export.content)} bytes, {export.text.count(chr(10))} lines")
        command = [sys.executable, "-m", "app", "verify", str(file), "--head", found["head"]]
        print(f"\n$ python -m app verify {file.name} --head {found['head']}", flush=True)
        expect(subprocess.run(command, cwd=ROOT, check=False).returncode == 0, "the export is intact", str(file))


def expect(holds: bool, what: str, answer: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise Unexpected unless it holds."""
    if not holds:
        raise Unexpected(f"expected: {what}\nanswered: {answer}")


def tell(answer: httpx2.Response, document: Mapping[str, Any]) -> None:
    """Print the essentials of an execution."""
    vmm, workloads = document["site_picture"]["vmm"], document["site_picture"]["workloads"]
    places = ", ".join(f"{one['name']} {one['site']}" for one in [{"name": "VMM", **vmm}, *workloads])
    bare = [one["subject"] for one in document["unprotected"] if one["until"] is None]
    print(f"     {answer.status_code}  version {document['version']}, {document['status']}, at {document['position']}")
    print(f"     runs: {places}; unprotected: {', '.join(bare) or 'nothing'}")
    print(f"     next: {', '.join(one['type'] for one in document['allowed'])}")


def show_action(document: Mapping[str, Any]) -> None:
    """Print what is to be done now."""
    action = document["action"]
    print(f"     {action['title']}\n     {action['instruction']}")
    for command in action["commands"]:
        print(f"     on {command['run_on']}> {command['text']}")


@contextlib.contextmanager
def self_started(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Start a service with a new database on a free port; give its address and the tokens it prints."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("FAILBACK_")}
    settings |= {"FAILBACK_DATABASE_URL": f"sqlite:///{(folder / 'demo.db').as_posix()}", "FAILBACK_PRINT_TOKENS": "1"}
    command = [sys.executable, "-u", "-m", "app", "serve", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    lines: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        for line in process.stdout or ():
            lines.append(line)
            if re.match(r"Failback on http", line):
                ready.set()
        ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        ready.wait(START_SECONDS)
        told = "".join(lines)
        address = re.search(r"Failback on (http://\S+)", told)
        expect(address is not None, "the service starts", told)
        wait_until_ready(address[1] if address else "")
        yield address[1] if address else "", dict(re.findall(r"^ *(ann|ben) +(fbk_\S+)", told, re.MULTILINE))
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        listener.join()
        if process.stdout is not None:
            process.stdout.close()


def wait_until_ready(url: str) -> None:
    """Come back when the service takes events; raises Unexpected after a minute."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx2.codes.OK:
                return
        time.sleep(0.05)
    raise Unexpected("expected: the service is ready within a minute")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description="Walk a whole disaster over HTTP.")
    parser.add_argument(
        "--url",
        help="a running service, such as http://127.0.0.1:8000; tokens from FAILBACK_TOKEN_ANN and FAILBACK_TOKEN_BEN",
    )
    asked = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            if asked.url is None:
                url, tokens = stack.enter_context(self_started(folder))
            else:
                url = asked.url.rstrip("/")
                tokens = {name: os.environ.get(f"FAILBACK_TOKEN_{name.upper()}", "") for name in ("ann", "ben")}
            known = all(tokens.get(name) for name in ("ann", "ben"))
            expect(known, "tokens of ann and ben, in FAILBACK_TOKEN_ANN and FAILBACK_TOKEN_BEN", "none, or one alone")
            client = httpx2.Client(base_url=url, timeout=30, trust_env=asked.url is not None)
            demo = Demo(stack.enter_context(client), tokens)
            demo.prove(demo.walk(), folder / "journal.ndjson")
        except (Unexpected, httpx2.HTTPError) as error:
            print(f"\nTHE DEMO FAILED: {error}", file=sys.stderr)
            return 1
    print(f"\nThe demo went as expected: {len(WALK) + 1} posts, two operators, one disaster, everything home again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
