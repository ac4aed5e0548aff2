//! Telling an organisation of failures and deviations through its webhooks.
//!
//! What is told goes into an outbox first, so that nothing is lost with a server or an endpoint that is down; the
//! loop of `tuner serve` sends it, at least once.
//!
//! Invariant: a webhook is told of no account that whoever made it does not see at that moment.

mod courier;
mod watch;

pub use courier::{Round, deliver_due, deliver_now};
pub use watch::watch_deliveries;

use crate::{
    app::App,
    db::{DbError, Listener, NewDelivery, OrgDb},
    domain::{
        ids::{AccountId, DeliveryId, UserId},
        notice::{Notice, message},
        permission::Permission,
        scope::{AccountAccess, OrgScope},
    },
    error::Error,
    service::sign_in::access_of,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Tells the webhooks of the organisation that want it. Returns when it is kept, not when it has arrived.
pub async fn tell(app: &App, scope: &OrgScope, notice: Notice) -> Result<(), Error> {
    tell_all(app, scope, &[notice]).await
}

/// The same for many at once, in one transaction: what a tick found.
pub async fn tell_all(app: &App, scope: &OrgScope, notices: &[Notice]) -> Result<(), Error> {
    if notices.is_empty() {
        return Ok(());
    }
    let whole = scope.whole();
    let db = app.database.scoped(&whole);
    let listeners = db.list_listeners().await?;
    if listeners.is_empty() {
        return Ok(());
    }
    let makers = access_of_makers(&db, listeners.iter().map(|listener| listener.created_by)).await?;
    let deliveries = deliveries(&listeners, &makers, notices, app.clock.now());
    keep(&db, &deliveries).await
}

/// What each of them may see now. Nothing: erased, disabled, or without the permission.
pub(super) async fn access_of_makers(
    db: &OrgDb<'_>,
    makers: impl Iterator<Item = UserId> + Send,
) -> Result<BTreeMap<UserId, Option<AccountAccess>>, Error> {
    let mut access = BTreeMap::new();
    for maker in makers.collect::<BTreeSet<_>>() {
        access.insert(maker, access_of_maker(db, maker).await?);
    }
    Ok(access)
}

async fn access_of_maker(db: &OrgDb<'_>, maker: UserId) -> Result<Option<AccountAccess>, Error> {
    // The command line: it acts for the whole organisation.
    if maker.uuid().is_nil() {
        return Ok(Some(AccountAccess::All));
    }
    let member = match db.get_member(maker).await {
        Ok(member) => member,
        Err(DbError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if member.disabled_at.is_some() || !member.role.holds(Permission::ManageScheduler) {
        return Ok(None);
    }
    Ok(Some(access_of(member.role, db.list_grants(maker).await?)))
}

fn deliveries(
    listeners: &[Listener],
    makers: &BTreeMap<UserId, Option<AccountAccess>>,
    notices: &[Notice],
    now: Timestamp,
) -> Vec<NewDelivery> {
    let mut all = Vec::new();
    for notice in notices {
        let (event, account) = (notice.event().as_str(), notice.account());
        let told = listeners.iter().filter(|listener| {
            let maker = makers.get(&listener.created_by).and_then(Option::as_ref);
            listener.events.contains(&notice.event()) && hears(listener, maker, account)
        });
        let body = message(event, now, notice);
        all.extend(told.map(|listener| NewDelivery {
            id: DeliveryId::generate(),
            webhook: listener.id,
            account: Some(account),
            event,
            body: body.clone(),
            created_at: now,
        }));
    }
    all
}

fn hears(listener: &Listener, maker: Option<&AccountAccess>, account: AccountId) -> bool {
    let listed = listener.accounts.as_ref().is_none_or(|accounts| accounts.contains(&account));
    listed && maker.is_some_and(|maker| maker.sees(account))
}

/// A webhook or an account that was removed at this moment takes only its own with it.
async fn keep(db: &OrgDb<'_>, deliveries: &[NewDelivery]) -> Result<(), Error> {
    match db.create_deliveries(deliveries).await {
        Err(DbError::NotFound(_)) => {}
        done => return Ok(done?),
    }
    for one in deliveries {
        match db.create_deliveries(std::slice::from_ref(one)).await {
            Ok(()) | Err(DbError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
