//! The figures of a business: camelCase in the native contract, snake_case in LeadRescue's.

use crate::json::Json;
use crate::profile::profile;
use domain::Contract;
use domain::analytics::kpi::{DailyKpis, DayRange, KpiReport, SourceKpis};

/// The same shape in another spelling.
macro_rules! spelled {
    ($spelling:ident, $case:literal) => {
        mod $spelling {
            use super::{DailyKpis, DayRange, KpiReport, SourceKpis};
            use serde::Serialize;

            #[derive(Serialize)]
            #[serde(rename_all = $case)]
            pub(super) struct Kpis<'a> {
                range: String,
                from: String,
                to: String,
                leads: u64,
                messages_sent: u64,
                replies: u64,
                reply_rate: f64,
                converted: u64,
                conversion_rate: f64,
                opted_out: u64,
                median_first_reply_seconds: Option<u64>,
                by_source: Vec<OfSource<'a>>,
                by_day: Vec<OfDay>,
            }

            #[derive(Serialize)]
            #[serde(rename_all = $case)]
            struct OfSource<'a> {
                source: &'a str,
                leads: u64,
                converted: u64,
            }

            #[derive(Serialize)]
            #[serde(rename_all = $case)]
            struct OfDay {
                date: String,
                leads: u64,
                messages_sent: u64,
                replies: u64,
                converted: u64,
                opted_out: u64,
            }

            impl<'a> Kpis<'a> {
                pub(super) fn of(range: DayRange, figures: &'a KpiReport) -> Self {
                    let DailyKpis { leads, messages_sent, replies, converted, opted_out } = figures.all;
                    Self {
                        range: range.to_string(),
                        from: figures.from.to_string(),
                        to: figures.to.to_string(),
                        leads,
                        messages_sent,
                        replies,
                        reply_rate: figures.reply_rate,
                        converted,
                        conversion_rate: figures.conversion_rate,
                        opted_out,
                        median_first_reply_seconds: figures.median_first_reply_seconds,
                        by_source: figures
                            .by_source
                            .iter()
                            .map(|(source, SourceKpis { leads, converted })| OfSource {
                                source,
                                leads: *leads,
                                converted: *converted,
                            })
                            .collect(),
                        by_day: figures
                            .by_day
                            .iter()
                            .map(|(day, figures)| OfDay {
                                date: day.to_string(),
                                leads: figures.leads,
                                messages_sent: figures.messages_sent,
                                replies: figures.replies,
                                converted: figures.converted,
                                opted_out: figures.opted_out,
                            })
                            .collect(),
                    }
                }
            }
        }
    };
}

spelled!(camel, "camelCase");
spelled!(snake, "snake_case");

/// The figures of a range of days, as `contract` spells them.
pub fn kpis(contract: Contract, range: DayRange, figures: &KpiReport) -> Json {
    profile(contract).kpis(range, figures)
}

/// Returns a KPI report in camelCase.
pub(crate) fn camel_case_kpis(range: DayRange, figures: &KpiReport) -> Json {
    Json::of(&camel::Kpis::of(range, figures))
}

/// Returns a KPI report in snake_case.
pub(crate) fn snake_case_kpis(range: DayRange, figures: &KpiReport) -> Json {
    Json::of(&snake::Kpis::of(range, figures))
}
