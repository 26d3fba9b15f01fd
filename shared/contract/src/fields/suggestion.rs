//! The field or parameter that a caller probably meant by an unknown one.

/// Names that different systems give the same thing, without case and punctuation.
const SYNONYMS: &[&[&str]] = &[
    &[
        "phone",
        "phonenumber",
        "phoneno",
        "telephone",
        "telephonenumber",
        "tel",
        "telefon",
        "telefono",
        "mobile",
        "mobilenumber",
        "mobilephone",
        "cell",
        "cellphone",
        "msisdn",
        "contactnumber",
        "whatsapp",
    ],
    &["email", "emailaddress", "mail", "mailaddress", "emailid", "correo"],
    &["name", "fullname", "customername", "contactname", "leadname", "displayname", "label", "title"],
    &["firstname", "givenname", "forename", "fname", "name", "fullname"],
    &["lastname", "surname", "familyname", "lname"],
    &["message", "comment", "comments", "note", "notes", "enquiry", "inquiry", "remarks", "body", "text"],
    &["serviceinterest", "service", "interest", "interestedin", "product", "servicetype"],
    &["source", "leadsource", "origin", "referrer"],
    &["utmcampaign", "campaign", "campaignname"],
    &["consentgiven", "optin", "gdpr", "gdprconsent", "marketingconsent", "marketingoptin", "subscribe", "newsletter"],
    &["consent", "optin", "gdprconsent", "marketingconsent", "marketingoptin"],
    &["attributes", "custom", "customfields", "metadata", "properties", "extra"],
    &["category", "type", "leadtype", "kind"],
    &["businessid", "business", "companyid", "accountid", "locationid"],
    &["brandid", "brand", "businessid"],
    &["visitorid", "visitor", "clientid", "sessionid"],
    &["carmodel", "car", "vehicle", "model"],
    &["eventtype", "type"],
    &["eventdate", "date"],
    &["amountcents", "amount", "cents", "value", "price", "total"],
    &["currency", "currencycode"],
    &["status", "state", "stage"],
    &["reason", "reasoncode"],
    &["evidencedueby", "duedate", "dueby", "deadline"],
    &["customerclaim", "claim"],
    &["occurredat", "date", "paidat", "timestamp"],
    &["timezone", "tz", "zone"],
    &["country", "countrycode"],
    &["url", "endpoint", "endpointurl", "callback", "callbackurl", "webhookurl", "targeturl", "uri"],
    &["events", "event", "eventtypes", "topics", "enabledevents", "types"],
    &["scopes", "scope", "permissions"],
    &["tier", "plan", "perminute", "perday", "ratelimit", "limits"],
    &["expiresat", "expires", "expiry", "expiration", "expirationdate", "validuntil", "ttl"],
    &["mode", "environment", "livemode"],
    &["contract", "api", "format"],
    &["leadid", "lead", "id"],
    &["templateid", "template"],
    &["channel", "via"],
    &["text", "body", "message", "content"],
    &["day", "delay", "days"],
    &["graceseconds", "grace", "graceperiod"],
    &["overlapseconds", "overlap"],
    &["since", "from", "start", "createdfrom"],
    &["until", "to", "end", "createdto"],
    &["createdfrom", "from", "since", "after", "start", "startdate", "createdafter", "createdgte", "datefrom"],
    &["createdto", "to", "until", "before", "end", "enddate", "createdbefore", "createdlte", "dateto"],
    &["limit", "pagesize", "perpage", "size", "count", "take", "maxresults"],
    &["cursor", "page", "offset", "nextcursor", "pagetoken", "nexttoken", "startingafter", "after"],
    &["webhookid", "subscriptionid", "endpointid"],
];

/// Shortest name that another one may contain by more than chance.
const MIN_CONTAINED_LENGTH: usize = 4;

