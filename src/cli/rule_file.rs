//! A file of rule settings: TOML, or JSON where its first character is a brace.

use super::CliError;
use crate::domain::rule_settings::RuleSettings;
use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// Beyond anything that the limits allow.
const MAX_FILE_BYTES: u64 = 4 << 20;

pub fn read(file: &Path) -> Result<RuleSettings, CliError> {
    let failed = |error: io::Error| CliError::new(format!("{}: {error}", file.display()));
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    } else {
        let opened = fs::File::open(file).map_err(failed)?;
        opened.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    }
    parse(&text).map_err(|reason| CliError::new(format!("{}: {reason}", file.display())))
}

fn parse(text: &str) -> Result<RuleSettings, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
        line.map_or_else(|| error.message().to_owned(), |line| format!("line {line}: {}", error.message()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "[thresholds]\nlook_back_days = 30\nrequired_tags = [\"owner\"]\n\n[rules]\nec2-instance-idle = false\n\n\
        [[exclusions]]\ntags = [\"env==sandbox\"]\nreason = \"goes away weekly\"\nuntil = \"2027-01-01T00:00:00Z\"\n";

    #[test]
    fn both_languages_say_the_same() {
        let from_toml = parse(TOML).unwrap();
        assert_eq!(from_toml.thresholds["look_back_days"], 30);
        assert_eq!(from_toml.exclusions[0].reason, "goes away weekly");
        let json = serde_json::to_string(&from_toml).unwrap();
        assert_eq!(parse(&json).unwrap(), from_toml);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let error = parse("[thresholds]\n\n[[exclusions]]\ntags = [\"==x\"]\nreason = \"x\"\n").unwrap_err();
        assert!(error.starts_with("line ") && error.contains("tag key"), "{error}");
        assert!(parse("[treshold]\n").unwrap_err().contains("unknown field"));
        assert!(parse("{\"rules\": 1}").unwrap_err().contains("line 1"));
    }
}
