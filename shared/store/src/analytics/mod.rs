//! Visitor events, and the KPI counters of each business.

mod kpi;
mod visitor_event;
