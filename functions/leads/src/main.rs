//! The `leads` function under Lambda.

use runtime::{Endpoint, House};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let gate = house.gate(&house.masters().await?)?;
    let router = leads::routes().with(leads::Leads::new(gate, house.blobs()?, house.timing()));
    runtime::serve(Endpoint::new(router, house.clock)).await
}
