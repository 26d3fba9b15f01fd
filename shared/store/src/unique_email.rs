//! The e-mail mark: which leads of a business have an address, the first of them first.
//!
//! An item under world, business and the address's salted hash. Every lead with an e-mail address joins its mark in
//! the transaction that stores it, so that none can be missed; where a second lead is not taken, the transaction holds
//! only if nobody has joined. Whoever leaves, by erasure or with another address, leaves the mark to the others, and
//! whose time is over counts no more: the next one is then the first.

use crate::Store;
use crate::commit::{NONCE, Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, get_text, number, text};
use crate::keys::{self, Key, TTL};
use crate::list::Position;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::digest;
use domain::leads::contact::Email;
use domain::{BusinessId, Environment, Lead, LeadId, Timestamp, retention};

/// The attribute that holds the leads: a set of positions, so that text order is order of coming.
const LEADS: &str = "leads";

/// Leads that a mark knows at most: what a kilobyte holds. Further ones of the same address are stored as all are, and
/// come to be known only where one of the others has left by then.
const MOST: usize = 16;

/// The place of a mark.
pub(crate) struct UniqueEmailIndex {
    key: Key,
    environment: Environment,
}

/// A mark as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// In order of their coming.
    leads: Vec<String>,
    /// Changes with every write.
    version: String,
}

/// A lead as its mark knows it.
pub(crate) fn own(lead: &Lead) -> String {
    Position::new(lead.created_at, &lead.id.simple()).as_str().to_owned()
}

/// The lead that stands in a mark, and when its time is over.
fn read(own: &str) -> Option<(LeadId, Timestamp)> {
    let (millis, id) = own.split_once('#')?;
    Some((LeadId::parse(id)?, retention::lead_expires_at(Timestamp::from_millis(millis.parse().ok()?))))
}

/// The lead that stands in a mark, unless its time is over.
fn live(own: &str, now: Timestamp) -> Option<LeadId> {
    let (id, expires_at) = read(own)?;
    (expires_at.seconds() > now.seconds()).then_some(id)
}

impl Mark {
    /// The mark that an item is.
    pub(crate) fn read(item: &Item) -> Self {
        let mut leads = item.get(LEADS).and_then(|leads| leads.as_ss().ok()).cloned().unwrap_or_default();
        leads.sort_unstable();
        Self { leads, version: get_text(item, NONCE).unwrap_or_default().to_owned() }
    }

    /// Its leads, the first one first, without those whose time is over.
    pub(crate) fn live(&self, now: Timestamp) -> impl Iterator<Item = LeadId> {
        self.leads.iter().filter_map(move |own| live(own, now))
    }
}

impl UniqueEmailIndex {
    /// Where it lies.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// The mark of `email` in a business.
    pub(crate) fn new(environment: Environment, business: BusinessId, email: &Email) -> Self {
        let address = digest(&[b"e-mail", environment.tenant.bytes(), email.normalized().as_bytes()]);
        Self { key: keys::unique_email(environment, business, &address), environment }
    }

    /// The mark of a lead's address, if it has one.
    pub(crate) fn of(environment: Environment, lead: &Lead) -> Option<Self> {
        lead.email.as_ref().map(|email| Self::new(environment, lead.business, email))
    }

    /// Joins after whoever is there, as a lead that is made at `now`; fails only where the mark is full.
    pub(crate) fn join(&self, own: &str, now: Timestamp) -> Write {
        Write::set(&self.key, format!("#ttl = :ttl ADD {LEADS} :own"))
            .require(Condition::EmailIndexEntry, format!("attribute_not_exists({LEADS}) OR size({LEADS}) < :most"))
            .name("#ttl", TTL)
            .value(":ttl", number(retention::lead_expires_at(now).seconds()))
            .value(":own", AttributeValue::Ss(vec![own.to_owned()]))
            .value(":most", number(MOST))
    }

    /// Joins what was seen, without those whose time is over; `None` where it is full of others. Fails where the mark
    /// has changed since.
    pub(crate) fn join_seen(&self, own: &str, seen: Option<&Mark>, now: Timestamp) -> Option<Write> {
        let others = seen.map(|mark| mark.leads.as_slice()).unwrap_or_default();
        let mut leads: Vec<_> = others.iter().filter(|own| live(own, now).is_some()).cloned().collect();
        if leads.len() >= MOST {
            return None;
        }
        leads.push(own.to_owned());
        Some(self.replace(leads, seen))
    }

    /// Takes the mark for itself; fails where anybody has joined since it was seen.
    pub(crate) fn take(&self, own: &str, seen: Option<&Mark>) -> Write {
        self.replace(vec![own.to_owned()], seen)
    }

    /// Fails where the lead has left. Writes nothing.
    pub(crate) fn still_has(&self, own: &str) -> Write {
        Write::check(&self.key)
            .require(Condition::EmailIndexEntry, format!("contains({LEADS}, :own)"))
            .value(":own", text(own))
    }

