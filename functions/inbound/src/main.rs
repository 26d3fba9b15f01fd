//! The `inbound` function under Lambda.

use inbound::Inbound;
use runtime::{Endpoint, House};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let masters = house.masters().await?;
    let router = inbound::routes().with(Inbound::new(house.gate(&masters)?, masters));
    runtime::serve(Endpoint::new(router, house.clock)).await
}
