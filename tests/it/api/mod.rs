//! The JSON API as its callers meet it: the real program, real databases, real AWS wire traffic.

mod api_keys;
mod bad_input;
mod decisions;
mod journey;
mod linking;
mod matrix;
mod sign_in;
mod tenants;
mod users;
