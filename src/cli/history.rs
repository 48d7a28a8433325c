//! What commands that tell what happened have in common: of whom, which rows, and where earlier findings lie.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::context::Context;
use tokentrail::history::{Filter, History, Inquiry, ROLES, Selection, Subject, SubjectKind, TABLES};
use tokentrail::lists::Lists;
use tokentrail::networks::Networks;
use tokentrail::told::Told;
use tokentrail::words::visible;

use super::input::{Input, Prepared};
use super::quarantine::QuarantineFile;
use super::{Ended, summary};

/// Which rows to tell of.
#[derive(clap::Args)]
pub(super) struct Chosen {
    #[command(flatten)]
    pub(super) input: Input,
    /// Only rows for which this holds: role=value, role!=value or role>=number, such as client=python*, objects=Case or
    /// rows>=2000. May be given more than once; all of them have to hold.
    #[arg(long = "where", value_name = "FILTER")]
    filters: Vec<String>,
    /// Findings of a scan with --out, to mark the rows that they rest on: findings.ndjson, or its folder.
    #[arg(long, value_name = "PATH")]
    findings: Option<PathBuf>,
}

/// What was read.
pub(super) struct Read<'a> {
    pub(super) history: History<'a>,
    chosen: &'a Chosen,
    register: &'a Register,
}

impl Chosen {
    /// Whether filters are given.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.filters.is_empty()
    }

    /// The findings of an earlier scan; none if nobody named them.
    pub(super) fn told(&self) -> anyhow::Result<Told> {
        Ok(self.findings.as_deref().map(Told::read).transpose()?.unwrap_or_default())
    }

    /// Reads what is asked for.
    pub(super) fn read<'a>(&'a self, prepared: &'a mut Prepared, subject: Option<Subject>) -> anyhow::Result<Read<'a>> {
        self.read_roles(prepared, subject, &TABLES, ROLES)
    }

    /// The same for some tables and columns.
    pub(super) fn read_roles<'a>(
        &'a self,
        prepared: &'a mut Prepared,
        subject: Option<Subject>,
        tables: &'a [Table],
        roles: &'a [Role],
    ) -> anyhow::Result<Read<'a>> {
        self.read_some(prepared, subject, tables, roles, |selection| selection)
    }

    /// Reads a narrower selection of everybody's rows.
    pub(super) fn read_selected<'a>(
        &'a self,
        prepared: &'a mut Prepared,
        narrow: impl FnOnce(Selection) -> Selection,
    ) -> anyhow::Result<Read<'a>> {
        self.read_some(prepared, None, &TABLES, ROLES, narrow)
    }

    fn read_some<'a>(
        &'a self,
        prepared: &'a mut Prepared,
        subject: Option<Subject>,
        tables: &'a [Table],
        roles: &'a [Role],
        narrow: impl FnOnce(Selection) -> Selection,
    ) -> anyhow::Result<Read<'a>> {
        let unread = prepared.unread();
        let mut selection = prepared.selection()?;
        for filter in &self.filters {
            selection = selection.and(&filter.parse::<Filter>()?);
        }
        let prepared: &'a Prepared = prepared;
        let selection = narrow(selection);
        let inquiry = Inquiry { convert: prepared.convert(), known: None, subject, selection, tables, roles };
        let progress = prepared.progress(&inquiry.convert.taken);
        let mut quarantine = QuarantineFile::new(None, false)?;
        let mut history = History::read(&inquiry, &mut quarantine);
        drop(progress);
        quarantine.finish()?;
        history.problems.extend(unread);
        history.problems.sort();
        Ok(Read { history, chosen: self, register: &prepared.register })
    }
}

impl<'a> Read<'a> {
    /// What lists, tables of networks and the register know of values that go with the subject.
    pub(super) fn context<'k>(&self, lists: &'k Lists, networks: &'k Networks) -> Context<'k>
    where
        'a: 'k,
    {
        let named = self.history.subject.iter().flat_map(|subject| [&subject.name.id, &subject.name.name]).flatten();
        Context { lists, networks, app: self.register.find_any(named.map(String::as_str)) }
    }

    /// Tells what could not be used, and how the command ends.
    pub(super) fn ended(&self) -> anyhow::Result<Ended> {
        let problems = &self.history.problems;
        if !self.chosen.input.quiet {
            let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
            for note in self.history.subject.iter().flat_map(|subject| &subject.notes) {
                writeln!(stderr, "note: {}", visible(note))?;
            }
            summary::problems(problems, &mut stderr)?;
        }
        let is_bad = problems.len() > self.chosen.input.max_problems;
        Ok(if is_bad { Ended::WithProblems } else { Ended::Well })
    }
}

/// One subject at most, by its kind.
#[derive(clap::Args)]
pub(super) struct About {
    /// Only what this connected app did: its id or a name.
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Only what this user did: an id or a username.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only what came from this address or network.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// Only what belongs to this session: a session key, a login key or the id of a login.
    #[arg(long, value_name = "KEY")]
    session: Option<String>,
    /// Only what the app of this token did for its user: a token's reference.
    #[arg(long, value_name = "REFERENCE")]
    token: Option<String>,
}

impl About {
    /// The one subject that was named, if any; the others of several would be filters.
    pub(super) fn subject(&self) -> anyhow::Result<Option<Subject>> {
        let given = [
            (SubjectKind::App, &self.app),
            (SubjectKind::User, &self.user),
            (SubjectKind::Ip, &self.ip),
            (SubjectKind::Session, &self.session),
            (SubjectKind::Token, &self.token),
        ];
        let mut named = given.into_iter().filter_map(|(kind, name)| Some(Subject::new(kind, name.as_deref()?)));
        let first = named.next();
        if named.next().is_some() {
            bail!(
                "more than one of --app, --user, --ip, --session and --token\n\nhint: keep one, and add --where app=…, --where ip=… or the like for the others"
            );
        }
        Ok(first)
    }
}
