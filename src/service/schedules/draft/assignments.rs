//! Assignments of a draft: no two are about the same resources.

use super::{Draft, conflict, too_many};
use crate::{
    db::{KeptAssignment, ScheduleChange},
    domain::{ids::AssignmentId, schedule::Assignment},
    error::Error,
};

const MAX_ASSIGNMENTS: usize = 2_000;

impl Draft {
    /// Two for the same resources would leave open which one they follow.
    pub(in crate::service::schedules) fn create_assignment(&mut self, new: Assignment) -> Result<(), Error> {
        self.schedule(new.schedule)?;
        if let Some(kept) = self.same_assignment(&new) {
            let name = self.schedule(kept.assignment.schedule).map_or("another schedule", |kept| &kept.name);
            return Err(conflict(format!(
                "the same resources are assigned to {name:?} already (assignment {})",
                kept.assignment.id
            )));
        }
        if self.state.assignments.len() >= MAX_ASSIGNMENTS {
            return Err(too_many("assignments", MAX_ASSIGNMENTS));
        }
        self.state.assignments.push(KeptAssignment { assignment: new.clone(), created_by: self.by.clone() });
        self.changes.push(ScheduleChange::CreateAssignment(new));
        Ok(())
    }

    pub(in crate::service::schedules) fn delete_assignment(&mut self, id: AssignmentId) -> Result<(), Error> {
        let before = self.state.assignments.len();
        self.state.assignments.retain(|kept| kept.assignment.id != id);
        if self.state.assignments.len() == before {
            return Err(Error::not_found());
        }
        self.changes.push(ScheduleChange::DeleteAssignment(id));
        Ok(())
    }

    pub(in crate::service::schedules) fn same_assignment(&self, new: &Assignment) -> Option<&KeptAssignment> {
        self.state.assignments.iter().find(|kept| {
            let kept = &kept.assignment;
            (kept.account, &kept.region, &kept.tag) == (new.account, &new.region, &new.tag)
        })
    }
}
