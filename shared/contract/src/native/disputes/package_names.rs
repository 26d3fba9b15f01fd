//! Enumerations of packages, as schemas name them.

use crate::schema::names;
use domain::disputes::package::ShownAs;
use domain::disputes::package::network_profile::NetworkProfile;

names! {
    /// The profile of an evidence package: the card network or acquirer, the limits of which its document keeps.
    NetworkProfileName = NetworkProfile::ALL, NetworkProfile::name;
    /// The way in which a document shows an exhibit.
    ShownAsName = ShownAs::ALL, ShownAs::name;
}
