output "role_arn" {
  description = "Give this to Tuner to link the account."
  value       = aws_iam_role.read_only.arn
}

output "scheduler_role_arn" {
  description = "Give this to Tuner as the role of the scheduler; null where it has none."
  value       = !local.has_scheduler ? null : local.has_scheduler_role ? aws_iam_role.scheduler[0].arn : aws_iam_role.read_only.arn
}
