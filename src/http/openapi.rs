//! The OpenAPI 3.1 document, made from the table of routes: what is not registered is not described.

use super::{
    access::SESSION_COOKIE,
    paging::Limit,
    parameters,
    problem::{MEDIA_TYPE, Problem},
    routes::{BEARER, Routes, SESSION},
};
use crate::error::FieldError;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Response,
        ResponseBuilder,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

const DESCRIPTION: &str = "Finds and banks savings in AWS accounts. Names are in camelCase, times in RFC 3339 \
    UTC, money as decimal strings with a currency code. Unknown fields are refused. Errors are problem details \
    (RFC 9457) with a stable code.";

#[must_use]
pub fn document(routes: &Routes) -> OpenApi {
    let mut api = routes.api().clone();
    api.info = InfoBuilder::new()
        .title("Tuner")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
        .build();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    api.components = Some(
        ComponentsBuilder::new()
            .schemas_from_iter(routes.schemas().iter().cloned())
            .schema(Problem::name(), Problem::schema())
            .schema(FieldError::name(), FieldError::schema())
            .schema(Limit::name(), Limit::schema())
            .security_scheme(BEARER, SecurityScheme::Http(bearer))
            .security_scheme(
                SESSION,
                SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE))),
            )
            .build(),
    );
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        describe_errors(operation);
        parameters::describe(operation);
    }
    api
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// Every operation may fail; what its author described in more words stays.
fn describe_errors(operation: &mut Operation) {
    let guarded = operation.security.is_some();
    let texts = [
        ("401", "No token, key or session, or one that is not valid", guarded),
        ("403", "The role does not hold the permission", guarded),
        ("default", "The request failed; the code says why", true),
    ];
    for (status, text, _) in texts.into_iter().filter(|(.., applies)| *applies) {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(text)));
    }
}

fn problem(text: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new().description(text).content(MEDIA_TYPE, content).build()
}
