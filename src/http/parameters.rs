//! What parameters of paths and queries look like in the OpenAPI document, by their names.
//!
//! Handlers take them as text and answer what is wrong with it in words; what they would accept is described
//! here, once for all routes. A parameter that says more of itself than `string` is left alone.

use crate::{
    domain::{
        audit::AuditOutcome,
        inventory::{ResourceKind, Service},
        recommendation::RecommendationStatus,
    },
    rules::RULES,
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type,
    path::{Operation, Parameter, ParameterIn},
    schema::SchemaType,
};

/// Describes what it knows of an operation's parameters.
pub(super) fn describe(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && is_plain_text(parameter)
            && let Some(text) = text_of(&parameter.name, &parameter.parameter_in)
        {
            parameter.schema = Some(RefOr::T(Schema::Object(text.build())));
        }
    }
}

fn is_plain_text(parameter: &Parameter) -> bool {
    let Some(RefOr::T(Schema::Object(object))) = &parameter.schema else { return false };
    let text = match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    };
    text && object.format.is_none() && object.pattern.is_none() && object.enum_values.is_none()
}

fn text_of(name: &str, place: &ParameterIn) -> Option<ObjectBuilder> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    if *place == ParameterIn::Path {
        return match name {
            "accountId" => Some(text.pattern(Some("^[0-9]{12}$"))),
            "id" => Some(text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))),
            _ if name.ends_with("Id") => {
                Some(text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))))
            }
            _ => None,
        };
    }
    // An empty filter is one that was not given: forms send them so.
    match name {
        "accountId" => Some(text.pattern(Some("^([0-9]{12})?$"))),
        "region" => Some(text.pattern(Some("^([a-z]{2}(-[a-z]{1,12}){1,2}-[0-9])?$"))),
        "tag" => Some(text.pattern(Some(r"^([^=][\s\S]*)?$"))),
        "minMonthlySavings" => Some(text.pattern(Some(r"^([0-9]{1,9}(\.[0-9]{1,6})?)?$"))),
        "from" | "to" => Some(text.pattern(Some("^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$"))),
        "userId" => Some(text.pattern(Some("^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"))),
        "outcome" => Some(one_of(AuditOutcome::ALL.iter().map(|outcome| outcome.as_str()))),
        "status" => {
            Some(one_of(RecommendationStatus::ALL.iter().map(|status| status.as_str()).chain(["ANY"])))
        }
        "service" => Some(one_of(Service::ALL.iter().map(|service| service.as_str()))),
        "rule" => Some(one_of(RULES.iter().map(|rule| rule.meta.id))),
        "kind" => Some(one_of(ResourceKind::ALL.iter().map(|kind| kind.as_str()))),
        _ => None,
    }
}

fn one_of(names: impl Iterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.chain([""])))
}
