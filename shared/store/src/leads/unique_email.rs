//! The unique e-mail index: which leads of a business have an e-mail address.
//!
//! There is one entry for each business and address, an item whose key holds the salted hash of the address. Its
//! *members* are the leads that have the address, each written as its creation time and id, so that the set sorts by
//! time and the first member is the oldest lead.
//!
//! The index is complete: every lead with an address joins its entry in the same transaction that stores the lead, in
//! every contract. Only so can a contract that rejects duplicates rely on it, without reading anything first. To keep
//! it complete, everything that changes which leads have an address must go through this module:
//!
//! - A new lead **joins** ([`UniqueEmailIndex::join`]), or **takes** an entry that has no members yet
//!   ([`UniqueEmailIndex::take`]).
//! - An erased lead leaves its entry ([`Store::release_email`]); a lead whose address changes leaves one entry and
//!   joins another ([`Store::move_email`]). The rest of the members stay, and the next one is then the first.
//!
//! Joining adds to a set and needs no knowledge of the entry. All other changes replace the entry as it was read; they
//! require that its nonce, which every write renews, is still the same, and fail with [`Condition::EmailIndexEntry`]
//! otherwise.
//!
//! Leads expire by time and not by a write, so an entry may name leads that no longer exist: members are ignored from
//! the time on at which their lead expires, and the entry itself expires with its last member. An entry holds at most
//! [`MAX_MEMBERS`]; a further lead is stored without joining, and the index does not know it.

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_text, number, text};
use crate::table::key_schema::{self as keys, Key, TTL};
use crate::table::pagination::Position;
use crate::table::write::{NONCE, Table, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::digest;
use domain::leads::contact::Email;
use domain::{BusinessId, Environment, Lead, LeadId, Timestamp, retention};

/// Attribute: the members of an entry, a string set of positions.
const MEMBERS: &str = "leads";

/// Maximum number of members of an entry: as many as fit into 1 KB, one write unit.
const MAX_MEMBERS: usize = 16;

/// The entry of one address in a business: where it is.
pub(crate) struct UniqueEmailIndex {
    key: Key,
    environment: Environment,
}

/// An entry as it was read.
#[derive(Clone, Debug)]
pub(crate) struct IndexEntry {
    /// The members, the oldest lead first.
    members: Vec<String>,
    /// The nonce of the last write.
    nonce: String,
}

/// Returns a lead as its index entry names it: the milliseconds of its creation, `#`, and its id.
pub(crate) fn member(lead: &Lead) -> String {
    Position::new(lead.created_at, &lead.id.simple()).as_str().to_owned()
}

/// Returns the lead that a member names, and when it expires.
fn parse_member(member: &str) -> Option<(LeadId, Timestamp)> {
    let (millis, id) = member.split_once('#')?;
    Some((LeadId::parse(id)?, retention::lead_expires_at(Timestamp::from_millis(millis.parse().ok()?))))
}

/// Returns the lead that a member names, unless it has expired.
fn unexpired_lead(member: &str, now: Timestamp) -> Option<LeadId> {
    let (id, expires_at) = parse_member(member)?;
    // As in `is_expired`: the time to live counts whole seconds.
    (expires_at.seconds() > now.seconds()).then_some(id)
}

impl IndexEntry {
    /// Reads an entry.
    pub(crate) fn read(item: &Item) -> Self {
        let mut members = item.get(MEMBERS).and_then(|members| members.as_ss().ok()).cloned().unwrap_or_default();
        members.sort_unstable();
        Self { members, nonce: get_text(item, NONCE).unwrap_or_default().to_owned() }
    }

    /// Returns the leads that have not expired, the oldest first.
    fn leads(&self, now: Timestamp) -> impl Iterator<Item = LeadId> {
        self.members.iter().filter_map(move |member| unexpired_lead(member, now))
    }
}

impl UniqueEmailIndex {
    /// Returns the entry of `email` in a business.
    pub(crate) fn new(environment: Environment, business: BusinessId, email: &Email) -> Self {
        let digest = digest(&[b"e-mail", environment.tenant.bytes(), email.normalized().as_bytes()]);
        Self { key: keys::unique_email(environment, business, &digest), environment }
    }

    /// Returns the entry of a lead's address; `None` if it has none.
    pub(crate) fn of_lead(environment: Environment, lead: &Lead) -> Option<Self> {
        lead.email.as_ref().map(|email| Self::new(environment, lead.business, email))
    }

    /// Returns where the entry is stored.
    pub(crate) fn into_key(self) -> Key {
        self.key
    }

    /// Returns the write by which a lead that is created at `now` joins the entry; it fails only if that is full.
    pub(crate) fn join(&self, member: &str, now: Timestamp) -> Write {
        let has_room = format!("attribute_not_exists({MEMBERS}) OR size({MEMBERS}) < :max");
        Write::set(&self.key, format!("#ttl = :ttl ADD {MEMBERS} :member"))
            .require(Condition::EmailIndexEntry, has_room)
            .name("#ttl", TTL)
            .value(":ttl", number(retention::lead_expires_at(now).seconds()))
            .value(":member", AttributeValue::Ss(vec![member.to_owned()]))
            .value(":max", number(MAX_MEMBERS))
    }

    /// Returns the write by which a lead joins the entry that was `seen`, without expired members; it fails if the
    /// entry has changed since. `None` if the entry is full of unexpired ones.
    pub(crate) fn join_seen(&self, member: &str, seen: Option<&IndexEntry>, now: Timestamp) -> Option<Write> {
        let others = seen.map(|entry| entry.members.as_slice()).unwrap_or_default();
        let mut members: Vec<_> = others.iter().filter(|other| unexpired_lead(other, now).is_some()).cloned().collect();
        if members.len() >= MAX_MEMBERS {
            return None;
        }
        members.push(member.to_owned());
        Some(self.replace(members, seen))
    }

    /// Returns the write by which a lead becomes the only member of the entry that was `seen`; it fails if any lead has
    /// joined since.
    pub(crate) fn take(&self, member: &str, seen: Option<&IndexEntry>) -> Write {
        self.replace(vec![member.to_owned()], seen)
    }

    /// Returns the check that a lead is a member.
    pub(crate) fn check_member(&self, member: &str) -> Write {
        Write::check(&self.key)
            .require(Condition::EmailIndexEntry, format!("contains({MEMBERS}, :member)"))
            .value(":member", text(member))
    }

    /// Returns the write by which a lead leaves the entry that was `seen`; `None` if it is not a member.
    fn leave(&self, member: &str, seen: &IndexEntry, now: Timestamp) -> Option<Write> {
        if !seen.members.iter().any(|other| other == member) {
            return None;
        }
        let others =
            seen.members.iter().filter(|other| *other != member && unexpired_lead(other, now).is_some()).cloned();
        Some(self.replace(others.collect(), Some(seen)))
    }

    /// Returns the write that replaces the members of the entry that was `seen`. The entry expires with its last
    /// member; without members it is deleted.
    fn replace(&self, members: Vec<String>, seen: Option<&IndexEntry>) -> Write {
        let expires_at =
            members.iter().filter_map(|member| parse_member(member)).map(|(_, expires_at)| expires_at).max();
        let write = match expires_at {
            None => Write::delete(&self.key),
            Some(expires_at) => {
                let mut item = self.key.expiring_at(expires_at);
                item.insert(MEMBERS.to_owned(), AttributeValue::Ss(members));
                Write::put(Table::Main, item)
            }
        };
        match seen {
            Some(entry) => write
                .require(Condition::EmailIndexEntry, format!("{NONCE} = :seen"))
                .value(":seen", text(&*entry.nonce)),
            None => write.require_absent_as(Condition::EmailIndexEntry),
        }
    }
}

impl Store {
    async fn email_index_entry(&self, index: &UniqueEmailIndex) -> Result<Option<IndexEntry>, StoreError> {
        Ok(self.item(&index.key).await?.as_ref().map(IndexEntry::read))
    }

    /// Reads the first member of an entry that still exists and has this address.
    pub(crate) async fn first_lead_with_email(
        &self,
        index: &UniqueEmailIndex,
        entry: &IndexEntry,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<Lead>, StoreError> {
        for id in entry.leads(now) {
            let found = self.lead(index.environment, id, now).await?.map(|found| found.lead);
            let has_email = |lead: &Lead| lead.email.as_ref().is_some_and(|own| own.is_same(email));
            if let Some(lead) = found.filter(has_email) {
                return Ok(Some(lead));
            }
        }
        Ok(None)
    }

    /// Returns the write by which `lead` leaves the entry of its address, to be committed in one transaction with the
    /// write that erases the lead. `None` if it has no address, or is not a member.
    ///
    /// The write fails with [`Condition::EmailIndexEntry`] if the entry has changed since: call this again then.
    pub async fn release_email(
        &self,
        environment: Environment,
        lead: &Lead,
        now: Timestamp,
    ) -> Result<Option<Write>, StoreError> {
        let Some(index) = UniqueEmailIndex::of_lead(environment, lead) else { return Ok(None) };
        let seen = self.email_index_entry(&index).await?;
        Ok(seen.and_then(|seen| index.leave(&member(lead), &seen, now)))
    }

    /// Returns the writes by which a lead whose address changes leaves one entry and joins another, to be committed in
    /// one transaction with the change. None if the address stays the same.
    ///
    /// They fail with [`Condition::EmailIndexEntry`] if an entry has changed since: call this again then.
    pub async fn move_email(
        &self,
        environment: Environment,
        old: &Lead,
        new: &Lead,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let unchanged = match (&old.email, &new.email) {
            (Some(old), Some(new)) => old.is_same(new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if unchanged {
            return Ok(Vec::new());
        }
        let join = async {
            let Some(index) = UniqueEmailIndex::of_lead(environment, new) else { return Ok(None) };
            let seen = self.email_index_entry(&index).await?;
            Ok::<_, StoreError>(index.join_seen(&member(new), seen.as_ref(), now))
        };
        let (leave, join) = tokio::join!(self.release_email(environment, old, now), join);
        Ok(leave?.into_iter().chain(join?).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(leads: &[(i64, u8)]) -> IndexEntry {
        let member = |(millis, byte): &(i64, u8)| {
            let id = LeadId::derived(&[&[*byte]]).simple();
            Position::new(Timestamp::from_millis(*millis), &id).as_str().to_owned()
        };
        let item = Item::from([(MEMBERS.to_owned(), AttributeValue::Ss(leads.iter().map(member).collect()))]);
        IndexEntry::read(&item)
    }

    #[test]
    fn the_oldest_lead_is_first_until_it_expires() {
        let day = 24 * 60 * 60 * 1_000;
        let (early, late) = (1_780_000_000_000, 1_780_000_000_000 + day);
        let entry = entry(&[(late, 2), (early, 1)]);
        let [first, second] = [1, 2].map(|byte| LeadId::derived(&[&[byte]]));
        let ids = |now: Timestamp| entry.leads(now).collect::<Vec<_>>();
        assert_eq!(ids(Timestamp::from_millis(late)), [first, second]);
        let expires_at = retention::lead_expires_at(Timestamp::from_millis(early));
        assert_eq!(ids(Timestamp::from_millis(expires_at.millis() - 1_000)), [first, second]);
        assert_eq!(ids(expires_at), [second]);
        assert_eq!(ids(Timestamp::from_millis(expires_at.millis() + day)), []);
    }
}
