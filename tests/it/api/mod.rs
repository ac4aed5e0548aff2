//! The JSON API as its callers meet it: the real program, real databases, real AWS wire traffic.

mod audit;
mod bad_input;
mod decisions;
mod journey;
mod linking;
mod matrix;
mod tenants;
