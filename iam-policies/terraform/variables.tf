variable "tuner_principal" {
  type        = string
  description = "The ARN of the account or role that Tuner runs as, as Tuner shows it."

  validation {
    condition     = can(regex("^arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(root|role/[A-Za-z0-9+=,.@_/-]+)$", var.tuner_principal))
    error_message = "Give arn:aws:iam::123456789012:root or the ARN of one role, without wildcards."
  }
}

variable "external_id" {
  type        = string
  description = "The external ID that Tuner shows for this account. 53 characters."

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-[0-9a-f]{16}$", var.external_id))
    error_message = "That is not an external ID of Tuner's; it shows the one of this account."
  }
}

variable "next_external_id" {
  type        = string
  default     = ""
  description = "Only while the external ID is being replaced: the next one, beside the present one."

  validation {
    condition     = can(regex("^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-[0-9a-f]{16})?$", var.next_external_id))
    error_message = "That is not an external ID of Tuner's; leave it out unless one is being replaced."
  }
}

variable "scheduler" {
  type        = string
  default     = "none"
  description = "Whether Tuner may start and stop what is tagged Scheduler=Enabled: none, same-role or separate-role."

  validation {
    condition     = contains(["none", "same-role", "separate-role"], var.scheduler)
    error_message = "The scheduler is none, same-role or separate-role."
  }
}

variable "role_name" {
  type    = string
  default = "TunerReadOnly"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "A role's name has 1 to 64 letters, digits and + = , . @ _ -."
  }
}

variable "scheduler_role_name" {
  type    = string
  default = "TunerScheduler"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.scheduler_role_name))
    error_message = "A role's name has 1 to 64 letters, digits and + = , . @ _ -."
  }
}

variable "permissions_boundary" {
  type        = string
  default     = null
  description = "The ARN of a policy that bounds the roles, where your organisation asks for one."

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws(-cn|-us-gov)?:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "A permissions boundary is the ARN of an IAM policy."
  }
}
