//! Operations on analytics.

use crate::analytics::kpi::camel_case::KpiReportJson;
use crate::analytics::kpi::camel_case_kpi_report_json;
use crate::examples::{NOW, business};
use crate::json::Json;
use crate::native::profile::Native;
use crate::operation::{Access, Operation};
use crate::profile::ContractProfile;
use domain::Scope;
use domain::analytics::kpi::{Counter, Day, DayRange, KpiAccumulator, ReplyTimeBucket};

fn report() -> Json {
    let today = Day::of(NOW, &business().time_zone);
    let range = DayRange::parse("2d").unwrap_or_default();
    let mut kpis = KpiAccumulator::new(range.first(today), today);
    for (counter, count) in [
        (Counter::Leads("WEB_FORM".to_owned()), 48),
        (Counter::Leads("FACEBOOK".to_owned()), 12),
        (Counter::Converted("WEB_FORM".to_owned()), 6),
        (Counter::MessagesSent, 90),
        (Counter::Replies, 27),
        (Counter::FirstReplies(ReplyTimeBucket::containing(38 * 60)), 21),
        (Counter::OptedOut, 2),
    ] {
        kpis.add(today, counter, count);
    }
    camel_case_kpi_report_json(range, &kpis.report())
}

/// Returns every operation on analytics.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/analytics/kpis", "getKpis", Access::Scope(Scope::AnalyticsRead))
            .texts(
                "Analytics",
                "Retrieve the KPIs",
                "Returns the KPIs of the last days, today included: of one business, or of all that the key may see. \
                 Each business counts by days of its own time zone. The counters trail the changes by seconds.",
            )
            .parameters(|query| {
                Native.parse_kpi_query(query);
            })
            .json::<KpiReportJson<'_>>(200, "The KPIs.", report())
            .errors(&[404]),
    ]
}
