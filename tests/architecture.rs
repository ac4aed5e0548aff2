//! The direction of the house and its forbidden words, read from the source: one package cannot let Cargo
//! enforce them.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test says what it expects")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each room and the rooms that it may use. `domain` is open to all and uses nothing.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("rules", &["domain"]),
    ("aws", &["domain", "seal"]),
    ("pricing", &["domain", "aws"]),
    ("schedule", &["domain", "aws"]),
    ("collect", &["domain", "aws"]),
    ("db", &["domain", "seal"]),
    ("settings", &["domain"]),
    ("keys", &["domain", "settings"]),
    ("seal", &["domain", "keys"]),
    ("error", &["domain"]),
    ("op", &["domain", "error"]),
    ("net", &["domain", "settings"]),
    ("auth", &["domain", "error", "op", "keys", "net", "settings"]),
    ("audit", &["domain", "db", "error", "op"]),
    (
        "app",
        &[
            "domain", "aws", "collect", "db", "settings", "keys", "seal", "auth", "net", "error", "op",
            "audit",
        ],
    ),
    (
        "service",
        &[
            "domain", "rules", "aws", "pricing", "collect", "schedule", "db", "settings", "error", "op",
            "auth", "keys", "net", "seal", "audit", "app",
        ],
    ),
    ("http", &["domain", "service", "settings", "keys", "error", "op", "auth", "app", "rules"]),
    (
        "cli",
        &[
            "domain", "service", "settings", "error", "op", "auth", "keys", "app", "http", "rules", "aws",
            "collect", "db",
        ],
    ),
];

#[test]
fn rooms_use_only_what_the_map_allows() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let Some(room) = room_of(&file) else { continue };
        let allowed = MAY_USE.iter().find(|(name, _)| *name == room).map(|(_, uses)| *uses);
        let Some(allowed) = allowed else {
            wrong.push(format!("{}: the room '{room}' is not on the map", file.display()));
            continue;
        };
        for used in rooms_used(&text) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: '{room}' must not use '{used}'", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sdk_clients_are_built_in_one_place() {
    let elsewhere: Vec<String> = sources("src")
        .filter(|(file, _)| !file.starts_with("src/aws"))
        .filter(|(_, text)| text.contains("Client::from_conf") || text.contains("Client::new(&"))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(elsewhere.is_empty(), "AWS clients come from a session in src/aws only: {elsewhere:?}");
}

#[test]
fn no_write_operation_of_aws_is_called() {
    const WRITES: [&str; 6] = [
        ".terminate_instances(",
        ".delete_volume(",
        ".modify_volume(",
        ".create_tags(",
        ".delete_snapshot(",
        ".put_",
    ];
    for (file, text) in sources("src/collect").chain(sources("src/pricing")).chain(sources("src/aws")) {
        for word in WRITES {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(
                !code.contains(word) || word == ".put_" && !code.contains("aws_sdk"),
                "{}: {word}",
                file.display()
            );
        }
    }
}

/// What changes a customer's resource: the six calls, and the clients that can make them.
#[test]
fn only_the_actuator_starts_and_stops() {
    const ALLOWED: &str = "src/schedule/actuator/calls.rs";
    const WORDS: [&str; 7] = [
        ".start_instances(",
        ".stop_instances(",
        ".start_db_instance(",
        ".stop_db_instance(",
        ".start_db_cluster(",
        ".stop_db_cluster(",
        ".switch(&batch.region)",
    ];
    let calls = sources("src").find(|(file, _)| file == Path::new(ALLOWED)).expect("it is there").1;
    for word in WORDS {
        assert_eq!(calls.matches(word).count(), 1, "{word} in {ALLOWED}");
    }
    for (file, text) in sources("src").filter(|(file, _)| file != Path::new(ALLOWED)) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in WORDS.iter().chain(&[".switch(", "Switch::"]) {
            let own = file.starts_with("src/aws/write_session") && *word == ".switch(";
            assert!(own || !code.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let long: Vec<String> = sources("src")
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(file, lines)| format!("{} has {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "split by meaning: {long:?}");
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<String> = sources("src")
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(silent.is_empty(), "start with //!: {silent:?}");
}

/// All Rust files below a folder but those of tests, relative to the package, with their text.
fn sources(folder: &str) -> impl Iterator<Item = (PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).expect("source is UTF-8");
                files.insert(path.strip_prefix(root).expect("below the root").to_owned(), text);
            }
        }
    }
    files.into_iter()
}

/// The first folder or file below src; main.rs and lib.rs tie everything together.
fn room_of(file: &Path) -> Option<String> {
    let first = file.components().nth(1)?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "main" | "lib")).then(|| name.to_owned())
}

/// Rooms named as `crate::room` or in a `use crate::{room, …}` list, outside of tests and comments.
fn rooms_used(text: &str) -> Vec<String> {
    let code: String = text
        .split("\n#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let after = &code[at + "crate::".len()..];
        match after.strip_prefix('{') {
            Some(list) => rooms.extend(top_level_names(list)),
            None => rooms.push(name_at_start(after)),
        }
    }
    rooms.retain(|room| MAY_USE.iter().any(|(name, _)| name == room));
    rooms.sort();
    rooms.dedup();
    rooms
}

fn name_at_start(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
}

/// The first word of each item of a use list, whatever is nested in it.
fn top_level_names(list: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut at_start) = (0, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            c if at_start && !c.is_whitespace() => {
                names.push(name_at_start(&list[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}
