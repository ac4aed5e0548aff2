//! The HTTP frame: routes with their permission, sign-in, errors as problem details, the OpenAPI document.
//!
//! One file per resource stands in `api/`; each turns a request into a use case's arguments and its result
//! into JSON, nothing else. Deliberately no web framework types beyond this module.
//!
//! Invariant: a handler's first argument is `Access<needs::…>` or `Public` (`routes.rs` refuses others at
//! compile time), and only `routes.rs` registers routes with actix.

pub mod access;
pub mod api;
pub mod application;
pub mod audit;
pub mod edge;
mod input;
pub mod json;
mod limits;
mod middleware;
pub mod openapi;
pub mod paging;
mod parameters;
mod problem;
pub mod routes;
pub mod server;
mod session_cookie;
pub mod tls;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use problem::Problem;
pub use session_cookie::{ended_session_cookie, session_cookie, strict_cookie};
