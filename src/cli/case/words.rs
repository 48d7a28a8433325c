//! A command of this program as somebody types it in a case, and as it is run there.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Arg, Command, CommandFactory, ValueHint};
use tokentrail::case::{Manifest, Run};

/// A command, told from its options.
pub(super) struct Words {
    command: Command,
    /// `scan`, or `plan rollout`.
    pub(super) name: Vec<String>,
    /// Its own options, as they were typed.
    pub(super) options: Vec<String>,
}

/// Options of which something outside of the case is made, or on which something outside of it has a say.
const OUTSIDE: [&str; 2] = ["state", "deliver"];

impl Words {
    /// Takes the words of a command apart.
    ///
    /// # Errors
    /// If this program has no such command, or it reads no exports.
    pub(super) fn of(words: &[String]) -> anyhow::Result<Self> {
        let mut command = super::super::Arguments::command();
        let mut name = Vec::new();
        for word in words {
            let Some(inner) = command.find_subcommand(word).cloned() else { break };
            name.push(word.clone());
            command = inner;
        }
        let options = words[name.len()..].to_vec();
        let words = Self { command, name, options };
        if words.name.is_empty() || words.name[0] == "case" || !words.reads_inputs() {
            let hint = "hint: commands that read exports can be run, such as scan, coverage, apps, audit, secrets";
            bail!("a case cannot run {:?}\n\n{hint}", words.all().join(" "));
        }
        Ok(words)
    }

    /// The command and its options.
    pub(super) fn all(&self) -> Vec<String> {
        self.name.iter().chain(&self.options).cloned().collect()
    }

    fn reads_inputs(&self) -> bool {
        self.command.get_positionals().any(|arg| arg.get_id() == "paths")
    }

    fn option(&self, name: &str) -> Option<&Arg> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name))
    }

    /// The files that the command's own options name: which word, after which prefix (`--ids-from=`), and the file.
    ///
    /// # Errors
    /// If an option leads out of the case.
    pub(super) fn files(&self) -> anyhow::Result<Vec<(usize, String, PathBuf)>> {
        let mut files = Vec::new();
        for (at, word) in self.options.iter().enumerate() {
            let Some(option) = word.strip_prefix("--") else { continue };
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            if OUTSIDE.contains(&name) {
                bail!("--{name} reaches out of the case\n\nhint: a case rests on its inputs and settings alone");
            }
            let Some(arg) = self.option(name) else { continue };
            let is_path = matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath);
            if !is_path {
                continue;
            }
            let (place, prefix) = value.map_or((at + 1, String::new()), |_| (at, format!("--{name}=")));
            let Some(value) = value.or_else(|| self.options.get(at + 1).map(String::as_str)) else { continue };
            if name == "out" {
                let mut parts = Path::new(value).components();
                if !parts.all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)) {
                    bail!("--out {value} leads out of the case\n\nhint: name a folder, it is made among the results");
                }
            } else {
                files.push((place, prefix, PathBuf::from(value)));
            }
        }
        Ok(files)
    }

    /// What the program is told: the command, the case's options as far as the command knows them, its own, the inputs.
    pub(super) fn arguments(&self, manifest: &Manifest) -> Vec<String> {
        let mut arguments = self.name.clone();
        let contents = &manifest.contents;
        let settings = contents.settings.iter().map(|setting| (setting.option.as_str(), setting.path.as_str()));
        let options = contents.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in settings.chain(options).filter(|(name, _)| self.option(name).is_some()) {
            arguments.push(format!("--{name}={value}"));
        }
        arguments.extend(self.options.iter().cloned());
        arguments.extend(contents.roots.iter().map(|root| format!("inputs/{root}")));
        arguments
    }

    /// The results' folder of the run with this number.
    pub(super) fn folder(&self, number: usize) -> String {
        format!("{number:02}-{}", self.name.join("-"))
    }

    /// The command of a run that was noted.
    pub(super) fn of_run(run: &Run) -> anyhow::Result<Self> {
        Self::of(&run.command)
    }
}
