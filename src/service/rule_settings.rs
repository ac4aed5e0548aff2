//! How organisations and accounts want to be judged, as people set it and as scans use it.
//!
//! Invariants: nobody sees or changes an exclusion that names an account which they do not see; two changes at once
//! never lose one of them.

use crate::{
    app::App,
    db::KeptRuleSettings,
    domain::{
        ids::{AccountId, ExclusionId, UserId},
        rule_settings::{Exclusion, Problem, RuleChoice, RuleSettings},
        thresholds::Thresholds,
    },
    error::{Error, ErrorCode},
    op::OpCx,
    rules::RULES,
};
use jiff::Timestamp;

/// The settings of one level, and the thresholds that they lead to.
#[derive(Clone, Debug)]
pub struct Level {
    pub settings: RuleSettings,
    /// 0 where nothing was set yet.
    pub version: i64,
    pub changed: Option<(Timestamp, UserId)>,
    /// With all that is above it.
    pub effective: Thresholds,
}

fn rule_names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.meta.id).collect()
}

fn hidden(cx: &OpCx, exclusion: &Exclusion) -> bool {
    !exclusion.accounts.iter().all(|account| cx.scope.accounts().sees(*account))
}

/// Of the organisation, or of one account of it.
async fn read(app: &App, cx: &OpCx, account: Option<AccountId>) -> Result<Option<KeptRuleSettings>, Error> {
    let db = app.database.scoped(&cx.scope);
    if let Some(account) = account {
        db.get_account(account).await?;
    }
    Ok(db.find_rule_settings(account).await?)
}

/// What the caller may see of it.
pub async fn get(app: &App, cx: &OpCx, account: Option<AccountId>) -> Result<Level, Error> {
    let kept = read(app, cx, account).await?;
    let (effective, _) = merged(app, cx, account).await?;
    let (mut settings, version, changed) = match kept {
        Some(kept) => (kept.settings, kept.version, Some((kept.updated_at, kept.updated_by))),
        None => (RuleSettings::default(), 0, None),
    };
    settings.exclusions.retain(|exclusion| !hidden(cx, exclusion));
    Ok(Level { settings, version, changed, effective })
}

/// What is wrong with a document, before anything is written.
pub fn check(settings: &RuleSettings, cx: &OpCx) -> Result<(), Error> {
    let mut problems = settings.problems(&rule_names(), cx.now).into_iter();
    let Some(Problem { field, reason }) = problems.next() else { return Ok(()) };
    let first = Error::invalid_field(&field, reason);
    Err(problems.fold(first, |error, Problem { field, reason }| error.with_field(&field, reason)))
}

/// Replaces the settings of a level. `version` is the one that the caller read, where they say it.
pub async fn put(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
    settings: RuleSettings,
    version: Option<i64>,
) -> Result<Level, Error> {
    change(app, cx, account, version, |kept| *kept = settings).await?;
    get(app, cx, account).await
}

/// Changes what the caller sees of the settings; what they do not see stays.
async fn change(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
    version: Option<i64>,
    how: impl FnOnce(&mut RuleSettings),
) -> Result<(), Error> {
    let (mut settings, last) =
        read(app, cx, account).await?.map_or_else(Default::default, |kept| (kept.settings, kept.version));
    if version.is_some_and(|version| version != last) {
        return Err(changed_meanwhile());
    }
    let unseen: Vec<Exclusion> = settings.exclusions.extract_if(.., |e| hidden(cx, e)).collect();
    how(&mut settings);
    check(&settings, cx)?;
    admit(cx, account, &mut settings)?;
    settings.exclusions.extend(unseen);
    let db = app.database.scoped(&cx.scope);
    let stamp = (cx.actor.user_id, cx.now);
    if db.put_rule_settings(account, &settings, last, stamp).await? {
        Ok(())
    } else {
        Err(changed_meanwhile())
    }
}

fn changed_meanwhile() -> Error {
    Error::new(
        ErrorCode::Conflict,
        "the settings were changed meanwhile; read them again and repeat the change",
    )
}

/// Gives new exclusions their ids, and refuses accounts that the caller does not see or that are another's.
fn admit(cx: &OpCx, account: Option<AccountId>, settings: &mut RuleSettings) -> Result<(), Error> {
    for (at, exclusion) in settings.exclusions.iter_mut().enumerate() {
        let other = |named: &&AccountId| account.is_some_and(|account| account != **named);
        if hidden(cx, exclusion) || exclusion.accounts.iter().any(|named| other(&named)) {
            let field = format!("exclusions[{at}].accounts");
            return Err(Error::invalid_field(
                &field,
                "name accounts that you see, and that these settings are of",
            ));
        }
        exclusion.id.get_or_insert_with(ExclusionId::generate);
    }
    Ok(())
}

/// An account follows its organisation again.
pub async fn remove(app: &App, cx: &OpCx, account: AccountId) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    db.delete_account_rule_settings(account).await?;
    Ok(())
}

pub async fn add_exclusion(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
    exclusion: Exclusion,
) -> Result<ExclusionId, Error> {
    let id = ExclusionId::generate();
    // Checked as a new one: the id comes afterwards.
    check(&RuleSettings { exclusions: vec![exclusion.clone()], ..RuleSettings::default() }, cx)?;
    let exclusion = Exclusion { id: Some(id), ..exclusion };
    change(app, cx, account, None, |kept| kept.exclusions.push(exclusion)).await?;
    Ok(id)
}

/// Not there is not found.
pub async fn remove_exclusion(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
    id: ExclusionId,
) -> Result<(), Error> {
    let level = get(app, cx, account).await?;
    if !level.settings.exclusions.iter().any(|exclusion| exclusion.id == Some(id)) {
        return Err(Error::not_found());
    }
    change(app, cx, account, None, |kept| kept.exclusions.retain(|e| e.id != Some(id))).await
}

/// By what an account is judged: the server's settings, the organisation's over them, its own over those.
pub async fn merged(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
) -> Result<(Thresholds, RuleChoice), Error> {
    let (mut thresholds, mut choice) = (app.settings.thresholds.clone(), RuleChoice::default());
    let db = app.database.scoped(&cx.scope);
    let levels = [None, account].into_iter().take(if account.is_some() { 2 } else { 1 });
    for level in levels {
        let Some(kept) = db.find_rule_settings(level).await? else { continue };
        for problem in kept.settings.put_over(&mut thresholds, &mut choice) {
            tracing::warn!(org.id = %cx.scope.organization(), field = problem.field, reason = problem.reason,
                "a rule setting does not fit any more and is left out");
        }
    }
    Ok((thresholds, choice))
}
