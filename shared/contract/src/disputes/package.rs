//! Evidence packages, in payloads of webhooks.

use crate::json::Json;
use crate::schema::{Time, Url, Uuid, names};
use domain::disputes::package::{FinishedPackage, PackageStatus};
use schemars::JsonSchema;
use serde::Serialize;

names! {
    /// The status of an evidence package.
    PackageStatusName = PackageStatus::ALL, PackageStatus::name;
}

/// Defines the package of a payload in one letter case.
macro_rules! package_json {
    ($name:ident, $case:literal) => {
        #[derive(Serialize, JsonSchema)]
        #[schemars(rename = "Package")]
        #[serde(rename_all = $case)]
        pub(crate) struct $name<'a> {
            #[schemars(with = "Uuid")]
            id: String,
            #[schemars(with = "Uuid")]
            dispute_id: String,
            #[schemars(with = "Uuid")]
            business_id: String,
            #[schemars(with = "PackageStatusName")]
            status: &'static str,
            #[schemars(with = "Option<Url>")]
            document_url: Option<&'a str>,
            #[schemars(with = "Time")]
            created_at: String,
        }

        impl<'a> $name<'a> {
            fn of(finished: &'a FinishedPackage) -> Self {
                let package = &finished.package;
                Self {
                    id: package.id.to_string(),
                    dispute_id: package.dispute.to_string(),
                    business_id: package.business.to_string(),
                    status: package.status.name(),
                    document_url: finished.document_url.as_deref(),
                    created_at: package.created_at.to_string(),
                }
            }
        }
    };
}

package_json!(CamelCasePackage, "camelCase");
package_json!(SnakeCasePackage, "snake_case");

/// Returns a finished package in camelCase.
pub(crate) fn camel_case_package_json(finished: &FinishedPackage) -> Json {
    Json::of(&CamelCasePackage::of(finished))
}

/// Returns a finished package in `snake_case`.
pub(crate) fn snake_case_package_json(finished: &FinishedPackage) -> Json {
    Json::of(&SnakeCasePackage::of(finished))
}
