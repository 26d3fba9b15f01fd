//! The `analytics` function under Lambda.

use runtime::{Endpoint, House};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let gate = house.gate(&house.masters().await?)?;
    let router = analytics::routes().with(analytics::Analytics::new(gate));
    runtime::serve(Endpoint::new(router, house.clock)).await
}
