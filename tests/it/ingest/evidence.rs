//! Evidence leads back to the very row: export, hash, record number, byte offset, event id.

use serde_json::json;
use sha2::{Digest, Sha256};
use tokentrail::detectors;
use tokentrail::finding::Evidence;

use super::packed::{gzip, zipped, zstd};
use crate::run::Run;

/// An export, and the text of each of its records in their order.
struct Made {
    text: String,
    records: Vec<String>,
}

/// So many records; every seventh comes from the new network, and is what the finding will point at.
const RECORDS: usize = 140;
const NEW: usize = 7;

struct Row {
    id: String,
    time: String,
    address: &'static str,
    agent: String,
}

fn row(number: usize) -> Row {
    let (new, minute) = (number % NEW == 3, number % 60);
    let day = if new { 20 + number % 5 } else { 1 + number % 15 };
    Row {
        id: format!("event-{number}"),
        time: format!("2025-08-{day:02}T10:{minute:02}:{:02}.000Z", number / 60),
        address: if new { "203.0.113.9" } else { "192.0.2.17" },
        // The head of an export is one block: this puts most records behind it.
        agent: format!("agent \"{number}\",\n{}", "x".repeat(3000)),
    }
}

impl Made {
    /// CSV with blank lines, bad records and repeated ones between the others.
    fn csv(mark: &str, line_end: &str) -> Self {
        let header = "EventIdentifier,EventDate,UserId,Application,SourceIp,RowsReturned,UserAgent";
        let mut made = Self { text: format!("{mark}{header}{line_end}"), records: Vec::new() };
        for number in 0..RECORDS {
            let Row { id, time, address, agent } = row(number);
            let agent = agent.replace('"', "\"\"");
            made.add(format!("{id},{time},005Tr0001aEqx0LIAR,Drift,{address},1,\"{agent}\"{line_end}"));
            match number % 10 {
                2 => made.text += line_end,
                4 => made.add(format!("a note,by \"\"somebody{line_end}")),
                6 => made.add(made.records[number / 2].clone()),
                8 => made.add(format!("late,\"so\non\",005Tr0001aEqx0LIAR,Drift,,,{line_end}")),
                _ => {}
            }
        }
        made
    }

    /// JSON objects, with something before, between and behind them, and broken ones among them.
    fn json(before: &str, between: &str, behind: &str, pretty: bool) -> Self {
        let mut made = Self { text: before.to_owned(), records: Vec::new() };
        for number in 0..RECORDS {
            let Row { id, time, address, agent } = row(number);
            let object = json!({
                "attributes": {"type": "ApiEvent"}, "EventIdentifier": id, "EventDate": time, "SourceIp": address,
                "UserId": "005Tr0001aEqx0LIAR", "Application": "Drift", "RowsReturned": 1, "UserAgent": agent,
            });
            let object = if pretty { serde_json::to_string_pretty(&object).unwrap() } else { object.to_string() };
            made.text += if number == 0 { "" } else { between };
            made.add(object);
            if number % 10 == 4 {
                made.text += between;
                made.add("{\"EventDate\": }".to_owned());
            }
        }
        made.text += behind;
        made
    }

    fn add(&mut self, record: String) {
        self.text += &record;
        self.records.push(record);
    }

    /// Scans it, plain and compressed, in large and small blocks; every piece of evidence is a record of this export.
    fn check(&self, name: &str) {
        let text = self.text.as_bytes();
        let forms = [
            (name.to_owned(), text.to_vec()),
            (format!("{name}.gz"), gzip(text)),
            (format!("{name}.zst"), zstd(text)),
            ("archive.zip".to_owned(), zipped(&[("other.md", b"no export"), (name, text)])),
            ("archive.zip".to_owned(), zipped(&[(&format!("{name}.gz"), &gzip(text))])),
        ];
        for (name, bytes) in forms {
            for block_bytes in [1 << 20, 4096, 1] {
                let run =
                    Run { detectors: vec![detectors::find("app-new-network").unwrap()], block_bytes, ..Run::default() };
                let outcome = run.scan_texts(&[(&name, &bytes)]).outcome;
                assert_eq!(outcome.problems, [], "{name}");
                let [finding] = &outcome.findings[..] else { panic!("{name}: {:?}", outcome.findings) };
                let all = RECORDS.div_ceil(NEW) as u64;
                assert_eq!((finding.count, finding.evidence_total), (all, all), "{name}");
                assert!(!finding.evidence.is_empty() && finding.evidence.is_sorted_by_key(|row| row.time), "{name}");
                for evidence in &finding.evidence {
                    self.leads_back(evidence, &name, &bytes);
                }
            }
        }
    }

    fn leads_back(&self, evidence: &Evidence, name: &str, file: &[u8]) {
        let record = &self.records[usize::try_from(evidence.record).unwrap() - 1];
        let offset = usize::try_from(evidence.offset).unwrap();
        assert!(self.text[offset..].starts_with(record.as_str()), "{name}: record {}", evidence.record);
        let id = evidence.event_id.as_deref().unwrap();
        let number: usize = id.strip_prefix("event-").unwrap().parse().unwrap();
        assert!(record.contains(id) && number % NEW == 3, "{name}: {id}");
        assert_eq!(evidence.time.to_string(), row(number).time);
        let (file_name, _) = evidence.export.split_once('!').unwrap_or((&evidence.export, ""));
        assert!(file_name.ends_with(name));
        let hash = tokentrail::value::secret::hexadecimal(&Sha256::digest(file));
        assert_eq!(evidence.sha256, hash, "the hash of the file as it lies there");
    }
}

#[test]
fn csv() {
    Made::csv("", "\n").check("export.csv");
    Made::csv("\u{feff}", "\r\n").check("export.csv");
}

#[test]
fn query_results() {
    Made::json("{\"totalSize\":140,\"done\":true,\"records\":[", ",", "]}", false).check("export.json");
    Made::json("{\n  \"status\": 0,\n  \"result\": {\n    \"records\": [\n", ",\n", "\n]}}\n", true)
        .check("export.json");
    Made::json("\u{feff}[", " ,\r\n", "]", false).check("export.json");
}

/// The first query result is a page of its own, the others follow.
#[test]
fn query_results_one_after_another() {
    Made::json("{\"records\":[", "],\"done\":false}\n{\"records\":[", "]}", false).check("export.json");
    Made::json("[{\"records\":[", "],\"done\":false},\n{\"records\":[", "]}]", true).check("export.json");
}

#[test]
fn one_object_a_line() {
    Made::json("", "\n", "\n", false).check("export.ndjson");
    Made::json("\n\n", "\r\n\r\n", "", false).check("export.ndjson");
}
