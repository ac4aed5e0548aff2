"""Works out which volumes, images and snapshots the rules for a look show, wherever they were made."""

import datetime as dt

KEPT = ("keep", "retain", "golden")
MANAGED = ("aws:backup:", "dlm:managed", "aws:dlm:")


def plant_reviews(place) -> None:
    for volume in place.ec2.volumes.values():
        if volume.size > 100:
            place.plant("ebs-volume-large", volume.id, f"{volume.size} GiB", role="exposure")
        if volume.volume_type in ("io1", "io2") and volume.iops > 32000:
            place.plant("ebs-volume-high-iops", volume.id, f"{volume.iops} IOPS", role="exposure")
        if volume.volume_type == "standard":
            place.plant("ebs-volume-magnetic", volume.id, "magnetic", role="exposure")
    _plant_old_images(place)
    _plant_archivable(place)


def _tags(place, resource_id: str) -> dict:
    return place.ec2.tags.get(resource_id, {})


def _is_kept(tags: dict) -> bool:
    return any(key.lower() in KEPT and value.lower() != "false" for key, value in tags.items())


def _is_managed(tags: dict) -> bool:
    return any(key.startswith(MANAGED) for key in tags)


def _days(place, made: dt.datetime) -> int:
    return (place.now.replace(tzinfo=None) - made.replace(tzinfo=None)).days


def _plant_old_images(place) -> None:
    for image in place.ec2.amis.values():
        if image.owner_id != place.account.id:
            continue
        made = image.creation_date
        made = dt.datetime.fromisoformat(made.replace("Z", "")) if isinstance(made, str) else made
        tags = _tags(place, image.id)
        if _days(place, made) >= 365 and not _is_kept(tags) and not _is_managed(tags):
            place.plant("ami-old", image.id, "a year old or older", role="exposure")


def _plant_archivable(place) -> None:
    """The only snapshot of a volume; those that are kept have no better choice."""
    own = [item for item in place.ec2.snapshots.values() if item.owner_id == place.account.id]
    volumes = [item.volume.id for item in own]
    for snapshot in own:
        source, tags = snapshot.volume.id, _tags(place, snapshot.id)
        old = _days(place, snapshot.start_time) >= 90
        alone = source != "vol-ffffffff" and volumes.count(source) == 1
        if old and alone and not _is_managed(tags) and snapshot.volume.size * 0.0375 >= 1:
            role = "best" if _is_kept(tags) else "alternative"
            place.plant("ebs-snapshot-to-archive", snapshot.id, "the only snapshot of its volume", role=role)
