"""Changes to moto's classes where its answers differ from AWS's; applied once at start."""

from .ec2 import patch_ec2
from .elb import patch_elb
from .instance_index import patch_instance_index
from .kms import patch_kms
from .paging import patch_paging
from .rds import patch_rds


def patch_moto() -> None:
    patch_ec2()
    patch_instance_index()
    patch_rds()
    patch_kms()
    patch_elb()
    patch_paging()
