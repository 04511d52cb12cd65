"""Random lives: the machine against an independent model, event by event, by people who may and people who may not."""

import os

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.life import ASR, HYPER_V, NAMES
from tests.unit.model_table import ORDER
from tests.unit.walk import Walk

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
LIVES, STEPS = (200, 50) if PROVE else (24, 40)  # 10,000 random steps in the long proof


@settings(
    max_examples=LIVES,
    deadline=None,
    derandomize=not PROVE,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # what a seed does cannot be made simpler, only shorter
)
@given(
    seed=st.integers(0, 2**63),
    profile=st.sampled_from([HYPER_V, ASR]),
    four_eyes=st.sampled_from(["irreversible", "irreversible", "every_step", "none"]),
    names=st.sampled_from([NAMES, NAMES, NAMES[:1]]),
    start=st.integers(0, len(ORDER) - 1),
    mode=st.sampled_from(["live", "live", "drill"]),
    evidence=st.sampled_from(["require", None]),
)
def test_machine_and_model_answer_every_random_event_alike(
    seed: int, profile: str, four_eyes: str, names: tuple[str, ...], start: int, *, mode: str, evidence: str | None
) -> None:
    """A life is led to some position by the shortest way, then anything happens in it."""
    walk = Walk(seed, profile=profile, four_eyes=four_eyes, names=names, mode=mode, evidence=evidence)
    try:
        walk.go_to(start)
        for _ in range(STEPS):
            walk.step()
    except AssertionError:
        note("\n".join(str(said) for said in walk.told))
        raise
    assert walk.life.problems() == []
