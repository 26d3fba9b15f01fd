//! Reading the counters of a range of days.

use crate::analytics::kpi::layout::{ITEMS_PER_PERIOD, parse_attribute, sort_key};
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::error::StoreError;
use crate::table::item::get_text;
use crate::table::key_schema::{self as keys, SK};
use crate::table::query::Source;
use domain::analytics::kpi::{Counter, Day, KpiAccumulator};
use domain::{BusinessId, Environment};

impl Store {
    /// Adds the counters of `businesses` on the days of `accumulator` to it: one query for each business, concurrently.
    pub async fn accumulate_kpis(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        mut accumulator: KpiAccumulator,
    ) -> Result<KpiAccumulator, StoreError> {
        let range = (sort_key(accumulator.first(), 0), sort_key(accumulator.last(), ITEMS_PER_PERIOD - 1));
        let read = businesses.iter().map(|business| self.kpi_counters(environment, *business, &range));
        for counters in join_bounded(read).await {
            for (day, counter, count) in counters? {
                accumulator.add(day, counter, count);
            }
        }
        Ok(accumulator)
    }

    /// Reads all counters of a business in a range of items. The stream is behind what happened anyway, so that
    /// eventually consistent reads, at half the cost, lose nothing.
    async fn kpi_counters(
        &self,
        environment: Environment,
        business: BusinessId,
        (from, to): &(String, String),
    ) -> Result<Vec<(Day, Counter, u64)>, StoreError> {
        let query = self
            .query(Source::Table, keys::kpi_counters(environment, business))
            .eventually_consistent()
            .sort_key_between(from, to);
        let mut counters = Vec::new();
        for item in query.all().await? {
            let Some((month, _)) = get_text(&item, SK).and_then(|sort_key| sort_key.split_once('#')) else { continue };
            counters.extend(item.iter().filter_map(|(name, value)| {
                let (day, counter) = parse_attribute(month, name)?;
                Some((day, counter, value.as_n().ok()?.parse().ok()?))
            }));
        }
        Ok(counters)
    }
}
