//! Names of schedules and calendars. A schedule's name is the value of a tag at AWS, so it must be able to be one.

use super::json::{Field, ScheduleError, clipped};

const MAX_CHARS: usize = 128;
/// `Schedule=ignore` exempts a resource.
const RESERVED: &str = "ignore";

/// Letters, digits, spaces and `+ - = . _ : / @`: what tags may hold at AWS ("Tag your AWS resources").
pub fn read_name(field: &Field<'_>) -> Result<String, ScheduleError> {
    let name = field.text()?;
    let fits = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
    if !(1..=MAX_CHARS).contains(&name.chars().count()) {
        return Err(field.error(format!("has {} characters; write 1 to {MAX_CHARS}", name.chars().count())));
    }
    if let Some(c) = name.chars().find(|c| !fits(*c)) {
        let c = clipped(&c.to_string());
        return Err(
            field.error(format!("contains '{c}'; a tag holds letters, digits, spaces and + - = . _ : / @"))
        );
    }
    if name.trim() != name {
        return Err(field.error("begins or ends with a space; nobody would see it in a tag"));
    }
    if name.eq_ignore_ascii_case(RESERVED) {
        return Err(
            field.error("is reserved: the tag Schedule=ignore exempts a resource; write another name")
        );
    }
    if name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err(field.error("begins with 'aws:', which AWS keeps for itself; write another name"));
    }
    Ok(name.to_owned())
}
