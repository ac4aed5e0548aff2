//! Organisations, accounts and pictures for the tests.

use crate::support::database::{TestDatabase, noon};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;
use tuner::{
    db::{
        ApiKey, DbError, LedgerQuestions, NewAccount, NewSession, ResourceRow, ScanPicture, ScanRecord,
        StoredRows, Unseen,
    },
    domain::{
        billing::{FindingSource, Forecast},
        cost::{DailyCost, ForeignCost},
        external_id::{ExternalId, ExternalIds},
        finding::{ActionType, Calculation, Effort, Level, Remediation, SavingsBasis},
        ids::{AccountId, ApiKeyId, RecommendationId, ScanId, SessionId, UserId},
        inventory::{ResourceKind, arn_of},
        ledger::WhyUnseen,
        money::MicroUsd,
        permission::{Role, Scope},
        recommendation::{Recommendation, RecommendationStatus, recommendation_id},
        region::Region,
        scan::{ApiUsage, PermissionState, Scan, ScanStatus},
        scope::OrgScope,
        snapshot::Coverage,
        tags::Tags,
    },
};

pub fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub fn region() -> Region {
    "eu-central-1".parse().unwrap()
}

pub fn other_region() -> Region {
    "us-east-1".parse().unwrap()
}

pub fn later(seconds: i64) -> Timestamp {
    noon() + jiff::SignedDuration::from_secs(seconds)
}

pub async fn scope(db: &TestDatabase, name: &str) -> OrgScope {
    let organization = db.find_or_create_organization(&name.parse().unwrap(), noon()).await.unwrap();
    db.system_scope(organization.key, organization.name)
}

pub fn external_id(account: AccountId, scope: &OrgScope) -> ExternalId {
    ExternalIds::new(vec![7; 32]).unwrap().issue(account, scope.organization())
}

pub async fn link(db: &TestDatabase, scope: &OrgScope, id: AccountId) {
    let external_id = external_id(id, scope);
    let new = NewAccount { id, name: format!("account {id}"), external_id, created_at: noon() };
    db.scoped(scope).create_account(&new).await.unwrap();
}

/// A session of eight hours; the number makes its hash.
pub fn session_of(user: UserId, number: u8) -> NewSession {
    NewSession {
        id: SessionId::generate(),
        user,
        hash: [number; 32],
        created_at: noon(),
        expires_at: later(8 * 3600),
        ip: Some("2001:db8::1".to_owned()),
        user_agent: Some("curl".to_owned()),
    }
}

pub fn key_of(user: UserId) -> ApiKey {
    ApiKey {
        id: ApiKeyId::generate(),
        issued_by: user,
        name: "cron".to_owned(),
        shown: "tnr_abcdefgh".to_owned(),
        role: Role::Admin,
        scopes: BTreeSet::from([Scope::SchedulerRun, Scope::RecommendationsRead]),
        accounts: None,
        created_at: noon(),
        expires_at: later(3600),
        revoked_at: None,
        last_used_at: None,
    }
}

pub fn volume(id: &str, size: u32, tags: &[(&str, &str)]) -> ResourceRow {
    ResourceRow {
        kind: ResourceKind::Volume,
        region: region(),
        resource_id: id.into(),
        name: Some(format!("name of {id}").into()),
        tags: tags.iter().copied().collect::<Tags>(),
        body: json!({ "id": id, "sizeGib": size }).to_string(),
    }
}

pub fn recommendation(scope: &OrgScope, account: AccountId, volume: &str, usd: i64) -> Recommendation {
    let fingerprint = format!("{account}-{volume}");
    Recommendation {
        recommendation_id: recommendation_id(scope.key(), &fingerprint),
        fingerprint,
        rule: "ebs-volume-unattached".to_owned(),
        account_id: account,
        region: region(),
        service: ResourceKind::Volume.service(),
        resource_type: ResourceKind::Volume,
        resource_id: volume.to_owned(),
        resource_arn: arn_of(ResourceKind::Volume, account, &region(), volume),
        resource_name: None,
        tags: Tags::default(),
        title: format!("{volume} is attached to nothing"),
        action_type: ActionType::Delete,
        current_configuration: json!({ "sizeGib": 100 }),
        recommended_configuration: json!(null),
        estimated_monthly_cost: MicroUsd::from_usd(usd),
        estimated_monthly_savings: MicroUsd::from_usd(usd),
        estimated_monthly_savings_after_discounts: None,
        after_discounts: None,
        counted_monthly_savings: MicroUsd::from_usd(usd),
        counted_monthly_savings_at_list_price: MicroUsd::from_usd(usd),
        estimated_savings_percentage: 100,
        currency_code: "USD".to_owned(),
        sources: vec![FindingSource::Tuner],
        savings_basis: SavingsBasis::Exact,
        implementation_effort: Effort::Low,
        risk: Level::Low,
        restart_needed: false,
        rollback_possible: true,
        confidence: Level::High,
        lookback_period_in_days: None,
        evidence: vec![],
        calculation: Calculation::default(),
        prices: vec![],
        remediation: Remediation::default(),
        status: RecommendationStatus::Active,
        excluded: None,
        first_seen: noon(),
        last_seen: noon(),
        is_best_for_resource: true,
        alternative_to: None,
    }
}

