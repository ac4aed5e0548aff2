"""Finds instances by their id without looking at all of them, which moto does for each disk and each id.

Instances are never taken out of moto's backend, so that what was indexed once stays true.
"""


def patch_instance_index() -> None:
    from moto.ec2.exceptions import InvalidInstanceIdError
    from moto.ec2.models.instances import InstanceBackend

    def get_instance(self, instance_id: str):
        found = find_indexed(self, instance_id)
        if found is None:
            raise InvalidInstanceIdError(instance_id)
        return found

    InstanceBackend.get_instance = get_instance
    InstanceBackend.get_instance_by_id = find_indexed


def find_indexed(backend, instance_id: str):
    index = backend.__dict__.setdefault("_instance_index", {})
    if instance_id not in index:
        _index_newest(backend, index)
    return index.get(instance_id)


def _index_newest(backend, index: dict) -> None:
    """From the newest reservation back to one that was indexed whole."""
    for reservation in reversed(backend.reservations.values()):
        fresh = [item for item in reservation.instances if item.id not in index]
        index.update((item.id, item) for item in fresh)
        if reservation.instances and not fresh:
            return
