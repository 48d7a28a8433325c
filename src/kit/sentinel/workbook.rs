//! The workbook: which apps and tokens, the newest grave findings, detectors over time, one app's trail.

use serde_json::{Value, json};

use super::WORKSPACE;

const LOGS: &str = "microsoft.operationalinsights/workspaces";
const SCHEMA: &str = "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json";
const HEADING: &str = "# tokentrail\nAbuse of OAuth tokens and connected apps. The time range is that of the runs; each \
                       row says when its events were.";
const DAY: u64 = 86_400_000;

/// Name, title, how it is shown, query.
const PANELS: &[(&str, &str, &str, &str)] = &[
    ("by severity", "Findings by severity", "tiles", include_str!("../../../kits/sentinel/workbook/by-severity.kql")),
    (
        "apps",
        "Which apps and tokens",
        "table",
        include_str!("../../../kits/sentinel/queries/which-apps-and-tokens.kql"),
    ),
    (
        "newest",
        "Newest critical and high findings, and what to do next",
        "table",
        include_str!("../../../kits/sentinel/workbook/newest.kql"),
    ),
    (
        "by detector",
        "By detector over time",
        "barchart",
        include_str!("../../../kits/sentinel/workbook/by-detector.kql"),
    ),
    ("trail", "Trail of the app", "table", include_str!("../../../kits/sentinel/workbook/trail.kql")),
];

pub(super) fn workbook() -> Value {
    let heading = json!({ "type": 1, "name": "heading", "content": { "json": HEADING } });
    let asked = json!({
        "type": 9,
        "name": "parameters",
        "content": {
            "version": "KqlParameterItem/1.0",
            "style": "pills",
            "queryType": 0,
            "resourceType": LOGS,
            "parameters": [time_range(), app()],
        },
    });
    let panels = PANELS.iter().map(|(name, title, shown, query)| panel(name, title, shown, query));
    let items: Vec<Value> = [heading, asked].into_iter().chain(panels).collect();
    json!({
        "version": "Notebook/1.0",
        "items": items,
        "fallbackResourceIds": [],
        "$schema": SCHEMA,
    })
}

fn time_range() -> Value {
    let days = |days: u64| json!({ "durationMs": days * DAY });
    let choices = [1, 7, 30, 90].map(days);
    json!({
        "id": "5a1e2c40-3b5f-4a55-9d0e-8f3c1a6b7d01",
        "version": "KqlParameterItem/1.0",
        "name": "TimeRange",
        "label": "Runs since",
        "type": 4,
        "isRequired": true,
        "value": days(30),
        "typeSettings": { "selectableValues": choices, "allowCustom": true },
    })
}

/// The app whose trail is shown, by a hash of its name: whoever made the app chose the name, and could otherwise write
/// a part of the query.
fn app() -> Value {
    json!({
        "id": "5a1e2c40-3b5f-4a55-9d0e-8f3c1a6b7d02",
        "version": "KqlParameterItem/1.0",
        "name": "App",
        "label": "App whose trail to show",
        "type": 2,
        "isRequired": true,
        "query": include_str!("../../../kits/sentinel/workbook/apps.kql"),
        "value": "value::1",
        "typeSettings": { "additionalResourceOptions": ["value::1"], "showDefault": false },
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": LOGS,
    })
}

fn panel(name: &str, title: &str, shown: &str, query: &str) -> Value {
    let mut content = json!({
        "version": "KqlItem/1.0",
        "query": query,
        "size": 0,
        "title": title,
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": LOGS,
        "visualization": shown,
    });
    if shown == "tiles" {
        content["tileSettings"] = json!({
            "titleContent": { "columnMatch": "Severity", "formatter": 1 },
            "leftContent": { "columnMatch": "Findings", "formatter": 12 },
            "showBorder": true,
        });
    }
    json!({ "type": 3, "name": name, "content": content })
}

pub(super) fn resource(workbook: &Value) -> Value {
    json!({
        "type": "Microsoft.Insights/workbooks",
        "apiVersion": "2022-04-01",
        "name": "[guid(resourceGroup().id, parameters('workspace'), 'tokentrail')]",
        "location": "[parameters('location')]",
        "kind": "shared",
        "properties": {
            "displayName": "tokentrail",
            "serializedData": workbook.to_string(),
            "version": "1.0",
            "sourceId": WORKSPACE,
            "category": "sentinel",
        },
    })
}