/// A scan as a test wants it; one region of volumes, completely listed.
pub struct Picture {
    pub at: Timestamp,
    pub account: AccountId,
    pub resources: Vec<ResourceRow>,
    pub recommendations: Vec<Recommendation>,
    pub coverage: Coverage,
    pub unconfirmed: BTreeSet<RecommendationId>,
    /// Whether all rules are switched off.
    pub switched_off: bool,
    pub costs: Vec<DailyCost>,
    pub foreign_costs: Vec<ForeignCost>,
    pub forecast: Option<Forecast>,
    pub permissions: Vec<PermissionState>,
}

impl Picture {
    pub fn of(account: AccountId, at: Timestamp) -> Self {
        let mut coverage = Coverage::default();
        coverage.add(ResourceKind::Volume, region());
        Self {
            at,
            account,
            resources: vec![],
            recommendations: vec![],
            coverage,
            unconfirmed: BTreeSet::new(),
            switched_off: false,
            costs: vec![],
            foreign_costs: vec![],
            forecast: None,
            permissions: vec![],
        }
    }

    /// Volumes, each with a recommendation that saves its number of dollars.
    pub fn with_volumes(mut self, scope: &OrgScope, volumes: &[(&str, i64)]) -> Self {
        for (id, usd) in volumes {
            self.resources.push(volume(id, 100, &[("Name", id), ("team", "data")]));
            let mut found = recommendation(scope, self.account, id, *usd);
            (found.first_seen, found.last_seen) = (self.at, self.at);
            self.recommendations.push(found);
        }
        self
    }

    pub fn record(&self, scan: ScanId) -> ScanRecord {
        ScanRecord {
            scan: Scan {
                id: scan,
                account_id: self.account,
                status: ScanStatus::Complete,
                started_at: self.at,
                finished_at: Some(self.at),
                regions: vec![region()],
            },
            gaps: vec![],
            api_usage: ApiUsage { total_calls: 3, ..ApiUsage::default() },
            summary: Some(json!({ "recommendations": self.recommendations.len() })),
            error: None,
        }
    }

    /// Claims, creates and stores a scan.
    pub async fn store(&self, db: &TestDatabase, scope: &OrgScope) -> StoredRows {
        let scan = self.begin(db, scope).await;
        self.store_as(db, scope, scan).await.unwrap()
    }

    pub async fn begin(&self, db: &TestDatabase, scope: &OrgScope) -> ScanId {
        let (org, scan) = (db.scoped(scope), ScanId::generate());
        let until = self.at + jiff::SignedDuration::from_mins(10);
        assert!(org.claim_scan(self.account, scan, self.at, until).await.unwrap());
        org.create_scan(scan, self.account, &[region()], self.at).await.unwrap();
        scan
    }

    pub async fn store_as(
        &self,
        db: &TestDatabase,
        scope: &OrgScope,
        scan: ScanId,
    ) -> Result<StoredRows, DbError> {
        let record = self.record(scan);
        let unconfirmed = |unseen: &Unseen| self.unconfirmed.contains(&unseen.id);
        let unseen = |unseen: &Unseen| unconfirmed(unseen).then_some(WhyUnseen::NoData);
        let picture = ScanPicture {
            record: &record,
            coverage: &self.coverage,
            recommendations: self.recommendations.clone(),
            unconfirmed: &unconfirmed,
            switched_off: &|_| self.switched_off,
            ledger: LedgerQuestions { unseen: &unseen, ..ledger_questions() },
            only_regions: None,
            costs: &self.costs,
            foreign_costs: &self.foreign_costs,
            forecast: self.forecast.as_ref(),
            permissions: &self.permissions,
        };
        db.scoped(scope).store_scan(picture, self.resources.iter().cloned()).await
    }
}

/// As where every rule ran over everything that it looks at.
pub const fn ledger_questions() -> LedgerQuestions<'static> {
    LedgerQuestions {
        unseen: &|_| None,
        is_judged: |service| service.starts_with("Amazon"),
        discounts_known: false,
    }
}
