"""Load balancing: ARNs by type, gone ones that fail a call, and the limit of one call for tags."""

from ..errors import AwsError

IN_ARN = {"network": "net", "gateway": "gwy"}
MOST_TAGGED = 20


def patch_elb() -> None:
    _patch_arns()
    _patch_tags()


def _patch_arns() -> None:
    from moto.elbv2.models import ELBv2Backend

    plain = ELBv2Backend.create_load_balancer

    # moto writes ``app`` into all of them.
    def create(self, *args, **kwargs):
        balancer = plain(self, *args, **kwargs)
        kind = IN_ARN.get(balancer.type)
        if kind:
            tags = self.tagging_service.list_tags_for_resource(balancer.arn)["Tags"]
            del self.load_balancers[balancer.arn]
            self.tagging_service.delete_all_tags_for_resource(balancer.arn)
            balancer.arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{kind}/")
            self.load_balancers[balancer.arn] = balancer
            self.tagging_service.tag_resource(balancer.arn, tags)
        return balancer

    ELBv2Backend.create_load_balancer = create


def _patch_tags() -> None:
    from moto.elb.responses import ELBResponse
    from moto.elbv2.responses import ELBV2Response

    for response, names in ((ELBResponse, "LoadBalancerNames"), (ELBV2Response, "ResourceArns")):
        response.describe_tags = _limited(response.describe_tags, names)


def _limited(plain, names: str):
    def describe_tags(self):
        asked = self._get_param(names, [])
        if len(asked) > MOST_TAGGED:
            raise AwsError("ValidationError", f"Only {MOST_TAGGED} resources can be described at once.")
        gone = [arn for arn in asked if ":loadbalancer/" in arn and arn not in self.elbv2_backend.load_balancers]
        if gone:
            raise AwsError("LoadBalancerNotFound", f"Load balancers '[{gone[0]}]' not found")
        return plain(self)

    return describe_tags
