//! Analytics: KPIs and visitor events.

pub mod kpi;
pub mod visitor_event;
