"""Seeded fleets: whole customer accounts with their history."""


def seed_fleet(state, name: str) -> None:
    """Fills the accounts of a fleet; ids are the same at every start."""
    if name != "demo":
        raise ValueError(f"no fleet {name!r}; there is 'demo'")
    from .demo import seed_demo

    if state.planted:
        raise ValueError("already seeded; reset first")
    seed_demo(state)


def reset_all(state) -> None:
    """Empties moto's backends and everything of ours but the clock."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()
    state.clear()
