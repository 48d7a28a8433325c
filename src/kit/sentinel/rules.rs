//! The analytics rules: incidents for grave findings, one for each app.

use serde_json::{Value, json};

struct Rule {
    /// Part of the resource's name, which is the same in every deployment into a workspace.
    file: &'static str,
    title: &'static str,
    about: &'static str,
    query: &'static str,
    /// How often it runs, and how much of `TimeGenerated` it looks at. What is new it tells by the time of ingestion.
    every: &'static str,
    over: &'static str,
}

const RULES: [Rule; 2] = [
    Rule {
        file: "critical",
        title: "tokentrail: critical finding",
        about: "A critical finding has come in. Incidents are grouped by app.",
        query: include_str!("../../../kits/sentinel/rules/critical.kql"),
        every: "PT5M",
        over: "P1DT23H",
    },
    Rule {
        file: "high",
        title: "tokentrail: high finding",
        about: "A finding of high severity has come in. Incidents are grouped by app.",
        query: include_str!("../../../kits/sentinel/rules/high.kql"),
        every: "PT1H",
        over: "P14D",
    },
];

pub(super) fn rules() -> impl Iterator<Item = Value> {
    RULES.iter().map(resource)
}

fn resource(rule: &Rule) -> Value {
    let id = format!("guid(resourceGroup().id, parameters('workspace'), 'tokentrail-{}')", rule.file);
    json!({
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "apiVersion": "2023-02-01",
        "name": format!("[concat(parameters('workspace'), '/Microsoft.SecurityInsights/', {id})]"),
        "kind": "Scheduled",
        "properties": {
            "displayName": rule.title,
            "description": rule.about,
            "enabled": "[parameters('enableRules')]",
            "severity": "High",
            "query": rule.query,
            "queryFrequency": rule.every,
            "queryPeriod": rule.over,
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "suppressionEnabled": false,
            "suppressionDuration": "PT5H",
            "eventGroupingSettings": { "aggregationKind": "AlertPerResult" },
            "alertDetailsOverride": {
                "alertDisplayNameFormat": "tokentrail: {{AlertName}}: {{App}}",
                "alertDescriptionFormat": "{{EventMessage}} Next: {{AttackRemediationSteps}}",
                "alertSeverityColumnName": "EventSeverity",
            },
            "customDetails": details(),
            "entityMappings": entities(),
            "incidentConfiguration": { "createIncident": true, "groupingConfiguration": by_app() },
        },
    })
}

/// What an alert shows beside its text, from which column.
fn details() -> Value {
    json!({
        "App": "App",
        "FindingId": "EventUid",
        "Detector": "RuleName",
        "Score": "ThreatRiskLevel",
        "Techniques": "AttackTechniques",
        "NextStep": "AttackRemediationSteps",
        "Token": "Token",
        "Organisation": "UserScopeId",
    })
}

fn entities() -> Value {
    let field = |identifier: &str, column: &str| json!({ "identifier": identifier, "columnName": column });
    json!([
        { "entityType": "Account", "fieldMappings": [field("FullName", "Account")] },
        { "entityType": "IP", "fieldMappings": [field("Address", "DvcIpAddr")] },
        {
            "entityType": "CloudApplication",
            "fieldMappings": [field("Name", "CloudApp"), field("InstanceName", "UserScopeId")],
        },
    ])
}

/// Alerts of one app within a week are one incident; without an app, those of one account.
fn by_app() -> Value {
    json!({
        "enabled": true,
        "reopenClosedIncident": false,
        "lookbackDuration": "P7D",
        "matchingMethod": "Selected",
        "groupByEntities": [],
        "groupByAlertDetails": [],
        "groupByCustomDetails": ["App"],
    })
}
