"""Faults that do not answer a call but change what comes of it."""


def hit_by(state, kind: str, account_id: str, region: str, instance):
    """The first such fault on an instance, used up by it."""
    for fault in state.faults:
        if fault.kind == kind and fault.times != 0 and fault.covers_instance(account_id, region, instance):
            if fault.times is not None:
                fault.times -= 1
            return fault
    return None
