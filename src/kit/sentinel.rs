//! Microsoft Sentinel: one template of Azure Resource Manager that makes everything, the workbook, and the queries.

use serde_json::{Map, Value, json};

use super::{KitFile, field_table, json_file, text_file};
use crate::emit::{Kind, Sentinel};

mod rules;
mod workbook;

/// The stream that rows are sent to; it says what columns they have.
const STREAM: &str = "Custom-Tokentrail";
const DCR: &str = "[resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName'))]";
const WORKSPACE: &str = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]";
const DCR_API: &str = "2023-03-11";
/// Azure's built-in role Monitoring Metrics Publisher, which may send to a data collection rule.
const PUBLISHER: &str = "3913510d-42f4-4e42-8a64-420c390055eb";

/// File name, name for people, query.
const QUERIES: &[(&str, &str, &str)] = &[
    ("what-fired", "What fired?", include_str!("../../kits/sentinel/queries/what-fired.kql")),
    (
        "which-apps-and-tokens",
        "Which apps and tokens?",
        include_str!("../../kits/sentinel/queries/which-apps-and-tokens.kql"),
    ),
    ("from-where", "From where?", include_str!("../../kits/sentinel/queries/from-where.kql")),
    ("what-was-taken", "What was taken?", include_str!("../../kits/sentinel/queries/what-was-taken.kql")),
    ("is-it-live", "Is it live?", include_str!("../../kits/sentinel/queries/is-it-live.kql")),
    ("trail-of-an-app", "The trail of one app", include_str!("../../kits/sentinel/queries/trail-of-an-app.kql")),
    (
        "rows-behind-a-finding",
        "The rows behind one finding",
        include_str!("../../kits/sentinel/queries/rows-behind-a-finding.kql"),
    ),
];

pub(super) const STEPS: &[&str] = &[
    "make an app registration for the sender: az ad sp create-for-rbac --name tokentrail",
    "az deployment group create --resource-group GROUP --template-file azuredeploy.json \
     --parameters workspace=WORKSPACE sender=OBJECT-ID-OF-THE-SERVICE-PRINCIPAL",
    "note its outputs endpoint, ruleId and stream: that is where --format sentinel is sent",
    "in Sentinel open the workbook tokentrail, and enable the analytics rules that begin with tokentrail",
];

pub(super) fn files() -> Vec<KitFile> {
    let workbook = workbook::workbook();
    let mut files = vec![
        text_file(
            "README.md",
            include_str!("../../kits/sentinel/README.md"),
            &[
                ("{columns}", &field_table(Sentinel::COLUMNS)),
                ("{additional}", &field_table(Sentinel::ADDITIONAL)),
                ("{queries}", &query_table()),
            ],
        ),
        json_file("azuredeploy.json", &template(&workbook)),
        json_file("workbook.json", &workbook),
    ];
    files.extend(QUERIES.iter().map(|(file, _, query)| text_file(format!("queries/{file}.kql"), query, &[])));
    files
}

fn query_table() -> String {
    let rows: Vec<String> =
        QUERIES.iter().map(|(file, title, _)| format!("| {title} | `queries/{file}.kql` |")).collect();
    format!("| question | query |\n|---|---|\n{}", rows.join("\n"))
}

/// What `az deployment group create` takes.
fn template(workbook: &Value) -> Value {
    let mut resources = vec![data_collection_rule(), role_of_sender()];
    resources.extend(rules::rules());
    resources.push(workbook::resource(workbook));
    resources.extend(QUERIES.iter().map(|(file, title, query)| saved_query(file, title, query)));
    let told = |property: &str| {
        let rule = "resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName'))";
        json!({ "type": "string", "value": format!("[reference({rule}, '{DCR_API}').{property}]") })
    };
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": concat!(env!("CARGO_PKG_VERSION"), ".0"),
        "metadata": { "description": "Findings of tokentrail in Microsoft Sentinel" },
        "parameters": parameters(),
        "resources": resources,
        "outputs": {
            "endpoint": told("endpoints.logsIngestion"),
            "ruleId": told("immutableId"),
            "stream": { "type": "string", "value": STREAM },
        },
    })
}

fn parameters() -> Value {
    let about = |text: &str| json!({ "description": text });
    json!({
        "workspace": {
            "type": "string",
            "metadata": about("The Log Analytics workspace that Sentinel is in; it is in this resource group"),
        },
        "location": {
            "type": "string",
            "defaultValue": "[resourceGroup().location]",
            "metadata": about("Region of the workspace"),
        },
        "ruleName": {
            "type": "string",
            "defaultValue": "tokentrail",
            "metadata": about("Name of the data collection rule"),
        },
        "sender": {
            "type": "string",
            "defaultValue": "",
            "metadata": about(
                "Object id of the service principal that sends findings; without it, give it the role Monitoring Metrics \
                 Publisher on the data collection rule yourself",
            ),
        },
        "enableRules": {
            "type": "bool",
            "defaultValue": false,
            "metadata": about("Whether the analytics rules run from the start"),
        },
    })
}

/// Takes rows in and puts them into the built-in table.
fn data_collection_rule() -> Value {
    let columns: Vec<Value> = Sentinel::COLUMNS
        .iter()
        .map(|column| json!({ "name": column.name, "type": column_type(column.kind) }))
        .collect();
    let mut streams = Map::new();
    streams.insert(STREAM.to_owned(), json!({ "columns": columns }));
    json!({
        "type": "Microsoft.Insights/dataCollectionRules",
        "apiVersion": DCR_API,
        "name": "[parameters('ruleName')]",
        "location": "[parameters('location')]",
        "kind": "Direct",
        "properties": {
            "description": "Findings of tokentrail",
            "streamDeclarations": streams,
            "destinations": { "logAnalytics": [{ "workspaceResourceId": WORKSPACE, "name": "workspace" }] },
            "dataFlows": [{
                "streams": [STREAM],
                "destinations": ["workspace"],
                "transformKql": "source",
                "outputStream": "Microsoft-ASimAlertEventLogs",
            }],
        },
    })
}

/// The types that a stream declaration knows.
fn column_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Address => "string",
        Kind::Whole => "int",
        Kind::Time => "datetime",
        Kind::Texts | Kind::Object => "dynamic",
    }
}

fn role_of_sender() -> Value {
    json!({
        "condition": "[not(empty(parameters('sender')))]",
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": "2022-04-01",
        "scope": "[concat('Microsoft.Insights/dataCollectionRules/', parameters('ruleName'))]",
        "name": format!("[guid(resourceGroup().id, parameters('ruleName'), parameters('sender'), '{PUBLISHER}')]"),
        "dependsOn": [DCR],
        "properties": {
            "roleDefinitionId": format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{PUBLISHER}')]"),
            "principalId": "[parameters('sender')]",
            "principalType": "ServicePrincipal",
        },
    })
}

fn saved_query(file: &str, title: &str, query: &str) -> Value {
    json!({
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "apiVersion": "2020-08-01",
        "name": format!("[concat(parameters('workspace'), '/tokentrail-{file}')]"),
        // Else a second deployment is refused: the query is there already.
        "etag": "*",
        "properties": {
            "category": "Hunting Queries",
            "displayName": format!("tokentrail: {title}"),
            "query": query,
            "version": 2,
        },
    })
}
