//! The resources that fleets are made of: `samples.json`, which `sample_demo.py` writes.

use super::load::Load;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::LazyLock;
use tuner::domain::{inventory::ResourceKind, snapshot::Inventory};

#[derive(Clone, Debug)]
pub struct Resource {
    pub kind: ResourceKind,
    /// As it is stored.
    pub body: Value,
    pub load: Load,
}

pub struct Samples {
    pub taken_at: Timestamp,
    /// What belongs together.
    pub groups: Vec<Vec<Resource>>,
}

pub static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let file: Value = serde_json::from_str(include_str!("../samples.json")).unwrap();
    let taken_at = file["takenAt"].as_str().unwrap().parse().unwrap();
    let groups = file["groups"].as_array().unwrap().iter().map(read_group).collect();
    Samples { taken_at, groups }
});

fn read_group(group: &Value) -> Vec<Resource> {
    let members = group["resources"].as_array().unwrap().iter();
    let read = |member: &Value| Resource {
        kind: member[0].as_str().unwrap().parse().unwrap(),
        body: member[1].clone(),
        load: Load::Idle,
    };
    members.map(read).collect()
}

/// The name of the inventory's list of a kind.
#[must_use]
pub fn list_of(kind: ResourceKind) -> &'static str {
    Inventory::LISTS.iter().find(|(listed, _)| *listed == kind).map(|(_, name)| *name).unwrap()
}

static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let lists = Inventory::LISTS.iter();
    lists.map(|(_, name)| ((*name).to_owned(), Value::Array(Vec::new()))).collect()
});

fn read(resources: &[Resource]) -> Result<Inventory, serde_json::Error> {
    let mut lists = EMPTY.clone();
    for resource in resources {
        let list = lists.get_mut(list_of(resource.kind)).and_then(Value::as_array_mut);
        list.unwrap().push(resource.body.clone());
    }
    serde_json::from_value(Value::Object(lists))
}

/// The typed inventory of some resources, all of which are of a form that Tuner stores.
#[must_use]
pub fn inventory_of(resources: &[Resource]) -> Inventory {
    read(resources).unwrap()
}

impl Resource {
    #[must_use]
    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    #[must_use]
    pub fn region(&self) -> &str {
        self.body["region"].as_str().unwrap()
    }

    #[must_use]
    pub fn key(&self) -> (ResourceKind, String, String) {
        (self.kind, self.region().to_owned(), self.id().to_owned())
    }

    /// Whether Tuner could have stored it so.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        read(std::slice::from_ref(self)).is_ok()
    }

    /// The same in another region: its zones and service names are of that region, too.
    #[must_use]
    pub fn moved_to(&self, region: &str) -> Self {
        let mut moved = self.clone();
        let from = self.region().to_owned();
        each_text(&mut moved.body, &mut |text| {
            if text.contains(&from) {
                *text = text.replace(&from, region);
            }
        });
        moved
    }
}

/// Every text in a value, in tags, too.
pub fn each_text(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        _ => {}
    }
}
