//! What texts in bodies look like in the OpenAPI document, for `#[schema(value_type = …)]`. What is wrong with one
//! is said by the use case.
#![allow(dead_code, reason = "for the document alone")]

use utoipa::ToSchema;

/// AWS's twelve digits.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{12}$", example = "123456789012")]
pub struct AccountIdText(String);

/// What people and keys are called: no control characters, and not blanks alone.
#[derive(ToSchema)]
#[schema(
    value_type = String, min_length = 1, max_length = 190,
    pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
)]
pub struct NameText(String);

/// The same, or empty.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 190, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
pub struct DisplayNameText(String);

/// Why something is held back or overridden: no control characters, and not blanks alone.
#[derive(ToSchema)]
#[schema(
    value_type = String, min_length = 1, max_length = 500,
    pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
)]
pub struct ReasonText(String);

/// The same, or empty.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 500, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
pub struct NoteText(String);

/// An amount of US dollars.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{1,9}(\\.[0-9]{1,6})?$", example = "5.00")]
pub struct AmountText(String);

/// An AWS region.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[a-z]{2}(-[a-z]{1,12}){1,2}-[0-9]$", example = "eu-central-1")]
pub struct RegionText(String);
/// Where a webhook's messages go; shown to nobody afterwards.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 2048, pattern = "^https?://[!-\"$-~]+$", example = "https://hooks.example.com/T0KEN")]
pub struct WebhookUrlText(String);
