//! Splunk: the add-on `TA-tokentrail`, as a folder and packed.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::{KitFile, field_table, text_file};
use crate::emit::Splunk;

/// The add-on's folder, and its id.
const FOLDER: &str = "TA-tokentrail";

/// Its files as they are written; `{version}` and `{fields}` are filled in.
const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("../../kits/splunk/README.md")),
    ("default/app.conf", include_str!("../../kits/splunk/default/app.conf")),
    ("default/data/ui/nav/default.xml", include_str!("../../kits/splunk/default/data/ui/nav/default.xml")),
    ("default/data/ui/views/tokentrail.xml", include_str!("../../kits/splunk/default/data/ui/views/tokentrail.xml")),
    ("default/eventtypes.conf", include_str!("../../kits/splunk/default/eventtypes.conf")),
    ("default/macros.conf", include_str!("../../kits/splunk/default/macros.conf")),
    ("default/props.conf", include_str!("../../kits/splunk/default/props.conf")),
    ("default/savedsearches.conf", include_str!("../../kits/splunk/default/savedsearches.conf")),
    ("default/tags.conf", include_str!("../../kits/splunk/default/tags.conf")),
    ("metadata/default.meta", include_str!("../../kits/splunk/metadata/default.meta")),
];

pub(super) const STEPS: &[&str] = &[
    "install TA-tokentrail.tgz (Apps, Manage Apps, Install app from file), or copy TA-tokentrail to $SPLUNK_HOME/etc/apps",
    "set the macro tokentrail_index to the index that findings go to",
    "open the app tokentrail; enable the search `tokentrail - critical finding`, or `tokentrail - risk` with Enterprise Security",
];

pub(super) fn files() -> io::Result<Vec<KitFile>> {
    let fields = field_table(Splunk::FIELDS);
    let file = |(path, text): &(&str, &str)| text_file(format!("{FOLDER}/{path}"), text, &[("{fields}", &fields)]);
    let mut files: Vec<KitFile> = FILES.iter().map(file).collect();
    let packed = pack(&files)?;
    files.push(KitFile { path: format!("{FOLDER}.tgz"), bytes: packed });
    Ok(files)
}

/// The files as a tar.gz without times and owners: the same bytes in every run.
fn pack(files: &[KitFile]) -> io::Result<Vec<u8>> {
    let gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for file in files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(file.bytes.len() as u64);
        archive.append_data(&mut header, &file.path, file.bytes.as_slice())?;
    }
    let mut gzip = archive.into_inner()?;
    gzip.flush()?;
    gzip.finish()
}
