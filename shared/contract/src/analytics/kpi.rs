//! KPI reports in camelCase and `snake_case`, and the query parameters that select them.

use crate::fields::text_format;
use crate::json::Json;
use crate::query::Query;
use domain::BusinessId;
use domain::analytics::kpi::{DailyKpis, DayRange, KpiReport, SourceKpis};

/// The query parameters of a KPI report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KpiQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Range of days, the default if the request has none.
    pub range: DayRange,
}

/// Reads the parameter `range`.
pub(crate) fn range_parameter(query: &mut Query) -> DayRange {
    query.optional("range", text_format::day_range()).unwrap_or_default()
}

/// Defines a module with the KPI report in one letter case; both have the same fields.
macro_rules! kpi_report_json {
    ($module:ident, $case:literal) => {
        pub(crate) mod $module {
            use super::{DailyKpis, DayRange, KpiReport, SourceKpis};
            use crate::schema::Date;
            use schemars::JsonSchema;
            use serde::Serialize;

            #[derive(Serialize, JsonSchema)]
            #[schemars(rename = "KpiReport")]
            #[serde(rename_all = $case)]
            pub(crate) struct KpiReportJson<'a> {
                range: String,
                #[schemars(with = "Date")]
                from: String,
                #[schemars(with = "Date")]
                to: String,
                leads: u64,
                messages_sent: u64,
                replies: u64,
                reply_rate: f64,
                converted: u64,
                conversion_rate: f64,
                opted_out: u64,
                median_first_reply_seconds: Option<u64>,
                by_source: Vec<SourceJson<'a>>,
                by_day: Vec<DayJson>,
            }

            #[derive(Serialize, JsonSchema)]
            #[schemars(rename = "SourceKpis")]
            #[serde(rename_all = $case)]
            struct SourceJson<'a> {
                source: &'a str,
                leads: u64,
                converted: u64,
            }

            #[derive(Serialize, JsonSchema)]
            #[schemars(rename = "DailyKpis")]
            #[serde(rename_all = $case)]
            struct DayJson {
                #[schemars(with = "Date")]
                date: String,
                leads: u64,
                messages_sent: u64,
                replies: u64,
                converted: u64,
                opted_out: u64,
            }

            impl<'a> KpiReportJson<'a> {
                pub(super) fn of(range: DayRange, report: &'a KpiReport) -> Self {
                    let DailyKpis { leads, messages_sent, replies, converted, opted_out } = report.all;
                    Self {
                        range: range.to_string(),
                        from: report.from.to_string(),
                        to: report.to.to_string(),
                        leads,
                        messages_sent,
                        replies,
                        reply_rate: report.reply_rate,
                        converted,
                        conversion_rate: report.conversion_rate,
                        opted_out,
                        median_first_reply_seconds: report.median_first_reply_seconds,
                        by_source: report
                            .by_source
                            .iter()
                            .map(|(source, SourceKpis { leads, converted })| SourceJson {
                                source,
                                leads: *leads,
                                converted: *converted,
                            })
                            .collect(),
                        by_day: report
                            .by_day
                            .iter()
                            .map(|(day, report)| DayJson {
                                date: day.to_string(),
                                leads: report.leads,
                                messages_sent: report.messages_sent,
                                replies: report.replies,
                                converted: report.converted,
                                opted_out: report.opted_out,
                            })
                            .collect(),
                    }
                }
            }
        }
    };
}

kpi_report_json!(camel_case, "camelCase");
kpi_report_json!(snake_case, "snake_case");

/// Returns a KPI report in camelCase.
pub(crate) fn camel_case_kpi_report_json(range: DayRange, report: &KpiReport) -> Json {
    Json::of(&camel_case::KpiReportJson::of(range, report))
}

/// Returns a KPI report in `snake_case`.
pub(crate) fn snake_case_kpi_report_json(range: DayRange, report: &KpiReport) -> Json {
    Json::of(&snake_case::KpiReportJson::of(range, report))
}
