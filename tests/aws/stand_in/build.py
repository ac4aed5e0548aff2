"""Puts the stand-in together: clock, state, patches, application, and the seed asked for."""

from .app import StandIn
from .clock import Clock, parse_rfc3339
from .patches import patch_moto
from .seed import seed_fleet
from .state import State


def build_app(now: str | None = None, seed: str = "none") -> StandIn:
    patch_moto()
    state = State(Clock(parse_rfc3339(now) if now else None))
    if seed != "none":
        seed_fleet(state, seed)
    return StandIn(state)
