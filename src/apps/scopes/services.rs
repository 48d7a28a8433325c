//! Scopes of single services: analytics, marketing, bots, models, Data Cloud. No export shows their use, that of `wave_api`
//! excepted.

use super::Scope;
use crate::finding::Severity;

/// A service's scope, of which no export shows a use.
const SERVICE: Scope = Scope {
    parameter: None,
    metadata: &[],
    column: None,
    labels: &[],
    risk: Severity::Medium,
    permits: "",
    same_as: None,
    proven_by: &[],
};

pub(super) static SCOPES: &[Scope] = &[
    Scope {
        parameter: Some("wave_api"),
        metadata: &["Wave"],
        column: Some("OauthScopesWAVE_REST_API"),
        labels: &["Access Analytics REST API resources", "Access and manage your Wave data"],
        permits: "Datasets, queries and dashboards of CRM Analytics.",
        proven_by: &["REST wave"],
        ..SERVICE
    },
    Scope {
        parameter: Some("eclair_api"),
        metadata: &["Eclair"],
        column: Some("OauthScopesECLAIR_REST_API"),
        labels: &["Access Analytics REST API Charts Geodata resources", "Access and manage your Eclair data"],
        risk: Severity::Low,
        permits: "Geographic data for charts of CRM Analytics.",
        ..SERVICE
    },
    Scope {
        parameter: Some("pardot_api"),
        metadata: &["Pardot"],
        column: Some("OauthScopesPARDOT_API"),
        labels: &["Manage Pardot services"],
        permits: "All services of Marketing Cloud Account Engagement that the user can use.",
        ..SERVICE
    },
    Scope {
        parameter: Some("chatbot_api"),
        metadata: &["Chatbot"],
        column: Some("OauthScopesCHATBOT_API"),
        labels: &["Access chatbot services"],
        permits: "Conversations with bots and agents of the organisation.",
        ..SERVICE
    },
    Scope {
        parameter: Some("interaction_api"),
        metadata: &["Interaction"],
        column: Some("OauthScopesINTERACTION_API"),
        labels: &["Access Interaction API resources"],
        permits: "Resources of the Interaction API: messages that come in from outside.",
        ..SERVICE
    },
    Scope {
        parameter: Some("scrt_api"),
        metadata: &["SCRT"],
        column: Some("OauthScopesSCRT_API"),
        permits: "The messaging service of Service Cloud (SCRT).",
        ..SERVICE
    },
    Scope {
        parameter: Some("einstein_gpt_api"),
        metadata: &["EinsteinGPT"],
        column: Some("OauthScopesEINSTEIN_GPT_API"),
        permits: "Generative models of Einstein.",
        ..SERVICE
    },
    Scope {
        parameter: Some("sfap_api"),
        metadata: &["SFAP", "SFApiPlatform"],
        column: Some("OauthScopesSFAP_API"),
        labels: &["Access the Salesforce API Platform", "Access Salesforce API Platform"],
        permits: "Services of the Salesforce API Platform, agents and models among them.",
        ..SERVICE
    },
    Scope {
        parameter: Some("mcp_api"),
        metadata: &["MCP"],
        column: Some("OauthScopesMCP_API"),
        labels: &["Access Salesforce hosted MCP servers"],
        permits: "MCP servers that Salesforce hosts, and the records that their tools reach.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_api"),
        metadata: &["CDP"],
        column: Some("OauthScopesCDP_API"),
        labels: &["Access all Data Cloud API resources"],
        permits: "All APIs of Data Cloud.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_ingest_api"),
        metadata: &["CDPIngest"],
        column: Some("OauthScopesCDP_INGEST_API"),
        labels: &["Manage Data Cloud Ingestion API data", "Manage Customer Data Platform Ingestion API data"],
        permits: "Data that is brought into Data Cloud.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_profile_api"),
        metadata: &["CDPProfile"],
        column: Some("OauthScopesCDP_PROFILE_API"),
        labels: &["Manage Data Cloud profile data", "Manage Customer Data Platform profile data"],
        permits: "Profiles of people in Data Cloud.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_query_api"),
        metadata: &["CDPQuery"],
        column: Some("OauthScopesCDP_QUERY_API"),
        labels: &[
            "Perform ANSI SQL queries on Data Cloud data",
            "Perform ANSI SQL queries on Customer Data Platform data",
        ],
        permits: "SQL queries on all data of Data Cloud that the user can see.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_segment_api"),
        metadata: &["CDPSegment"],
        column: Some("OauthScopesCDP_SEGMENT_API"),
        labels: &["Perform segmentation on Data Cloud data"],
        permits: "Segments of people in Data Cloud.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_identityresolution_api"),
        metadata: &["CDPIdentityResolution"],
        column: Some("OauthScopesCDP_IDENTITYRESOLUTION_API"),
        labels: &["Manage Data Cloud Identity Resolution"],
        permits: "The rules by which Data Cloud takes profiles for one person.",
        ..SERVICE
    },
    Scope {
        parameter: Some("cdp_calculated_insight_api"),
        metadata: &["CDPCalculatedInsight"],
        column: Some("OauthScopesCDP_CALCULATED_INSIGHT_API"),
        labels: &["Manage Data Cloud Calculated Insight data"],
        permits: "Figures that Data Cloud calculates.",
        ..SERVICE
    },
    Scope {
        parameter: Some("data_cloud_user_claims"),
        metadata: &["DataCloudUserClaims"],
        column: Some("OauthScopesDATA_CLOUD_USER_CLAIMS"),
        permits: "Claims about the user for Data Cloud; no document at hand says more.",
        ..SERVICE
    },
    Scope {
        metadata: &["A2A"],
        permits: "Not documented in what is at hand: a word of metadata whose parameter no source gives.",
        ..SERVICE
    },
    Scope {
        metadata: &["CmdbDiscovery"],
        permits: "Not documented in what is at hand: a word of metadata whose parameter no source gives.",
        ..SERVICE
    },
    Scope {
        metadata: &["SemanticLayer"],
        permits: "Not documented in what is at hand: a word of metadata whose parameter no source gives.",
        ..SERVICE
    },
    Scope {
        column: Some("OauthScopesHUB_API"),
        permits: "Not documented in what is at hand: a column without a word of metadata and without a parameter.",
        ..SERVICE
    },
];
