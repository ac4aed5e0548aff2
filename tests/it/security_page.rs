//! The pages about security name tests, actions and events that exist: a claim cannot outlive what shows it.

use std::{collections::BTreeSet, fs, path::Path};
use tuner::{
    collect::all_actions,
    domain::permission::{Permission, Role},
    domain::security_event::SecurityEvent,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn page(name: &str) -> String {
    fs::read_to_string(format!("{ROOT}/docs/{name}")).unwrap()
}

/// The names of all functions in our Rust and Python.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<_> = ["src", "tests", "scripts"].map(|name| Path::new(ROOT).join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "py") {
                let text = fs::read_to_string(path).unwrap();
                for start in ["fn ", "def "] {
                    found.extend(text.split(start).skip(1).map(name_at_start));
                }
            }
        }
    }
    found
}

fn name_at_start(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_the_asvs_table_names_exists() {
    let functions = functions();
    let table = page("asvs.md");
    let rows = table.lines().filter(|line| line.starts_with("| V"));
    let named: Vec<&str> = rows
        .flat_map(code)
        .filter(|word| word.matches('_').count() >= 2 && !word.contains(['/', '.', '-']))
        .collect();
    assert!(named.len() > 50, "{} tests", named.len());
    let gone: Vec<&&str> = named.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(gone.is_empty(), "docs/asvs.md names tests that are not there: {gone:?}");
}

#[test]
fn every_row_of_the_asvs_table_says_what_shows_it() {
    let words = ["`", "tool:", "by design", "n/a", "open", "planned:", "docs/security.md"];
    for row in page("asvs.md").lines().filter(|line| line.starts_with("| V")) {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap();
        assert!(words.iter().any(|word| shown.contains(word)), "{row}");
    }
}

#[test]
fn the_page_lists_every_security_event_and_permission() {
    let page = page("security.md");
    for event in SecurityEvent::ALL {
        assert!(page.contains(&format!("| `{event}` |")), "{event} is not explained");
    }
    for permission in Permission::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{permission}` |")));
        let row = row.unwrap_or_else(|| panic!("{permission} is not in the matrix"));
        let held: Vec<bool> = row.split('|').skip(2).take(4).map(|cell| cell.trim() == "yes").collect();
        let wanted: Vec<bool> = Role::ALL.iter().map(|role| role.holds(*permission)).collect();
        assert_eq!(held, wanted, "{row}");
    }
}

#[test]
fn the_page_counts_the_actions_of_each_service() {
    let page = page("security.md");
    for action in all_actions() {
        let service = action.split(':').next().unwrap();
        let count = all_actions().iter().filter(|other| other.starts_with(&format!("{service}:"))).count();
        assert!(page.contains(&format!("| `{service}` | {count} |")), "{service} has {count} actions");
    }
}
