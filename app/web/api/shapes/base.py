"""What all answers are made of: exact members, times, hashes, operators, places."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.events import Role

Status = Literal["in_progress", "blocked", "on_hold", "completed", "aborted", "escalated"]
Mode = Literal["live", "drill"]
Time = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", examples=["2026-11-23T03:12:00.000000Z"])
]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Site = Literal["primary", "secondary", "none"]
Replication = Literal["primary_to_secondary", "secondary_to_primary", "none"]


class Answer(BaseModel):
    """A part of an answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Named(Answer):
    """An operator."""

    id: str
    name: str


class Me(Named):
    """Who the token speaks for."""

    roles: list[Role]


class Place(Answer):
    """Where something runs and which way it replicates."""

    site: Site
    replication: Replication
