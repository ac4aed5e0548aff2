"""The operations that the stand-in answers itself, without moto."""

from .call import Call
from .capacity import (
    describe_activities, describe_credits, describe_groups, describe_reservations, describe_spot_prices,
)
from .commitments import OPERATIONS as COMMITMENTS
from .costs.api import get_cost_and_usage, get_cost_forecast, get_dimension_values
from .engines import describe_db_engine_versions, describe_db_major_engine_versions
from .errors import Reply
from .metrics.listing import get_metric_statistics, list_metrics
from .metrics.queries import get_metric_data
from .power import OPERATIONS as POWER
from .pricing.api import describe_services, get_attribute_values, get_products
from .serverless import OPERATIONS as SERVERLESS
from .stores import OPERATIONS as STORES
from .wire import check_params, read_params, write_result


def _metric(answer):
    return lambda state, call, params: answer(state, call.account_id, call.region, params)


OPERATIONS = {
    "cloudwatch:GetMetricData": _metric(get_metric_data),
    "cloudwatch:GetMetricStatistics": _metric(get_metric_statistics),
    "cloudwatch:ListMetrics": _metric(list_metrics),
    "ce:GetCostAndUsage": lambda state, call, params: get_cost_and_usage(state.costs, call.account_id, params),
    "ce:GetCostForecast": lambda state, call, params: get_cost_forecast(
        state.costs, call.account_id, params, state.shelf(call.account_id, "global", "forecast")),
    "ce:GetDimensionValues": lambda state, call, params: get_dimension_values(state.costs, call.account_id, params),
    "autoscaling:DescribeAutoScalingGroups": describe_groups,
    "autoscaling:DescribeScalingActivities": describe_activities,
    "ec2:DescribeCapacityReservations": describe_reservations,
    "ec2:DescribeInstanceCreditSpecifications": describe_credits,
    "ec2:DescribeSpotPriceHistory": describe_spot_prices,
    "rds:DescribeDBEngineVersions": lambda state, call, params: describe_db_engine_versions(params),
    "rds:DescribeDBMajorEngineVersions": lambda state, call, params: describe_db_major_engine_versions(params),
    **COMMITMENTS,
    **POWER,
    **SERVERLESS,
    **STORES,
    "pricing:GetProducts": lambda state, call, params: get_products(state.clock, params),
    "pricing:DescribeServices": lambda state, call, params: describe_services(params),
    "pricing:GetAttributeValues": lambda state, call, params: get_attribute_values(state.clock, params),
}


def answer_own(state, call: Call) -> Reply:
    params = read_params(call)
    check_params(call, params)
    return write_result(call, OPERATIONS[call.action](state, call, params))
