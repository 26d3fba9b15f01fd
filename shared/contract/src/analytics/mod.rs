//! Analytics: KPI reports and visitor events.

pub(crate) mod kpi;
pub(crate) mod visitor_event;

pub use kpi::KpiQuery;
pub use visitor_event::{VisitorEventListQuery, VisitorEventRequest, shown_visitor_event_id};