    /// Leaves what was seen to the others.
    fn leave(&self, own: &str, seen: &Mark, now: Timestamp) -> Option<Write> {
        if !seen.leads.iter().any(|other| other == own) {
            return None;
        }
        let others = seen.leads.iter().filter(|other| *other != own && live(other, now).is_some());
        Some(self.replace(others.cloned().collect(), Some(seen)))
    }

    /// Puts these leads in the place of what was seen, for as long as the last of them is kept; a mark without leads
    /// is none.
    fn replace(&self, leads: Vec<String>, seen: Option<&Mark>) -> Write {
        let write = match leads.iter().filter_map(|own| read(own)).map(|(_, expires_at)| expires_at).max() {
            None => Write::delete(&self.key),
            Some(last) => {
                let ttl = (TTL.to_owned(), number(last.seconds()));
                let item = Item::from([(LEADS.to_owned(), AttributeValue::Ss(leads)), ttl]);
                Write::put(Table::Main, self.key.with(item))
            }
        };
        match seen {
            Some(mark) => write
                .require(Condition::EmailIndexEntry, format!("{NONCE} = :seen"))
                .value(":seen", text(&*mark.version)),
            None => write.require(Condition::EmailIndexEntry, "attribute_not_exists(pk)"),
        }
    }
}

impl Store {
    async fn unique_email(&self, mark: &UniqueEmailIndex) -> Result<Option<Mark>, StoreError> {
        let found = self.item(&mark.key).await?;
        Ok(found.as_ref().map(Mark::read))
    }

    /// The first lead in a mark that is there and has this address.
    pub(crate) async fn first_lead(
        &self,
        mark: &UniqueEmailIndex,
        seen: &Mark,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<Lead>, StoreError> {
        for id in seen.live(now) {
            let found = self.lead(mark.environment, id, now).await?.map(|found| found.lead);
            let same = |lead: &Lead| lead.email.as_ref().is_some_and(|own| own.is_same(email));
            if let Some(lead) = found.filter(same) {
                return Ok(Some(lead));
            }
        }
        Ok(None)
    }

    /// The write by which `lead` leaves the mark of its address to the other leads that have it, to be committed in
    /// one transaction with what ends the lead. None where the lead has no address, or its mark does not know it. It
    /// fails where the mark has changed since: ask for it anew then.
    pub async fn release_email(
        &self,
        environment: Environment,
        lead: &Lead,
        now: Timestamp,
    ) -> Result<Option<Write>, StoreError> {
        let Some(mark) = UniqueEmailIndex::of(environment, lead) else { return Ok(None) };
        let seen = self.unique_email(&mark).await?;
        Ok(seen.and_then(|seen| mark.leave(&own(lead), &seen, now)))
    }

    /// The writes by which a lead whose address changes from `old` to `new` leaves one mark and joins the other, to be
    /// committed with the change. None where the address stays the same; they fail where a mark has changed since.
    pub async fn move_email(
        &self,
        environment: Environment,
        old: &Lead,
        new: &Lead,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let stays = match (&old.email, &new.email) {
            (Some(old), Some(new)) => old.is_same(new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if stays {
            return Ok(Vec::new());
        }
        let joined = async {
            let Some(mark) = UniqueEmailIndex::of(environment, new) else { return Ok(None) };
            let seen = self.unique_email(&mark).await?;
            Ok::<_, StoreError>(mark.join_seen(&own(new), seen.as_ref(), now))
        };
        let (left, joined) = tokio::join!(self.release_email(environment, old, now), joined);
        Ok(left?.into_iter().chain(joined?).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(leads: &[(i64, u8)]) -> Mark {
        let own = |(millis, byte): &(i64, u8)| {
            let id = LeadId::derived(&[&[*byte]]).simple();
            Position::new(Timestamp::from_millis(*millis), &id).as_str().to_owned()
        };
        let item = Item::from([(LEADS.to_owned(), AttributeValue::Ss(leads.iter().map(own).collect()))]);
        Mark::read(&item)
    }

    #[test]
    fn the_first_lead_is_first_until_its_time_is_over() {
        let day = 24 * 60 * 60 * 1_000;
        let (early, late) = (1_780_000_000_000, 1_780_000_000_000 + day);
        let mark = mark(&[(late, 2), (early, 1)]);
        let [first, second] = [1, 2].map(|byte| LeadId::derived(&[&[byte]]));
        let ids = |now: Timestamp| mark.live(now).collect::<Vec<_>>();
        assert_eq!(ids(Timestamp::from_millis(late)), [first, second]);
        let over = retention::lead_expires_at(Timestamp::from_millis(early));
        assert_eq!(ids(Timestamp::from_millis(over.millis() - 1_000)), [first, second]);
        assert_eq!(ids(over), [second]);
        assert_eq!(ids(Timestamp::from_millis(over.millis() + day)), []);
    }
}
