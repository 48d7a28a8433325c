//! `apps.toml`: what the organisation wrote down about its apps. Mailbridge is missing on purpose.

use super::organisation::{
    App, CHATTER_WIDGET, DRIFT, HARBOR_ETL, LEDGER_SYNC, NORTHWIND_BI, NORTHWIND_BI_DESKTOP, SALESFORCE_IOS,
    WAREHOUSE_SYNC,
};

struct Entry {
    app: App,
    owner: &'static str,
    principal: &'static str,
    scopes: &'static [&'static str],
    /// Where it comes from; empty: nobody wrote it down.
    networks: &'static [&'static str],
    /// Further lines as they are.
    more: &'static str,
}

const ENTRIES: [Entry; 8] = [
    Entry {
        app: NORTHWIND_BI,
        owner: "analytics@alderfinch.example",
        principal: "integration",
        scopes: &["full", "refresh_token"],
        networks: &["198.18.20.10", "198.18.20.11"],
        more: "",
    },
    Entry {
        app: NORTHWIND_BI_DESKTOP,
        owner: "analytics@alderfinch.example",
        principal: "person",
        scopes: &["api", "refresh_token"],
        networks: &[],
        more: "",
    },
    Entry {
        app: HARBOR_ETL,
        owner: "data-platform@alderfinch.example",
        principal: "integration",
        scopes: &["api", "refresh_token"],
        networks: &["198.18.40.5"],
        more: "",
    },
    Entry {
        app: DRIFT,
        owner: "marketing-ops@alderfinch.example",
        principal: "integration",
        scopes: &["api", "refresh_token"],
        networks: &["192.0.2.0/24"],
        more: "aliases = [\"Drift Email\"]\npartner = true\n",
    },
    Entry {
        app: LEDGER_SYNC,
        owner: "finance-it@alderfinch.example",
        principal: "integration",
        scopes: &["api"],
        networks: &["198.19.7.21"],
        more: "consumer-key = \"3MVG9.FAKE.CONSUMER.KEY.LEDGER.SYNC\"\n",
    },
    Entry {
        app: WAREHOUSE_SYNC,
        owner: "logistics-it@alderfinch.example",
        principal: "integration",
        scopes: &["api"],
        networks: &[],
        more: "consumer-key = \"3MVG9.FAKE.CONSUMER.KEY.WAREHOUSE.SYNC\"\n",
    },
    Entry {
        app: SALESFORCE_IOS,
        owner: "it-support@alderfinch.example",
        principal: "person",
        scopes: &["api", "web", "refresh_token"],
        networks: &[],
        more: "",
    },
    Entry {
        app: CHATTER_WIDGET,
        owner: "communications@alderfinch.example",
        principal: "integration",
        scopes: &["chatter_api", "refresh_token"],
        networks: &[],
        more: "",
    },
];

/// The register as TOML.
pub(super) fn apps() -> String {
    let mut text = String::from("# The connected apps that Alder & Finch knows of, and what each was granted.\n");
    for entry in &ENTRIES {
        let Entry { app, owner, principal, scopes, networks, more } = entry;
        let (name, id) = (app.name, app.id());
        text.push_str(&format!(
            "\n[[app]]\nname = \"{name}\"\nid = \"{id}\"\n{more}owner = \"{owner}\"\nprincipal \
                = \"{principal}\"\nscopes = {scopes:?}\n"
        ));
        if !networks.is_empty() {
            text.push_str(&format!("networks = {networks:?}\n"));
        }
    }
    text
}
