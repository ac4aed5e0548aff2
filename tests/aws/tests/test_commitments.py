"""Reservations, Savings Plans, purchase advice, advisers and organisations answer as AWS does, as far as they are read."""

import unittest

from running import DATA, SHOP, Customer, allow, client, refusal

MONTH = {"Start": "2026-09-01", "End": "2026-09-30"}
EC2 = "Amazon Elastic Compute Cloud - Compute"


def of(service: str, account: str = SHOP, region: str = "us-east-1"):
    return client(service, region, account=account)


class Owned(unittest.TestCase):
    def test_reservations_belong_to_their_region(self):
        here = of("ec2").describe_reserved_instances()["ReservedInstances"]
        self.assertEqual({found["State"] for found in here}, {"active", "queued", "retired"})
        self.assertEqual(of("ec2", region="eu-west-1").describe_reserved_instances()["ReservedInstances"], [])
        nodes = of("redshift", region="eu-west-1").describe_reserved_nodes()["ReservedNodes"]
        self.assertEqual([node["ReservedNodeId"] for node in nodes], ["warehouse"])

    def test_plans_are_filtered_by_state(self):
        plans = of("savingsplans").describe_savings_plans(states=["queued"])["savingsPlans"]
        self.assertEqual([plan["ec2InstanceFamily"] for plan in plans], ["m6g"])


class Advice(unittest.TestCase):
    def test_what_is_not_owned_has_no_data(self):
        ask = of("ce", DATA).get_savings_plans_utilization
        self.assertEqual(refusal(ask, TimePeriod=MONTH)[0], "DataUnavailableException")

    def test_use_is_told_by_service(self):
        def used(service: str) -> str:
            only = {"Dimensions": {"Key": "SERVICE", "Values": [service]}}
            return of("ce").get_reservation_utilization(TimePeriod=MONTH, Filter=only)["Total"]["UtilizationPercentage"]
        self.assertEqual((used("Amazon Redshift"), used(EC2)), ("61.5", "98.2"))

    def test_no_advice_is_an_answer_without_details(self):
        reply = of("ce").get_reservation_purchase_recommendation(Service="Amazon Redshift")
        self.assertEqual(reply["Recommendations"], [])

    def test_database_plans_are_sold_for_one_year_alone(self):
        ask = of("ce").get_savings_plans_purchase_recommendation
        asked = {"SavingsPlansType": "DATABASE_SP", "PaymentOption": "NO_UPFRONT", "LookbackPeriodInDays": "THIRTY_DAYS"}
        self.assertEqual(refusal(ask, TermInYears="THREE_YEARS", **asked)[0], "ValidationException")
        details = ask(TermInYears="ONE_YEAR", **asked)["SavingsPlansPurchaseRecommendation"]
        self.assertEqual(len(details["SavingsPlansPurchaseRecommendationDetails"]), 1)


class Advisers(unittest.TestCase):
    def test_only_who_opted_in_is_told(self):
        status = of("cost-optimization-hub", DATA).list_enrollment_statuses()["items"][0]["status"]
        self.assertEqual(status, "Inactive")
        ask = of("compute-optimizer", DATA).get_license_recommendations
        self.assertEqual(refusal(ask)[0], "OptInRequiredException")
        kinds = {item["currentResourceType"] for item in of("cost-optimization-hub").list_recommendations()["items"]}
        self.assertIn("WorkSpaces", kinds)


class Organizations(unittest.TestCase):
    def test_the_management_account_lists_all_and_others_may_not(self):
        accounts = of("organizations").list_accounts()["Accounts"]
        self.assertEqual([account["Name"] for account in accounts], ["Shop", "Sandbox"])
        self.assertEqual(refusal(of("organizations", DATA).describe_organization)[0], "AWSOrganizationsNotInUseException")
        member = client("organizations", "us-east-1", Customer(allow("organizations:*")).keys)
        self.assertNotEqual(member.describe_organization()["Organization"]["MasterAccountId"], SHOP)
        self.assertEqual(refusal(member.list_accounts)[0], "AccessDeniedException")