/// Returns the one of the `known` names that was probably meant by `unknown`: the same in another spelling, a synonym,
/// the closest by edit distance, or one that it contains. Names may be paths with dots and indices.
pub(crate) fn likeliest<'a>(unknown: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let plain = plain(unknown);
    if plain.is_empty() {
        return None;
    }
    // The object that an unknown field is in was not meant by it.
    let is_around = |name: &&str| unknown.strip_prefix(*name).is_some_and(|rest| rest.starts_with(['.', '[']));
    let candidates: Vec<_> = known
        .filter(|name| !is_around(name) || unknown.ends_with("[]"))
        .map(|name| (name, self::plain(name)))
        .collect();
    let find = |matches: &dyn Fn(&str) -> bool| {
        candidates.iter().find(|(_, candidate)| matches(candidate)).map(|(name, _)| *name)
    };
    // Of several, the one that synonyms name first: `SYNONYMS` has the usual name of a thing at the front.
    let synonym = || {
        let groups = SYNONYMS.iter().filter(|group| group.contains(&plain.as_str()));
        groups.flat_map(|group| group.iter()).find_map(|name| find(&|candidate| candidate == *name))
    };
    let closest = || {
        let distance = |candidate: &str| strsim::osa_distance(&plain, candidate);
        let measured = candidates.iter().map(|(name, candidate)| (distance(candidate), name, candidate));
        let close = measured.filter(|(distance, _, candidate)| *distance <= max_distance(&plain, candidate));
        close.min_by_key(|(distance, ..)| *distance).map(|(_, name, _)| *name)
    };
    let contained = || {
        let contained = candidates.iter().filter(|(_, candidate)| {
            candidate.len() >= MIN_CONTAINED_LENGTH
                && (plain.contains(candidate.as_str())
                    || candidate.contains(&plain) && plain.len() >= MIN_CONTAINED_LENGTH)
        });
        contained.max_by_key(|(_, candidate)| candidate.len()).map(|(name, _)| *name)
    };
    find(&|candidate| candidate == plain).or_else(synonym).or_else(closest).or_else(contained)
}

/// Returns the name without case and punctuation, so that snake case, camel case and paths are the same.
fn plain(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns how many characters may differ in a misspelled name: one in three.
fn max_distance(unknown: &str, known: &str) -> usize {
    unknown.chars().count().min(known.chars().count()) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intended_name_is_found() {
        let known = [
            "name",
            "email",
            "phone",
            "message",
            "serviceInterest",
            "status",
            "source",
            "utm",
            "utm.source",
            "utm.medium",
            "consent",
            "consent.given",
            "createdFrom",
            "createdTo",
            "limit",
            "cursor",
            "tier",
            "scopes",
            "businessId",
            "steps[0].text",
        ];
        for (unknown, meant) in [
            ("Name", "name"),
            ("full_name", "name"),
            ("fullName", "name"),
            ("phoneNumber", "phone"),
            ("phone_number", "phone"),
            ("Phone Number", "phone"),
            ("customerPhone", "phone"),
            ("e-mail", "email"),
            ("emial", "email"),
            ("mail", "email"),
            ("contact_email", "email"),
            ("utm_source", "utm.source"),
            ("utmSource", "utm.source"),
            ("utm.sourc", "utm.source"),
            ("statu", "status"),
            ("status[]", "status"),
            ("createdfrom", "createdFrom"),
            ("created_to", "createdTo"),
            ("pageSize", "limit"),
            ("perMinute", "tier"),
            ("scope", "scopes"),
            ("business_id", "businessId"),
            ("marketing_opt_in", "consent.given"),
            ("service_interest", "serviceInterest"),
            ("mesage", "message"),
            ("steps[0].txt", "steps[0].text"),
        ] {
            assert_eq!(likeliest(unknown, known.into_iter()), Some(meant), "{unknown}");
        }
    }

    #[test]
    fn unlike_names_have_no_suggestion() {
        let known = ["name", "email", "phone", "tier", "utm", "utm.source", "file", "steps"];
        for unknown in ["", "-", "colour", "x", "gclid", "budget", "zip", "file.checksum", "steps[0].colour"] {
            assert_eq!(likeliest(unknown, known.into_iter()), None, "{unknown}");
        }
    }
}
