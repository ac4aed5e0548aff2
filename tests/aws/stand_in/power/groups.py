"""An Auto Scaling group takes a stopped member for unhealthy: it terminates it and launches another."""

from ..clock import naive
from .instances import put_state


def replace_member(state, instance, at) -> None:
    backend = instance.ec2_backend
    made = backend.run_instances(
        instance.image_id, 1, None, [], instance_type=instance.instance_type, is_instance_type_default=False,
        placement=None, region_name=backend.region_name, subnet_id=instance.subnet_id, associate_public_ip=False,
    ).instances[0]
    made.launch_time = naive(at)
    backend.tags[made.id].update(backend.tags.get(instance.id, {}))
    put_state(state, instance, "terminated")
    instance._reason = ""
