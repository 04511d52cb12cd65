"""The body of a publication, as the API's description shows it: the smallest runbook that says something."""

from typing import Any, Final

from app.runbooks.yaml_lines import read_yaml

YAML: Final = "application/yaml"

EXAMPLE: Final = """\
id: weekly-look
version: "1.0.0"
kind: checklist
title: {en: Weekly look at replication, fr: Contrôle hebdomadaire de la réplication}
valid_days: 7
parameters: []
steps:
  - id: look
    order: any
    expected_minutes: 10
    title: {en: Look, fr: Contrôler}
    sign_off:
      approve: {en: Replication is healthy., fr: La réplication est saine.}
      reject: {en: Something is wrong., fr: Quelque chose ne va pas.}
    actions:
      - id: health-is-normal
        kind: check
        origin: addition
        title: {en: Every VM replicates, fr: Chaque VM se réplique}
        instruction: {en: Look at the health of every VM., fr: Regardez la santé de chaque VM.}
        commands:
          - run_on: Each Hyper-V host
            verify: true
            text: Get-VMReplication | Format-Table Name,Health
        expectation: {en: Health Normal everywhere., fr: Santé Normal partout.}
"""

#: What the route takes, which reads it itself.
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A definition as docs/runbook-format.md explains it.",
        "content": {
            YAML: {"schema": {"type": "string"}, "examples": {"checklist": {"value": EXAMPLE}}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "version", "kind", "title", "parameters", "steps"],
                    "properties": {
                        "id": {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"},
                        "version": {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9}){0,5}$"},
                        "kind": {"enum": ["procedure", "checklist"]},
                    },
                },
                "examples": {"checklist": {"value": read_yaml(EXAMPLE)[0]}},
            },
        },
    }
}
