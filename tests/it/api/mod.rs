//! The JSON API as its callers meet it: the real program, real databases, real AWS wire traffic.

mod api_keys;
mod audit;
mod bad_input;
mod bulk_decisions;
mod decisions;
mod edge;
mod forged_tokens;
mod injection;
mod journey;
mod linking;
mod malformed_http;
mod matrix;
mod odd_tags;
mod oidc;
mod rule_settings;
mod savings;
mod sign_in;
mod tenants;
mod users;
