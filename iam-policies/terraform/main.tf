# Tuner's roles: one that reads, and one that starts and stops what is tagged Scheduler=Enabled if you want that.
# They can be entered only by Tuner, and only with the external ID that Tuner made for this account.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  # Two while the external ID is being replaced.
  external_ids        = compact([var.external_id, var.next_external_id])
  has_scheduler       = var.scheduler != "none"
  has_scheduler_role  = var.scheduler == "separate-role"
  instances_databases = [
    "arn:${data.aws_partition.current.partition}:ec2:*:${data.aws_caller_identity.current.account_id}:instance/*",
    "arn:${data.aws_partition.current.partition}:rds:*:${data.aws_caller_identity.current.account_id}:db:*",
    "arn:${data.aws_partition.current.partition}:rds:*:${data.aws_caller_identity.current.account_id}:cluster:*",
  ]
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "TunerMayEnter"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.tuner_principal]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = local.external_ids
    }
  }
}

data "aws_iam_policy_document" "read_only" {
  #checkov:skip=CKV_AWS_356:describing, listing and reading metrics, costs and prices takes no resource; nothing here writes
  statement {
    sid    = "TunerReadOnly"
    effect = "Allow"
    # None of these actions takes a resource: "*" is what AWS asks for.
    resources = ["*"]
    actions = [
      # BEGIN read-only actions, made from the code
      "application-autoscaling:DescribeScalableTargets",
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "ce:GetAnomalyMonitors",
      "ce:GetCostAndUsage",
      "ce:GetCostForecast",
      "ce:GetReservationCoverage",
      "ce:GetReservationPurchaseRecommendation",
      "ce:GetReservationUtilization",
      "ce:GetSavingsPlansCoverage",
      "ce:GetSavingsPlansPurchaseRecommendation",
      "ce:GetSavingsPlansUtilization",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetDashboard",
      "cloudwatch:GetMetricData",
      "cloudwatch:GetMetricStatistics",
      "cloudwatch:ListDashboards",
      "cloudwatch:ListMetrics",
      "compute-optimizer:GetEnrollmentStatus",
      "compute-optimizer:GetIdleRecommendations",
      "compute-optimizer:GetLicenseRecommendations",
      "cost-optimization-hub:ListEnrollmentStatuses",
      "cost-optimization-hub:ListRecommendations",
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListBackups",
      "dynamodb:ListTables",
      "dynamodb:ListTagsOfResource",
      "ec2:DescribeAddresses",
      "ec2:DescribeCapacityReservations",
      "ec2:DescribeFastSnapshotRestores",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceCreditSpecifications",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeNatGateways",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeRegions",
      "ec2:DescribeReservedInstances",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSnapshots",
      "ec2:DescribeSpotPriceHistory",
      "ec2:DescribeSubnets",
      "ec2:DescribeTransitGatewayAttachments",
      "ec2:DescribeVolumes",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpnConnections",
      "ecs:DescribeClusters",
      "ecs:DescribeServices",
      "ecs:DescribeTaskDefinition",
      "ecs:ListClusters",
      "ecs:ListServices",
      "elasticache:DescribeCacheClusters",
      "elasticache:DescribeReplicationGroups",
      "elasticache:DescribeReservedCacheNodes",
      "elasticache:ListTagsForResource",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "kms:DescribeKey",
      "kms:GetKeyLastUsage",
      "kms:ListKeys",
      "kms:ListResourceTags",
      "lambda:ListFunctions",
      "lambda:ListProvisionedConcurrencyConfigs",
      "lambda:ListTags",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:DescribeSubscriptionFilters",
      "organizations:DescribeOrganization",
      "organizations:ListAccounts",
      "pricing:GetProducts",
      "rds:DescribeDBClusterSnapshots",
      "rds:DescribeDBClusters",
      "rds:DescribeDBInstances",
      "rds:DescribeDBMajorEngineVersions",
      "rds:DescribeDBSnapshots",
      "rds:DescribeReservedDBInstances",
      "redshift:DescribeClusterSnapshots",
      "redshift:DescribeClusters",
      "redshift:DescribeReservedNodes",
      "redshift:DescribeScheduledActions",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetIntelligentTieringConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetMetricsConfiguration",
      "s3:ListAllMyBuckets",
      "savingsplans:DescribeSavingsPlans",
      "secretsmanager:ListSecrets",
      # END
    ]
  }
}

data "aws_iam_policy_document" "scheduler" {
  #checkov:skip=CKV_AWS_356:only the reads and the denial of tagging name all resources; start and stop name instances and databases of this account
  statement {
    sid       = "TunerSchedulerStartStop"
    effect    = "Allow"
    resources = local.instances_databases
    actions = [
      # BEGIN start-stop actions, made from the code
      "ec2:StartInstances",
      "ec2:StopInstances",
      "rds:StartDBCluster",
      "rds:StartDBInstance",
      "rds:StopDBCluster",
      "rds:StopDBInstance",
      # END
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Scheduler"
      values   = ["Enabled"]
    }
  }

  statement {
    sid       = "TunerSchedulerRead"
    effect    = "Allow"
    resources = ["*"]
    actions = [
      # BEGIN scheduler-read actions, made from the code
      "ec2:DescribeInstances",
      "ec2:DescribeRegions",
      "rds:DescribeDBClusters",
      "rds:DescribeDBInstances",
      "rds:ListTagsForResource",
      # END
    ]
  }

  # Who could tag could make anything eligible.
  statement {
    sid       = "TunerSchedulerNeverTags"
    effect    = "Deny"
    resources = ["*"]
    actions = [
      # BEGIN tagging actions, made from the code
      "ec2:CreateTags",
      "ec2:DeleteTags",
      "rds:AddTagsToResource",
      "rds:RemoveTagsFromResource",
      # END
    ]
  }
}

resource "aws_iam_role" "read_only" {
  name                 = var.role_name
  description          = "Tuner reads inventory, metrics, costs and prices here. It changes nothing."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "read_only" {
  name   = "TunerReadOnly"
  role   = aws_iam_role.read_only.id
  policy = data.aws_iam_policy_document.read_only.json
}

resource "aws_iam_role" "scheduler" {
  count                = local.has_scheduler_role ? 1 : 0
  name                 = var.scheduler_role_name
  description          = "Tuner starts and stops here what is tagged Scheduler=Enabled, and nothing else."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "scheduler" {
  count  = local.has_scheduler ? 1 : 0
  name   = "TunerScheduler"
  role   = local.has_scheduler_role ? aws_iam_role.scheduler[0].id : aws_iam_role.read_only.id
  policy = data.aws_iam_policy_document.scheduler.json
}
