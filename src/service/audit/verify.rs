//! Whether the chains are as they were written, entry by entry, against the checkpoint outside of the database.

use super::super::security::{Circumstances, report};
use crate::{
    app::App,
    audit::read_marks,
    db::{ChainState, OrgDb},
    domain::{
        audit::{Break, BreakKind, ChainCheck, Intact},
        ids::OrganizationId,
        scope::OrgScope,
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    service::retention::audit_kept_since,
};
use std::{collections::BTreeMap, path::Path};
use tokio::sync::Semaphore;

const PAGE: u32 = 1000;
/// Retention may move the beginning while we read.
const TRIES: u32 = 3;
/// Each reads a whole chain: one at a time leaves the database to the others.
static TURN: Semaphore = Semaphore::const_new(1);

/// What became of one chain.
#[derive(Clone, Debug)]
pub struct ChainReport {
    /// Empty: the chain of what belongs to no organisation.
    pub organization: OrganizationId,
    pub result: Result<Intact, Break>,
    /// Lines of the checkpoint file that broke off or were changed.
    pub unreadable_marks: u64,
}

/// One organisation's chain; a broken one is reported.
pub async fn verify(app: &App, scope: &OrgScope, checkpoint: Option<&Path>) -> Result<ChainReport, Error> {
    let _turn = TURN.acquire().await.map_err(Error::internal)?;
    app.audit.flush().await;
    let checkpoint = checkpoint.unwrap_or(&app.settings.audit.checkpoint_file);
    let unreadable =
        |error| Error::new(ErrorCode::Conflict, "the checkpoint file cannot be used").with_source(error);
    let marks = read_marks(checkpoint, scope.key()).map_err(unreadable)?;
    let since = audit_kept_since(app.clock.now());
    let check = |floor| ChainCheck::new(scope.key(), floor, marks.marks.clone(), since);
    let result = verify_chain(app.database.scoped(&scope.whole()), check).await?;
    if let Err(broken) = &result {
        tell(app, scope, broken);
    }
    let organization = scope.organization().clone();
    Ok(ChainReport { organization, result, unreadable_marks: marks.unreadable })
}

fn tell(app: &App, scope: &OrgScope, broken: &Break) {
    let detail = format!("entry {}: {}", broken.sequence, broken.kind);
    let what = Circumstances { scope: Some(scope), detail, ..Circumstances::default() };
    report(app, SecurityEvent::AuditChainBroken, what);
}

async fn verify_chain(
    db: OrgDb<'_>,
    check: impl Fn(crate::domain::audit::ChainPoint) -> ChainCheck,
) -> Result<Result<Intact, Break>, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        let state = db.find_audit_chain().await?.unwrap_or_default();
        let mut check = check(state.floor);
        walk(db, &state, &mut check).await?;
        let result = check.finish(state.head);
        let gap = matches!(result, Err(Break { kind: BreakKind::Missing, .. }));
        let now = db.find_audit_chain().await?.unwrap_or_default();
        if !gap || now.floor == state.floor || tries == TRIES {
            return Ok(result);
        }
    }
}

async fn walk(db: OrgDb<'_>, state: &ChainState, check: &mut ChainCheck) -> Result<(), Error> {
    let mut after = i64::MIN;
    while !check.is_settled() {
        let page = db.walk_audit(after, state.newest, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for walked in page {
            match walked.entry {
                Some(entry) => check.add(&entry),
                None => check.add_edited(walked.sequence),
            }
        }
    }
    Ok(())
}

/// Every chain, that of unknown callers too; for the command line on the server's machine.
pub async fn verify_all(app: &App, checkpoint: Option<&Path>) -> Result<Vec<ChainReport>, Error> {
    let mut reports = Vec::new();
    for scope in chains(app).await? {
        reports.push(verify(app, &scope, checkpoint).await?);
    }
    Ok(reports)
}

/// The organisations and nobody: whoever has a chain, or should have one by the checkpoint.
pub async fn chains(app: &App) -> Result<Vec<OrgScope>, Error> {
    let named = app.database.list_organizations().await?;
    let mut scopes: BTreeMap<_, _> = named
        .into_iter()
        .map(|organization| {
            (organization.key, app.database.system_scope(organization.key, organization.name))
        })
        .collect();
    let nobody = OrgScope::of_nobody();
    scopes.insert(nobody.key(), nobody);
    Ok(scopes.into_values().collect())
}
