//! Values that stand in AWS Secrets Manager: `secretsmanager:NAME` and `secretsmanager:NAME#KEY`.
//!
//! Here it is known which settings may stand there and how a reference is written; who reads secrets is told
//! from outside. Messages name the setting, the secret and its key, never a value.

use super::{
    error::SettingsError,
    layers::{Layers, Origin, may_come_from_file},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "secretsmanager:";
/// The longest ARN that Secrets Manager takes.
const MAX_NAME: usize = 2048;

/// What was read: the text of each secret by its name, or why there is none.
pub type SecretTexts = BTreeMap<String, Result<SecretString, String>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The setting.
    key: String,
    pub name: String,
    /// A key of the JSON object that the secret is; none: the whole secret.
    member: Option<String>,
}

/// The settings that stand in Secrets Manager.
pub(super) fn find(layers: &Layers) -> Result<Vec<Reference>, SettingsError> {
    let referring =
        layers.iter().filter_map(|(key, value, _)| Some((key, value.as_str()?.strip_prefix(PREFIX)?)));
    referring.map(|(key, text)| parse(layers, key, text)).collect()
}

fn parse(layers: &Layers, key: &str, text: &str) -> Result<Reference, SettingsError> {
    let invalid = |reason: &str| SettingsError::invalid(layers.place(key), reason);
    if !may_come_from_file(key) {
        return Err(invalid("only secrets and the database's URL may stand in AWS Secrets Manager"));
    }
    let (name, member) = text.split_once('#').map_or((text, None), |(name, member)| (name, Some(member)));
    let known = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-:".contains(&b);
    let named = (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(known);
    if !named || member == Some("") {
        return Err(invalid("write it as secretsmanager:NAME or secretsmanager:NAME#KEY"));
    }
    Ok(Reference { key: key.to_owned(), name: name.to_owned(), member: member.map(str::to_owned) })
}

pub(super) fn names(references: &[Reference]) -> BTreeSet<String> {
    references.iter().map(|reference| reference.name.clone()).collect()
}

/// Puts what was read in the place of the references.
pub(super) fn fill(
    layers: &mut Layers,
    references: Vec<Reference>,
    texts: &SecretTexts,
) -> Result<(), SettingsError> {
    for reference in references {
        let place = layers.place(&reference.key);
        let value = value_of(&reference, texts).map_err(|reason| SettingsError::invalid(&*place, reason))?;
        let member = reference.member.map(|member| format!("#{member}")).unwrap_or_default();
        let stands_in = format!("{PREFIX}{}{member}", reference.name);
        let variable = layers.origin(&reference.key).to_string();
        let origin = Origin::SecretsManager { named_by: variable, stands_in };
        layers.set_text(&reference.key, value.expose_secret(), origin)?;
    }
    Ok(())
}

fn value_of(reference: &Reference, texts: &SecretTexts) -> Result<SecretString, String> {
    let name = &reference.name;
    let text = match texts.get(name) {
        Some(Ok(text)) => text,
        Some(Err(reason)) => return Err(reason.clone()),
        None => return Err(format!("the secret '{name}' was not read")),
    };
    let found = match &reference.member {
        None => text.clone(),
        Some(member) => member_of(text, member)
            .ok_or_else(|| format!("the secret '{name}' is no JSON object with a text under '{member}'"))?,
    };
    if found.expose_secret().is_empty() { Err(format!("the secret '{name}' is empty")) } else { Ok(found) }
}

fn member_of(text: &SecretString, member: &str) -> Option<SecretString> {
    let Value::Object(mut object) = serde_json::from_str(text.expose_secret()).ok()? else { return None };
    match object.remove(member)? {
        Value::String(found) => Some(found.into()),
        _ => None,
    }
}
