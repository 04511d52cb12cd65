"""How documents name a person."""

from app.domain.facts import Person


def person(one: Person) -> dict[str, str]:
    """Give an operator as documents name one."""
    return {"id": one.id, "name": one.name}
