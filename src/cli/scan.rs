//! `tuner scan`: the savings of one account in the terminal, with no server and no database.

use super::{
    CliError, Context, Exit,
    progress::Lines,
    report::{Format, write_report},
    rule_file,
};
use crate::{
    domain::{
        arn::RoleArn, clock::Clock, ids::OrgKey, money::MicroUsd, region::Region,
        rule_settings::RuleSettings, scan::ScanStatus,
    },
    rules::{ALL, RULES},
    service::{
        collection::{RegionChoice, ScanRequest, scan_once},
        report::ScanReport,
        standalone::{Way, open_session},
    },
    settings::Settings,
};
use clap::Args;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Profile of the shared AWS configuration; without it the ambient credentials serve
    #[arg(long)]
    profile: Option<String>,
    /// Role to assume in the account that is scanned
    #[arg(long, value_name = "ARN")]
    role_arn: Option<RoleArn>,
    /// External ID that the role asks for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
    /// Regions: 'all' enabled ones, or a list such as us-east-1,eu-west-1
    #[arg(long, default_value = "all", value_name = "LIST")]
    regions: RegionList,
    /// Only these rules, by name; 'all' runs those too that are off by default
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    rules: Vec<String>,
    /// Rule settings (TOML or JSON): thresholds, rules on and off, exclusions
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Leave out what saves less a month, in US dollars
    #[arg(long, value_name = "AMOUNT")]
    min_savings: Option<MicroUsd>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write to a file instead of standard output; it appears when it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out calls that AWS charges for once they cost this, in US dollars
    #[arg(long, value_name = "AMOUNT")]
    max_api_cost: Option<MicroUsd>,
    /// Exit with 3 if the savings a month are above this, in US dollars
    #[arg(long, value_name = "AMOUNT")]
    fail_on: Option<MicroUsd>,
    /// No progress on standard error
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Debug)]
struct RegionList(RegionChoice);

impl FromStr for RegionList {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self(RegionChoice::All));
        }
        let list: Result<Vec<Region>, _> = text.split(',').map(|region| region.trim().parse()).collect();
        list.map(|list| Self(RegionChoice::List(list))).map_err(|error| error.to_string())
    }
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<Exit, CliError> {
    for rule in arguments.rules.iter().filter(|rule| *rule != ALL) {
        super::rules::known(rule)?;
    }
    let policy = arguments.policy.as_deref().map(rule_file::read).transpose()?;
    let settings = context.settings().await?;
    let clock = Clock::system();
    let way = Way {
        profile: arguments.profile.clone(),
        role_arn: arguments.role_arn.clone(),
        external_id: arguments.external_id.clone(),
    };
    let work = async {
        let session = open_session(&settings, &clock, way).await.map_err(CliError::new)?;
        let request = request(&arguments, &settings, policy, &clock)?;
        let progress = Lines::new(!arguments.quiet);
        let outcome = scan_once(&session, &request, &progress, &clock, nobody()).await.map_err(CliError::new);
        progress.finish();
        outcome
    };
    let mut report = tokio::select! {
        report = work => report?,
        _ = tokio::signal::ctrl_c() => return Err(CliError::new("interrupted; nothing was written")),
    };
    // Of everything: what is left out of the report can still be saved.
    let exit = exit(&report, arguments.fail_on);
    if let Some(minimum) = arguments.min_savings {
        report.leave_out_below(minimum);
    }
    deliver(&report, &arguments)?;
    Ok(exit)
}

/// What the file says goes over the settings, rules that are named go over both.
fn request(
    arguments: &Arguments,
    settings: &Settings,
    policy: Option<RuleSettings>,
    clock: &Clock,
) -> Result<ScanRequest, CliError> {
    let mut request = ScanRequest::new(arguments.regions.0.clone(), settings);
    request.choice.only.clone_from(&arguments.rules);
    request.paid_budget = arguments.max_api_cost;
    if let Some(policy) = policy {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.meta.id).collect();
        let mut problems = policy.problems(&names, clock.now());
        problems.extend(policy.put_over(&mut request.thresholds, &mut request.choice));
        if let Some(problem) = problems.first() {
            return Err(CliError::usage(format!("--policy: {}: {}", problem.field, problem.reason)));
        }
    }
    Ok(request)
}

/// Recommendations of a lone scan belong to no organisation.
fn nobody() -> OrgKey {
    OrgKey::from_uuid(uuid::Uuid::nil())
}

/// A missing part makes the sum uncertain; a sum above the limit is certain all the same.
fn exit(report: &ScanReport, fail_on: Option<MicroUsd>) -> Exit {
    if fail_on.is_some_and(|limit| report.summary.estimated_monthly_savings > limit) {
        Exit::SavingsAboveLimit
    } else if report.scan.status == ScanStatus::Partial {
        Exit::Partial
    } else {
        Exit::Fine
    }
}

fn deliver(report: &ScanReport, arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.output {
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            write_report(report, arguments.format, &mut out)?;
            Ok(out.flush()?)
        }
        Some(path) => write_whole_file(path, |out| write_report(report, arguments.format, out))
            .map_err(|error| CliError::new(format!("cannot write {}: {error}", path.display()))),
    }
}

/// Writes beside the file and renames: nobody ever reads half a report.
fn write_whole_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| io::Error::other("that is no file name"))?;
    let beside = folder.join(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = (|| {
        let mut out = io::BufWriter::new(std::fs::File::create(&beside)?);
        write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}
